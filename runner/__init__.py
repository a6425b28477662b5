"""retouch: runs image-editing recipes. The map of this package is runner/README.md."""

__version__ = "0.1.0"
