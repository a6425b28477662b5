"""The free local edits, one module per verb, and the dict in which every one of them stands.

Importing this package loads no image library: params can be checked without it, and apply() brings it in. To add an
operation, write a module with the five names of runner.operation.Operation and put it into OPERATIONS.
"""

from __future__ import annotations

from runner.operation import Operation
from runner.operations import convert, crop, overlay, pad, resize, text

OPERATIONS: dict[str, Operation] = {each.NAME: each for each in (resize, crop, pad, overlay, text, convert)}
"""Every built-in operation by its verb, in the order in which authors meet them."""
