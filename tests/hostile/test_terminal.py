"""Nothing that others wrote reaches a terminal raw: not from recipes, file names, schemas, settings, or a host.

A character that is not seen can do much there: clear the screen, rename the window, turn the writing direction, hide a
word. Each is planted wherever it can stand, every command is run, and every character of what it printed is looked at.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.command import environment, retouch, served
from tests.hostile.confinement import Room
from tests.pictures import plain
from tests.terminal import typed

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b2J\r\b"
"""Names the window, clears the screen, paints it red, and goes back to overwrite."""
TURNS = "\u202eevil\u202c\u2066\u2069\u200f\u061c"
HIDDEN = "\u200b\u200d\u2060\ufeff\u00ad\u180e\ufff9\u2028\u2029\x85\U000e0041"
PLANTED = ESCAPES + TURNS + HIDDEN
IN_A_FILE_NAME = PLANTED.replace("/", "")
IN_JSON = json.dumps(PLANTED)[1:-1]
ESCAPED = IN_JSON.replace("\\udb40\\udc41", "\\U000e0041")
"""As it is written in a text with double quotes, in YAML and TOML."""
VISIBLE = (
    TURNS.translate(dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])) + "\u200b\u200d\u2060\u00ad\u180e"
)
"""What YAML lets stand as it is."""

RECIPE = f"""\
recipe: 1
title: "Title {ESCAPED}"
description: "About {ESCAPED}"
inputs:
  photo: {{type: image, help: "Help {ESCAPED}", default: "p{ESCAPED}.png"}}
  word: {{type: text, help: "Help {ESCAPED}", default: "Word {ESCAPED}"}}
  pick: {{type: choice, options: ["one {ESCAPED}", two], default: "one {ESCAPED}"}}
model: own-model
seed: 1
steps:
  - name: first
    prompt: "Say {{{{ word }}}} {{{{ pick }}}} {ESCAPED}"
    settings: {{mood: "sad {ESCAPED}"}}
  - name: words
    text: {{text: "{{{{ word }}}}", size: 20}}
"""
WRONG = f"""\
recipe: 1
tit{VISIBLE}le: x
inputs:
  photo: {{type: image, default: "{ESCAPED}"}}
  word: {{type: text, default: "{ESCAPED}", max_length: 2}}
model: "own{ESCAPED}"
steps:
  - name: "first{ESCAPED}"
    prompt: "{{{{ wo{VISIBLE}rd }}}} {{{{ 'x' | up{VISIBLE} }}}}"
    settings: {{"mo{ESCAPED}od": 1, mood: "happy {ESCAPED}"}}
    from: "no{ESCAPED}ne"
    when: "wo{VISIBLE}rd"
  - name: second
    convert: {{format: "gi{ESCAPED}f"}}
