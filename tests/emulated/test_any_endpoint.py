"""Any endpoint, the whole command: a workspace's own schemas, one for each shape that pages have, run to the end.

The schemas are small and made by hand. The emulator's ledger is the judge: as many submits as were accepted, no body
twice, and nothing at all for the second run.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.command import COMMAND, environment, ledger, retouch, run_json, served

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
WHOLE = {"type": "integer"}
SEED = {"type": "integer", "minimum": -1, "maximum": 2147483647}


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return found | ({"required": list(required)} if required else {})


@dataclass(frozen=True)
class Shape:
    """One kind of endpoint, and what a step that uses it says; `STEP` stands for the step above."""

    request: Mapping[str, Any]
    response: Mapping[str, Any] | None
    step: str = "prompt: Snow falls."
    sync: bool = True
    path: str = ""
    pictures: int = 1
    """How many the last step makes."""


TASK = obj(task_id=TEXT)
ONE_FILE = obj(image_file=TEXT, image_type=TEXT)
SHAPES: Mapping[str, Shape] = {
    "task, one picture as text": Shape(obj("prompt", "image", prompt=TEXT, image=TEXT, seed=SEED), TASK, sync=False),
    "task, list without limit or type": Shape(
        obj("prompt", prompt=TEXT, images={"type": "array"}, seed=SEED), TASK, sync=False
    ),
    "task, picture and mask": Shape(
        obj("image", "mask", mask=TEXT, image=TEXT, prompt=TEXT, seed=SEED),
        TASK,
        "prompt: Remove it., from: [STEP, photo]",
        sync=False,
    ),
    "task, nested below request and extra": Shape(
        obj(
            "request",
            extra=obj(response_image_type={"type": "string", "enum": ["png", "jpeg"]}),
            request=obj(
                "prompt",
                "image_base64",
                prompt=TEXT,
                image_base64=TEXT,
                image_num={"type": "integer", "minimum": 1, "maximum": 4},
                seed=SEED,
            ),
        ),
        TASK,
        "prompt: Snow., settings: {request: {image_num: 2}, extra: {response_image_type: png}}",
        sync=False,
        pictures=2,
    ),
    "task, nested below input": Shape(
        obj("input", input=obj("prompt", prompt=TEXT, images=TEXTS, seed=SEED)), TASK, sync=False
    ),
    "task, no prompt": Shape(
        obj("image", image=TEXT, resolution={"type": "string", "enum": ["2k", "4k"]}),
        TASK,
        "settings: {resolution: 2k}",
        sync=False,
    ),
    "task named deeper": Shape(obj("prompt", prompt=TEXT, images=TEXTS), obj(task=obj(task_id=TEXT)), sync=False),
    "at once, list of links": Shape(obj("prompt", prompt=TEXT, images=TEXTS, seed=SEED), obj(images=TEXTS)),
    "at once, links or base64": Shape(
        obj("prompt", prompt=TEXT, image=TEXT, response_format={"type": "string", "enum": ["url", "b64_json"]}),
        obj(image_urls=TEXTS, binary_data_base64=TEXTS),
        "prompt: Snow., settings: {response_format: b64_json}",
    ),
    "at once, one file": Shape(obj("image_file", image_file=TEXT), ONE_FILE, ""),
    "at once, two files": Shape(
        obj("image_file", "face_image_file", face_image_file=TEXT, image_file=TEXT),
        ONE_FILE,
        "from: [STEP, photo]",
    ),
    "at once, objects": Shape(
        obj("prompt", prompt=TEXT, images=TEXTS, image_num={"type": "integer", "maximum": 4}, seed=SEED),
        obj(
            task=obj(task_id=TEXT),
            images={"type": "array", "items": obj(image_url=TEXT, image_url_ttl=WHOLE, image_type=TEXT)},
        ),
        "prompt: Snow., settings: {image_num: 3}",
        pictures=3,
    ),
    "at once, data": Shape(
        obj("prompt", prompt=TEXT, image=TEXT), obj(data={"type": "array", "items": obj(url=TEXT, b64_json=TEXT)})
    ),
    "at once, page silent": Shape(obj("prompt", prompt=TEXT, image=TEXT), None),
    "at once, parameters of the address": Shape(
        obj(
            "prompt",
            "style",
            prompt=TEXT,
            image=TEXT,
            style={"type": "string", "enum": ["oil", "ink"], "x-in": "path"},
            fast={"type": "boolean", "x-in": "query"},
        ),
        obj(images=TEXTS),
        "prompt: Snow., settings: {style: ink, fast: true}",
        path="/v3/{style}/paint",
    ),
}


PRICE = 0.25


def slug(name: str) -> str:
    """What the shape's model is called, and the beginning of its steps' names."""
    return re.sub(r"[^a-z]+", "-", name)


def home_of(folder: Path, shapes: Mapping[str, Shape]) -> Path:
    """A workspace with the schemas of these shapes, a photo, and a recipe with two steps for each: the photo is edited,
    and what came of it once more."""
    models = folder / "schemas" / "models"
    models.mkdir(parents=True)
    (folder / ".retouch").mkdir()
    lines, prices = ["recipe: 1", "inputs: {photo: {type: image}}", "seed: 3", "steps:"], ["[prices]"]
    for name, shape in shapes.items():
        model = slug(name)
        about = {"title": name, "method": "POST", "path": shape.path or f"/v3/{model}", "sync": shape.sync}
        schema = {"title": name, **shape.request, "x-retouch": about | {"response": shape.response}}
        (models / f"{model}.json").write_text(json.dumps(schema), encoding="utf-8")
        prices.append(f"{model} = {PRICE}")
        for end, above in (("-a", "photo"), ("-b", f"{model}-a")):
            more = (shape.step if "from:" in shape.step else f"from: STEP, {shape.step}").replace("STEP", above)
            lines.append(f"  - {{name: {model}{end}, model: {model}, {more.removesuffix(', ')}}}")
    (folder / "retouch.toml").write_text("\n".join([*prices, ""]), encoding="utf-8")
    (folder / "r.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    photo = Image.new("RGB", (320, 240), (200, 60, 40))
    photo.paste((40, 60, 200), (0, 0, 160, 240))
    photo.save(folder / "photo.jpg")
    return folder


@dataclass(frozen=True)
class Ran:
    """The same recipe run twice in one workspace."""

    home: Path
    first: Mapping[str, Any]
    second: Mapping[str, Any]

    def steps(self, name: str) -> list[Mapping[str, Any]]:
        """The steps of one shape in the first run."""
        (item,) = self.first["items"]
        return [step for step in item["steps"] if step["step"] in {f"{slug(name)}-a", f"{slug(name)}-b"}]


def run_twice(home: Path, env: Mapping[str, str] | None = None) -> Ran:
    words = ("r.yaml", "-i", "photo=photo.jpg", "-o")
    return Ran(home, run_json(*words, "one", cwd=home, env=env), run_json(*words, "two", cwd=home, env=env))


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Every shape, on the emulator in the command's own process."""
    return run_twice(home_of(tmp_path_factory.mktemp("rehearsed"), SHAPES))


