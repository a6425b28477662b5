"""Templates see the inputs and nothing else: no file, no environment, no clock, no chance."""

from __future__ import annotations

import json
from pathlib import Path

import jinja2
import pytest

from runner import templating
from runner.templating.sandbox import FILTERS, TESTS, Sandbox
from tests.command import retouch, run_json
from tests.pictures import plain

RECIPE = """\
recipe: 1
inputs:
  photo: {type: image, default: photo.png}
  word: {type: text, default: " Straße 7 "}
  count: {type: number, default: 2.675}
  dark: {type: boolean, default: true}
model: flux-1-kontext-dev
seed: 1
steps:
  - name: warm
    when: dark and word is string
    prompt: |
      {{ word | upper }}{{ word | lower }}{{ word | title }}{{ word | capitalize }}{{ word | trim | length }}
      {{ word | replace("7", word) }}{{ [word, count, dark] | join("-") }}{{ word | default("x") }}
      {{ count | round(2) }}{{ count | int }}{{ -count | abs }}{{ "4.50" | float }}{{ count * 3 // 2 }}
      {{ count | string }}
      {% if count is number and 4 is even and 3 is odd and 9 is divisibleby(3) %}yes{% else %}no{% endif %}
"""


def prompt(folder: Path, **env: str) -> str:
    """The prompt that `retouch plan` would send, in such an environment."""
    told = retouch("plan", "r.yaml", "--json", cwd=folder, env=env)
    assert told.returncode == 0, told.stderr
    found: str = json.loads(told.stdout)["steps"][0]["requests"][0]["prompt"]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "photo.png").write_bytes(plain(8, 8))
    return tmp_path


def test_a_prompt_is_the_same_in_every_process(folder: Path) -> None:
    """Whatever the time zone, the language, the order of sets, the home and the day are."""
    first = prompt(folder, PYTHONHASHSEED="1", TZ="UTC", LANG="C", HOME="/")
    second = prompt(folder, PYTHONHASHSEED="2", TZ="Pacific/Kiritimati", LANG="tr_TR.UTF-8", HOME=str(folder))
    assert first == second
    assert "STRASSE 7" in first


def test_what_was_planned_is_what_is_sent(folder: Path) -> None:
    """Between plan and run, no letter of a prompt changes."""
    planned = prompt(folder)
    run_json("r.yaml", "-o", "out", cwd=folder)
    record = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["items"][0]["steps"][0]["request"]["prompt"] == planned


def test_nothing_but_what_is_listed_is_there() -> None:
    """No name, filter or test of jinja2's own, no loader, no extension: what it learns anew is not there."""
    sandbox = Sandbox()
    assert sandbox.globals == {}
    assert set(sandbox.filters) == set(FILTERS)
    assert set(sandbox.tests) == set(TESTS)
    assert sandbox.loader is None
    assert sandbox.extensions == {}
    assert not any(word.does in {*jinja2.filters.FILTERS.values()} for word in FILTERS.values())


@pytest.mark.parametrize("name", sorted({*jinja2.filters.FILTERS} - {*FILTERS}))
def test_no_other_filter_is_known(name: str) -> None:
    """Each filter of the library that is not ours: the ones that draw, print, grow, or reach into things."""
    (problem,) = templating.check(f"{{{{ 'a' | {name} }}}}", {})
    assert "there is no filter" in problem.message


@pytest.mark.parametrize("name", sorted(each for each in {*jinja2.tests.TESTS} - {*TESTS} if each.isidentifier()))
def test_no_other_test_is_known(name: str) -> None:
    """The same for tests."""
    (problem, *_) = templating.check(f"{{{{ 1 if 'a' is {name} else 2 }}}}", {})
    assert problem.hint


@pytest.mark.parametrize(
    "name", [*jinja2.defaults.DEFAULT_NAMESPACE, "self", "context", "environ", "loop", "__builtins__"]
)
def test_no_global_name_is_known(name: str) -> None:
    """What templates elsewhere can call: ranges, dictionaries, random words."""
    (problem,) = templating.check(f"{{{{ {name} }}}}", {})
    assert "there is no input" in problem.message


def test_a_value_is_never_a_template(folder: Path) -> None:
    """What a caller gives is data, braces and all."""
    told = retouch("plan", "r.yaml", "--json", "-i", "word={{ count }}{% if %}", cwd=folder)
    assert told.returncode == 0, told.stderr
    assert "{{ count }}{% if %}" in json.loads(told.stdout)["steps"][0]["requests"][0]["prompt"]
