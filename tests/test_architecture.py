"""The import law of the house (DESIGN §5), held against the syntax tree of every module.

A module imports only from floors below its own, or what stands earlier in its own floor's list; doors never import
each other; annexes see floors 0 and 1 only. Lazy imports and those under TYPE_CHECKING count like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "clock", "disk", "digest", "color", "language", "font", "layout", "addresses", "artifact"),
    ("secrecy", "validation", "document", "formatting", "schema_files", "templating", "settings", "answer"),
    ("inputs", "operation", "recipe", "parsing", "fingerprint", "plan", "changes", "records", "uses", "starters"),
    ("novita", "operations", "store", "workspace", "pages"),
    ("engine",),
    ("report",),
    ("cli",),
)
DOORS = 3
ANNEXES = {"emulator", "schemagen"}

ONLY_IN = {
    "yaml": {"document"},
    "jsonschema": {"validation"},
    "jinja2": {"templating"},
    "httpx": {"novita.client", "pages"},
    "PIL": {"artifact", "operations", "emulator"},
    "click": {"cli"},
    "rich": {"report.console"},
    "uvicorn": {"emulator"},
    "sqlite3": {"store"},
    "filelock": {"workspace"},
    "ttf_opensans": {"font"},
}
"""One outside thing, one module (or one room)."""


def floor_of(room: str) -> int:
    """The floor that a room stands on; annexes see no further than floor 1, so they stand just above it."""
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def objection(importer: str, imported: str) -> str | None:
    """Why one room of the house may not import another, or None."""
    if importer == imported or imported == "__init__":
        return None
    if importer in ANNEXES:
        if imported in ANNEXES or floor_of(imported) > 1:
            return "an annex sees floors 0 and 1 only"
        return None
    if imported in ANNEXES:
        return None if importer == "cli" else "only the street opens an annex"
    above, below = floor_of(importer), floor_of(imported)
    if above == below == DOORS:
        return "doors never import each other"
    if below > above:
        return f"floor {above} imports from floor {below}"
    rooms = FLOORS[above]
    if above == below and rooms.index(imported) > rooms.index(importer):
        return "it stands later in its own floor's list"
    return None


def imports(tree: ast.Module, package: str) -> Iterator[tuple[str, int]]:
    """Every module that a syntax tree names in an import, absolute, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{package}:{node.lineno}: imports are absolute here"
            assert node.module is not None
            if node.module == "runner":
                yield from ((f"runner.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


def room_of(file: Path) -> str:
    """The room of a module: the first part of its name below the package."""
    return file.relative_to(ROOT / "runner").with_suffix("").parts[0]


MODULES = [file for file in sorted((ROOT / "runner").rglob("*.py")) if "_data" not in file.parts]


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_module_imports_only_what_stands_below_it(file: Path) -> None:
    """No module of the house looks upwards or sideways."""
    room = room_of(file)
    if room == "__init__":
        return
    tree = ast.parse(file.read_text(encoding="utf-8"))
    wrong = []
    for name, line in imports(tree, str(file)):
        parts = name.split(".")
        if parts[0] == "runner" and len(parts) > 1 and parts[1] != "__version__":
            why = objection(room, parts[1])
            if why:
                wrong.append(f"{file.relative_to(ROOT)}:{line} imports {name}: {why}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_outside_libraries_come_in_through_one_door(file: Path) -> None:
    """Each library of ONLY_IN is imported where it belongs and nowhere else."""
    dotted = ".".join(file.relative_to(ROOT / "runner").with_suffix("").parts)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    wrong = []
    for name, line in imports(tree, str(file)):
        allowed = ONLY_IN.get(name.split(".")[0])
        if allowed is not None and not any(dotted == each or dotted.startswith(f"{each}.") for each in allowed):
            wrong.append(f"{file.relative_to(ROOT)}:{line} imports {name}, which belongs to {sorted(allowed)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_environment_and_terminal_stay_in_their_rooms(file: Path) -> None:
    """`os.environ` is read in settings alone, and nothing prints."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        named = [node.attr] if isinstance(node, ast.Attribute) else []
        named += [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if {"environ", "getenv"} & {*named}:
            assert room_of(file) == "settings", f"{file.name} reads the environment"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{file.name}:{node.lineno} prints"


def test_every_room_has_its_place() -> None:
    """A new room is put on a floor before it is used."""
    rooms = {room_of(file) for file in MODULES} - {"__init__"}
    placed = {room for rooms in FLOORS for room in rooms} | ANNEXES
    assert rooms == placed


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("errors", "plan"),
        ("document", "recipe"),
        ("plan", "engine"),
        ("digest", "artifact"),
        ("novita", "store"),
        ("store", "workspace"),
        ("pages", "novita"),
        ("schemagen", "pages"),
        ("emulator", "novita"),
        ("emulator", "operation"),
        ("schemagen", "emulator"),
        ("engine", "emulator"),
        ("engine", "report"),
        ("report", "cli"),
    ],
)
def test_the_law_goes_red(importer: str, imported: str) -> None:
    """The law itself refuses what it must refuse: a lower room that imports a higher one, a door, an annex."""
    assert objection(importer, imported) is not None


def test_a_hidden_import_is_seen() -> None:
    """An import inside a function, or for types only, is an import."""
    source = "def f():\n    from runner.cli import main\nif TYPE_CHECKING:\n    import runner.engine.run\n"
    assert [name for name, _ in imports(ast.parse(source), "x")] == ["runner.cli", "runner.engine.run"]