"""
SCHEMA = {
    "type": "object",
    "required": ["prompt", "image"],
    "additionalProperties": False,
    "description": f"Schema {PLANTED}",
    "properties": {
        "prompt": {"type": "string", "description": f"Prompt {PLANTED}"},
        "image": {"type": "string", "description": f"Image {PLANTED}"},
        "mood": {"type": "string", "enum": [f"sad {PLANTED}", "glad"], "description": f"Mood {PLANTED}"},
        f"odd{PLANTED}": {"type": "string", "default": PLANTED},
    },
    "x-retouch": {
        "title": f"Model {PLANTED}",
        "path": "/v3/async/own-model",
        "source": f"https://docs.example/{PLANTED}",
    },
}


def unseen(told: str) -> set[str]:
    """Characters of a text that a reader cannot see, other than line ends."""
    return {char for char in told if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {"\n"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace in which everything is hostile but the working of it."""
    home = tmp_path / "home"
    (home / "schemas" / "models").mkdir(parents=True)
    (home / ".retouch").mkdir()
    (home / "schemas" / "models" / "own-model.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (home / "retouch.toml").write_text("[prices]\nown-model = 0.01\n", encoding="utf-8")
    (home / RIGHT).write_text(RECIPE, encoding="utf-8")
    (home / BAD).write_text(WRONG, encoding="utf-8")
    (home / f"p{IN_A_FILE_NAME}.png").write_bytes(plain(64, 48))
    (home / f"q{IN_A_FILE_NAME}.png").write_bytes(b"GIF8")
    return home


RIGHT, BAD = f"right{IN_A_FILE_NAME}.yaml", f"wrong{IN_A_FILE_NAME}.yaml"


def commands() -> Iterator[tuple[str, ...]]:
    """Every command that meets what others wrote."""
    for recipe in (RIGHT, BAD, f"none{PLANTED}.yaml"):
        yield "validate", recipe
        yield "validate", recipe, "--format", "json"
        yield "validate", recipe, "--format", "github"
        yield "plan", recipe
        yield "plan", recipe, "--json"
        yield "plan", recipe, "--prompts"
        yield "plan", recipe, "--graph"
        yield "plan", recipe, "--graph", "mermaid"
        yield "explain", recipe
        yield "fmt", "--check", recipe
        yield "run", recipe, "-o", "out"
        yield "run", recipe, "-o", "out", "--json"
        yield "journal", "--in", recipe
    for value in (f"photo=q{IN_A_FILE_NAME}.png", f"photo={PLANTED}", f"{PLANTED}=1", PLANTED, f"word{PLANTED}=x"):
        yield "plan", RIGHT, "-i", value
    yield "plan", RIGHT, "-i", f"photo=https://photos.example/{PLANTED}"
    yield "plan", RIGHT, "-i", f"photo=https://photos.example/{PLANTED}", "--allow-url"
    yield "plan", RIGHT, "-i", f"pick={PLANTED}"
    for option in ("--provider", "--seed", "--max-cost", "-o", f"--x{PLANTED}"):
        yield "run", RIGHT, option, PLANTED
    yield ("models",)
    yield "models", "own-model"
    yield "models", f"own-model{PLANTED}"
    yield "models", "--json"
    yield "schemas", "add", f"page{PLANTED}.md"
    yield "schemas", "check"
    yield "journal", "resolve", "1", "adopt", PLANTED
    yield "journal", "resolve", PLANTED, "skip"
    yield "new", f"new{PLANTED}", "--yes"
    yield (f"comm{PLANTED}and",)
    yield "emulator", "--faults", f"{PLANTED}.yaml"


@pytest.mark.parametrize("words", [*commands()], ids=lambda words: ascii(" ".join(words))[1:60])
def test_nothing_unseen_is_printed(room: Room, home: Path, words: tuple[str, ...]) -> None:
    """Whatever a command makes of it, a reader sees every character of the answer."""
    ended = room.run(*words, cwd=home)
    assert ended.code in {0, 1, 2, 5}, ended.told
    assert ended.told
    assert not unseen(ended.told)


@pytest.mark.parametrize("setting", ["NOVITA_BASE_URL", "RETOUCH_PROVIDER", "NOVITA_API_KEY"])
def test_nothing_unseen_of_the_environment(room: Room, home: Path, setting: str) -> None:
    """What is set is quoted, where it is wrong, as it can be seen."""
    env = {"NOVITA_API_KEY": "a-key-for-this-test-only", "RETOUCH_PROVIDER": "novita", setting: f"x{ESCAPES}{TURNS}"}
    ended = room.run("run", RIGHT, cwd=home, env=env)
    assert ended.code in {2, 4, 5}, ended.told
    assert not unseen(ended.told)


def test_nothing_unseen_of_the_settings_file(room: Room, home: Path) -> None:
    """An unknown key of retouch.toml is quoted."""
    (home / "retouch.toml").write_text(f'"key {ESCAPED}" = "{ESCAPED}"\n["table {ESCAPED}"]\nx = 1\n', encoding="utf-8")
    ended = room.run("plan", RIGHT, cwd=home)
    assert ended.told
    assert not unseen(ended.told)


def _json(body: str) -> str:
    """A body in JSON, in the single quotes in which YAML leaves it as it stands."""
    return f"'{body.replace('PLANTED', IN_JSON)}'"


REFUSAL, BROKEN = '{"code": 400, "reason": "X PLANTED", "message": "PLANTED"}', '{"error": {"message": "PLANTED"}}'
NAMED, FAILED = '{"task_id": "PLANTED"}', '{"task": {"status": "TASK_STATUS_FAILED", "reason": "PLANTED"}}'
ANSWERS: Mapping[str, str] = {
    "words of a refusal": f"on: submit, answer: {{status: 400, body: {_json(REFUSAL)}}}",
    "a refusal without JSON": f'on: submit, answer: {{status: 422, body: "{ESCAPED}"}}',
    "words in doubt": f"on: submit, answer: {{status: 500, body: {_json(BROKEN)}}}",
    "a task's name": f"on: submit, answer: {{status: 200, body: {_json(NAMED)}}}",
    "the reason of a failed task": f"on: poll, answer: {{status: 200, body: {_json(FAILED)}}}",
    "a link": f'on: poll, link: "https://10.0.0.1/{ESCAPED}"',
    "a header": f'on: download, answer: {{status: 200, body: "{ESCAPED}", headers: {{Content-Type: text/html}}}}',
}


@pytest.mark.parametrize("fault", ANSWERS.values(), ids=ANSWERS)
def test_nothing_unseen_of_a_host(room: Room, home: Path, fault: str) -> None:
    """The words of a host, in the run, in the journal after it, and in what the next run says."""
    (home / "faults.yaml").write_text(f"faults:\n  - {{{fault}}}\n", encoding="utf-8")
    commands = [
        ("run", RIGHT, "-o", "out"),
        ("journal",),
        ("journal", "--all"),
        ("journal", "--costs"),
        ("plan", RIGHT),
    ]
    with served("--faults", "faults.yaml", cwd=home) as address:
        env = {"NOVITA_API_KEY": "a-key-for-this-test-only", "NOVITA_BASE_URL": address, "RETOUCH_PROVIDER": "novita"}
        for words in commands:
            ended = room.run(*words, cwd=home, env=env)
            assert ended.code in {0, 1, 2, 3, 5}, ended.told
            assert not unseen(ended.told), words
    assert "first" in ended.told


def test_nothing_unseen_at_a_terminal(home: Path) -> None:
    """The same where colours and progress are shown: the only sequences are those of the screen's own library."""
    for words in (("plan", RIGHT), ("run", RIGHT, "-o", "out"), ("validate", BAD), ("explain", RIGHT)):
        screen = typed(*words, answers=[], cwd=home)
        for planted in ("\x1b]0;", "\x1b[2J", "\x9b", "\b", *TURNS.replace("evil", ""), *HIDDEN):
            assert planted not in screen.text, words


def test_the_search_finds_what_it_looks_for() -> None:
    """Every character that was planted is one that the search would find, and is kept by the way to it."""
    assert unseen(PLANTED) == {char for char in PLANTED if not char.isprintable()}
    assert len(unseen(PLANTED)) >= 20
    assert environment({"X": ESCAPES})["X"] == ESCAPES
    assert retouch("--version", cwd=Path.cwd()).returncode == 0