@pytest.fixture(scope="module")
def over_sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ran, Mapping[str, Any]]]:
    """Every shape, on a served emulator, with its ledger after both runs."""
    home = home_of(tmp_path_factory.mktemp("sockets"), SHAPES)
    with served("--latency", "0.05", cwd=home) as address:
        ran = run_twice(home, {"NOVITA_API_KEY": "test", "NOVITA_BASE_URL": address})
        yield ran, ledger(address)


@pytest.mark.parametrize("name", SHAPES)
def test_an_endpoint_of_any_shape_runs_from_its_schema_alone(name: str, rehearsed: Ran) -> None:
    """Two steps in a row, the second edits what the first gave; every picture is whole and another one."""
    steps = rehearsed.steps(name)
    assert [step["status"] for step in steps] == ["done", "done"]
    paths = [rehearsed.home / path for step in steps for path in step["outputs"]]
    assert len(paths) == 2 * SHAPES[name].pictures
    assert len({path.read_bytes() for path in paths}) == len(paths)
    for path in paths:
        with Image.open(path) as image:
            image.load()


@pytest.mark.parametrize("name", SHAPES)
def test_an_endpoint_of_any_shape_is_asked_once_for_each_step(
    name: str, over_sockets: tuple[Ran, Mapping[str, Any]]
) -> None:
    """Over real sockets; where the answer is the result nothing is polled."""
    ran, told = over_sockets
    assert [step["status"] for step in ran.steps(name)] == ["done", "done"]
    lines = [line for line in told["tasks"] if line["model"] == slug(name)]
    assert [line["label"] for line in lines] == [f"{slug(name)}-a", f"{slug(name)}-b"]
    assert [line["images"] for line in lines] == [SHAPES[name].pictures] * 2
    assert all((line["polls"] == 0) is SHAPES[name].sync for line in lines)


