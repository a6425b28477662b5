"""Where words go: how wide they may be there, and standard output, whose troubles are told in words: a full disk behind
a redirection is no fault of ours."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from runner.errors import OutOfReach


def width(stream: TextIO | None) -> int | None:
    """How many letters a line of this stream has room for; None where lines may have any length: in files and pipes."""
    return shutil.get_terminal_size().columns if stream is not None and stream.isatty() else None


class _Worded:
    """A stream that raises OutOfReach when it cannot be written. That nobody reads any more stays BrokenPipeError."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.failed = False

    def write(self, text: str) -> int:
        with self._words():
            return self._stream.write(text)

    def flush(self) -> None:
        with self._words():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextlib.contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            self.failed = True
            raise OutOfReach(f"standard output cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def worded() -> Iterator[None]:
    """Within, writing to standard output raises OutOfReach instead of OSError."""
    stream = sys.stdout
    if stream is None:  # closed by who started us
        yield
        return
    output: Any = _Worded(stream)
    sys.stdout = output
    try:
        yield
    finally:
        if sys.stdout is output:  # else it was given up meanwhile
            # what a broken one still holds would be tried once more when the process ends, and change its exit code
            sys.stdout = None if output.failed else stream
