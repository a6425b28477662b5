"""The built-in font: Open Sans Regular, for words on pictures when nobody gave a font file.

It has Latin with all accents of Europe and Vietnam, Greek, Cyrillic and typographic signs, and comes as plain data in
the package `ttf-opensans` (Apache License 2.0), so that every machine draws the same letters.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.util import find_spec, module_from_spec

_PACKAGE = "ttf_opensans"


@cache
def built_in() -> bytes:
    """The font as a TrueType file. Raises ModuleNotFoundError when its package is not installed."""
    spec = find_spec(_PACKAGE)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {_PACKAGE!r}", name=_PACKAGE)
    # The module is made but never run: its code would load the image library, and only its data is wanted.
    return (files(module_from_spec(spec)) / "ttf" / "OpenSans-Regular.ttf").read_bytes()