def test_submits_are_those_accepted_and_the_second_run_sends_none(
    over_sockets: tuple[Ran, Mapping[str, Any]], rehearsed: Ran
) -> None:
    """The ledger's totals after two runs are those of one, and so is the bill."""
    ran, told = over_sockets
    totals = told["totals"]
    assert totals["submits"] == totals["accepted"] == ran.first["requests"]["submits"] == 2 * len(SHAPES)
    assert [totals[each] for each in ("repeated", "refused", "unauthorized", "leaks", "unknown")] == [0] * 5
    assert ran.first["cost"]["paid"] == sum(2 * PRICE * shape.pictures for shape in SHAPES.values())
    assert ran.second["cost"]["paid"] == 0
    for each in (ran, rehearsed):
        assert each.second["requests"] == {"submits": 0, "polls": 0, "downloads": 0}
        assert [step["status"] for step in each.second["items"][0]["steps"]] == ["done"] * 2 * len(SHAPES)


def test_the_same_recipe_sends_the_same_bodies_from_another_workspace(tmp_path: Path) -> None:
    """Byte for byte, as far as the models can be told to make the same again."""
    shapes = {name: each for name, each in SHAPES.items() if name in {"at once, list of links", "at once, one file"}}
    env = {"NOVITA_API_KEY": "test"}
    homes = [home_of(tmp_path / each, shapes) for each in ("here", "there")]
    with served("--latency", "0", cwd=homes[0]) as address:
        for home in homes:
            run_json("r.yaml", "-i", "photo=photo.jpg", cwd=home, env=env | {"NOVITA_BASE_URL": address})
        totals = ledger(address)["totals"]
    assert (totals["accepted"], totals["repeated"]) == (8, 4)


def test_a_refusal_costs_nothing_and_is_told(tmp_path: Path) -> None:
    """Nothing is accepted, nothing billed, and nothing sent for the step below."""
    name = "at once, list of links"
    home = home_of(tmp_path, {name: SHAPES[name]})
    with served("--key", "another", cwd=home) as address:
        env = {"NOVITA_API_KEY": "test", "NOVITA_BASE_URL": address}
        answer = run_json("r.yaml", "-i", "photo=photo.jpg", cwd=home, env=env, code=4)
        assert answer["cost"]["paid"] == 0
        totals = ledger(address)["totals"]
        assert (totals["submits"], totals["accepted"], totals["refused"]) == (1, 0, 1)


def test_the_emulator_tells_what_it_serves(tmp_path: Path) -> None:
    """Its front page names every model of the workspace with method and path."""
    name = "at once, parameters of the address"
    home = home_of(tmp_path, {name: SHAPES[name]})
    with served(cwd=home) as address, urllib.request.urlopen(address, timeout=20) as answer:
        told = answer.read().decode()
    assert any(line.split()[:3] == [slug(name), "POST", "/v3/{style}/paint"] for line in told.splitlines())


LINKS = "at once, list of links"


def begun(home: Path, env: Mapping[str, str], address: str, *more: str) -> subprocess.Popen[str]:
    """A run of the recipe whose first request has just reached the host."""
    python, flag, program = COMMAND
    # whoever starts the tests with nohup has all processes deaf to it, and ours leave that as they find it
    heard = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); {program}"
    words = [python, flag, heard, "run", "r.yaml", "-i", "photo=photo.jpg", *more]
    process = subprocess.Popen(words, cwd=home, env=environment(env), stderr=subprocess.PIPE, text=True)
    while ledger(address)["totals"]["accepted"] == 0:
        assert process.poll() is None
    return process


