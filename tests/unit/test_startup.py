"""What a command does not need, it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.command import ROOT, environment

HEAVY = ["PIL", "httpx", "rich", "uvicorn", "sqlite3"]


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (["--help"], [*HEAVY, "jsonschema", "jinja2", "yaml"]),
        (["--version"], [*HEAVY, "jsonschema", "jinja2", "yaml"]),
        (["validate", "pipelines/product-hero.yaml"], HEAVY),
    ],
    ids=lambda words: words[0],
)
def test_what_is_not_imported(words: list[str], unwanted: list[str]) -> None:
    """`--help` loads no reader, and `validate` no network and no image library."""
    program = (
        "import sys\nfrom runner.cli.main import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit as stop:\n"
        "    assert stop.code == 0, stop.code\nprint(' '.join(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert loaded & set(unwanted) == set()