def test_an_interrupted_answer_is_awaited_and_its_picture_kept(tmp_path: Path) -> None:
    """Ctrl-C while the host makes the picture: it arrives, is stored, and the next run buys only what is missing."""
    home = home_of(tmp_path, {LINKS: SHAPES[LINKS]})
    with served("--latency", "1.5", cwd=home) as address:
        env = {"NOVITA_API_KEY": "test", "NOVITA_BASE_URL": address}
        process = begun(home, env, address, "-q")
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "stopping: answers that are under way are waited for, for a while; interrupt again" in told
        totals = ledger(address)["totals"]
        assert (totals["submits"], totals["downloads"]) == (1, 1)
        answer = run_json("r.yaml", "-i", "photo=photo.jpg", cwd=home, env=env)
        assert answer["items"][0]["status"] == "done"
        assert answer["requests"]["submits"] == 1
        assert answer["cost"]["paid"] == 2 * PRICE, "the interrupted run told no price"
        assert ledger(address)["totals"]["repeated"] == 0
        again = run_json("r.yaml", "-i", "photo=photo.jpg", cwd=home, env=env)
        assert again["cost"]["paid"] == 0


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (signal.SIGINT, signal.SIGINT, 130),
        (signal.SIGTERM, signal.SIGTERM, 143),
        (signal.SIGHUP, signal.SIGHUP, 129),
        (signal.SIGTERM, signal.SIGINT, 143),
        (signal.SIGINT, signal.SIGTERM, 130),
    ],
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_any_second_signal_leaves_at_once_and_says_what_is_left_under_way(
    first: signal.Signals, second: signal.Signals, code: int, tmp_path: Path
) -> None:
    """The host would take ten minutes; what it is making may be billed, and the last words do not hide it."""
    home = home_of(tmp_path, {LINKS: SHAPES[LINKS]})
    with served("--latency", "600", cwd=home) as address:
        env = {"NOVITA_API_KEY": "test", "NOVITA_BASE_URL": address}
        process = begun(home, env, address)
        assert process.stderr is not None
        process.send_signal(first)
        told = ""
        while "interrupt again" not in told:
            line = process.stderr.readline()
            assert line, told
            told += line
        process.send_signal(second)
        _, rest = process.communicate(timeout=30)
    assert process.returncode == code
    assert "1 call is in doubt" in rest
    assert "retouch journal resolve 1 again" in rest
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"path": "7/steal"}, "does not begin with one slash"),
        ({"path": "//evil.example/x"}, "does not begin with one slash"),
        ({"path": "/x@evil.example"}, "what a path cannot hold"),
        ({"path": "/v3/../../x"}, "climbs with dots"),
        ({"path": "/v3/x?key=1"}, "what a path cannot hold"),
        ({"method": "DELETE"}, "POST alone"),
    ],
    ids=str,
)
def test_a_schema_cannot_lead_the_key_astray(about: Mapping[str, str], words: str, tmp_path: Path) -> None:
    """Schemas may be written by hand: one that leads to another host, or asks otherwise, is refused beforehand."""
    home = home_of(tmp_path, {LINKS: SHAPES[LINKS]})
    file = home / "schemas" / "models" / f"{slug(LINKS)}.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    schema["x-retouch"] |= about
    file.write_text(json.dumps(schema), encoding="utf-8")
    told = retouch("plan", "r.yaml", "-i", "photo=photo.jpg", cwd=home)
    assert told.returncode == 2, told.stdout
    assert words in told.stderr
    assert slug(LINKS) in told.stderr


def test_what_a_killed_run_was_waiting_for_is_sent_again_only_when_the_user_says_so(tmp_path: Path) -> None:
    """kill -9 while the host makes the picture: nobody here can tell whether it was billed."""
    home = home_of(tmp_path, {LINKS: SHAPES[LINKS]})
    with served("--latency", "1.5", cwd=home) as address:
        env = {"NOVITA_API_KEY": "test", "NOVITA_BASE_URL": address}
        process = begun(home, env, address)
        process.kill()
        process.communicate(timeout=60)
        told = retouch("run", "r.yaml", "-i", "photo=photo.jpg", cwd=home, env=env)
        assert told.returncode == 3, told.stderr
        assert f"{slug(LINKS)}-a" in told.stderr
        assert "retouch journal resolve 1 again" in told.stderr
        assert ledger(address)["totals"]["submits"] == 1
        assert retouch("journal", "resolve", "1", "again", cwd=home).returncode == 0
        assert retouch("run", "r.yaml", "-i", "photo=photo.jpg", cwd=home, env=env).returncode == 0
