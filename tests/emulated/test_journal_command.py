"""`retouch journal`: what is told of calls in doubt, that a decision does what it says, and that all ledgers agree.

Where money is at stake the command runs as a process against a served emulator, whose own ledger is the judge. What is
told of a journal, and what is refused, is looked at in this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import re
import shlex
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from PIL import Image

from runner.cli.main import main
from runner.disk import DISK
from runner.errors import Busy
from runner.operation import make_ticket
from runner.store.entry import Order
from runner.store.journal import Journal
from runner.workspace import Workspace
from tests.command import COMMAND, environment, ledger, retouch, served
from tests.doors.store.test_former import old_store
from tests.fakes import frozen

RECIPE = """recipe: 1
inputs: {photo: {type: image, default: photo.jpg}}
model: flux-1-kontext-dev
seed: 3
steps:
  - {name: warm, prompt: Warm light.}
  - {name: cold, prompt: Cold light., candidates: 2, model: flux-1-kontext-pro}
"""
DROPPED = """faults:
  - {on: submit, step: "cold 2/2", drop: after, times: 1}
"""
"""The host accepts the call, and the connection breaks before it says so."""
ORIGIN = {"provider": "novita", "host": "api.example"}


def shop(folder: Path) -> Path:
    """A workspace with one recipe."""
    (folder / ".retouch").mkdir(parents=True)
    (folder / "r.yaml").write_text(RECIPE, encoding="utf-8")
    Image.new("RGB", (400, 300), "teal").save(folder / "photo.jpg")
    return folder


@contextlib.contextmanager
def host(folder: Path, faults: str = DROPPED, *options: str) -> Iterator[dict[str, str]]:
    """A served emulator with a script of faults; the environment of who uses it."""
    (folder / "faults.yaml").write_text(faults, encoding="utf-8")
    with served("--latency", "0.05", "--flat", *options, "--faults", str(folder / "faults.yaml")) as address:
        yield {"NOVITA_BASE_URL": address, "NOVITA_API_KEY": "test", "RETOUCH_PROVIDER": "novita"}


def accepted(env: Mapping[str, str]) -> list[dict[str, Any]]:
    """The host's own account of what it accepted, and will bill."""
    tasks: list[dict[str, Any]] = ledger(env["NOVITA_BASE_URL"])["tasks"]
    return tasks


def withheld(env: Mapping[str, str]) -> str:
    """The task of which no client heard."""
    (task,) = (each["task_id"] for each in accepted(env) if each["withheld"])
    return str(task)


def run(folder: Path, env: Mapping[str, str], code: int) -> subprocess.CompletedProcess[str]:
    """`retouch run` of the recipe, once it has ended with this code."""
    done = retouch("run", "r.yaml", "-o", "out", cwd=folder, env=env)
    assert done.returncode == code, done.stderr
    return done


def commands(told: str) -> dict[str, list[str]]:
    """The commands about calls that a text names, by what they do, as a shell understands them."""
    lines = [line.strip() for line in told.splitlines() if line.strip().startswith("retouch journal resolve")]
    words = [shlex.split(line, comments=True)[1:] for line in lines]
    return {each[3]: each for each in words}


def test_a_call_in_doubt_is_told_with_its_commands_and_never_sent_again(tmp_path: Path) -> None:
    """By the run that sent it, by each later run, and by the journal; the host sees it once."""
    home = shop(tmp_path / "shop")
    with host(tmp_path) as env:
        first = run(home, env, 3)
        named = commands(first.stderr)
        assert set(named) == {"adopt", "again", "skip"}
        number = named["skip"][2]
        assert f"call {number}, cold 2/2 of photo: may cost 0.0400 USD" in first.stderr
        again = run(home, env, 3)
        assert commands(again.stderr) == named
        assert "no request for pictures" in again.stderr
        listed = retouch("journal", cwd=home, env=env | {"COLUMNS": "80"})
        assert listed.returncode == 3
        assert "1 call is in doubt" in listed.stdout
        planned = retouch("plan", "r.yaml", cwd=home, env=env).stdout
        assert "cold is in doubt: the run will fail there, and skip what needs it; see `retouch journal`" in planned
        assert f"call {number}  r › photo › cold 2/2" in listed.stdout
        assert commands(listed.stdout) == named
        assert max(map(len, listed.stdout.splitlines())) <= 80
        assert [each["label"] for each in accepted(env)].count("cold 2/2") == 1


@pytest.mark.parametrize("choice", ["adopt", "again", "skip"])
def test_what_is_decided_is_what_the_next_run_does(tmp_path: Path, choice: str) -> None:
    """Each command that a run prints works as it stands: one fetches, one pays anew, one does without."""
    home = shop(tmp_path / "shop")
    with host(tmp_path) as env:
        words = commands(run(home, env, 3).stderr)[choice]
        number = words[2]
        task = withheld(env)
        before = accepted(env)
        decided = retouch(*[task if each == "TASK_ID" else each for each in words], cwd=home, env=env)
        assert decided.returncode == 0, decided.stderr
        assert [each["task_id"] for each in accepted(env)] == [each["task_id"] for each in before]
        done = run(home, env, 1 if choice == "skip" else 0)
        tasks = {each["task_id"]: each for each in accepted(env)}
        assert len(tasks) == len(before) + (choice == "again")
        assert tasks[task]["downloads"] == (choice == "adopt")
        costs = json.loads(retouch("journal", "--costs", "--json", cwd=home, env=env).stdout)
        outcomes = {each["call"]: each["outcome"] for each in costs["calls"]}
        assert outcomes[int(number)] == {"adopt": "done", "again": "sent again", "skip": "skipped"}[choice]
        assert costs["may_be_billed"] == (0.0 if choice == "adopt" else 0.04)
        if choice == "again":
            late = retouch("journal", "resolve", number, "skip", cwd=home, env=env)
            assert late.returncode == 2
            assert "it was sent again by a later call" in late.stderr
        if choice == "skip":
            assert f"retouch journal resolve {number} again" in done.stderr
            retouch("journal", "resolve", number, "adopt", task, cwd=home, env=env)
            run(home, env, 0)
            assert len(accepted(env)) == len(before)


@pytest.mark.parametrize("slip", [False, True])
def test_run_json_the_journal_and_the_host_agree(tmp_path: Path, slip: bool) -> None:
    """The same tasks, the same number of them, and the same sum, over several runs and a call in doubt whose task is
    adopted; by a slip of the pen, at first one that the host has never had."""
    home = shop(tmp_path / "shop")
    charges: list[dict[str, Any]] = []
    doubtful, wrong = "", "0123456789abcdef"
    with host(tmp_path) as env:
        for number, code in enumerate((3, 1, 0, 0) if slip else (3, 0, 0)):
            told = retouch("run", "r.yaml", "-o", f"out-{number}", cwd=home, env=env)
            assert told.returncode == code, told.stderr
            record = json.loads((home / f"out-{number}" / "run.json").read_text(encoding="utf-8"))
            (item,) = record["items"]
            charges += [each for step in item["steps"] for each in step["charges"]]
            if number == 0:
                doubtful = commands(told.stderr)["adopt"][2]
                task = wrong if slip else withheld(env)
                retouch("journal", "resolve", doubtful, "adopt", task, cwd=home, env=env)
            elif code == 1:
                retouch("journal", "resolve", doubtful, "adopt", withheld(env), cwd=home, env=env)
        ours = json.loads(retouch("journal", "--costs", "--json", cwd=home, env=env).stdout)
        theirs, withheld_task = accepted(env), withheld(env)
    prices = {"flux-1-kontext-dev": 0.0225, "flux-1-kontext-pro": 0.04}
    billed = {each["task_id"]: round(each["images"] * prices[each["model"]], 4) for each in theirs}
    assert len(billed) == len(theirs) == 3
    assert {each["task_id"]: each["usd"] for each in ours["calls"]} == billed
    told_once = [(each["task_id"], each["usd"]) for each in charges if each["usd"]]
    assert {withheld_task if task == wrong else task: usd for task, usd in told_once} == billed
    assert len(told_once) == len(billed)
    assert ours["paid"] == round(sum(billed.values()), 4)
    assert ours["may_be_billed"] == 0
    by_model = {each["model"]: (each["calls"], each["pictures"], each["usd"]) for each in ours["sums"]}
    assert by_model == {"flux-1-kontext-dev": (1, 1, 0.0225), "flux-1-kontext-pro": (2, 2, 0.08)}


def test_a_run_at_work_has_its_calls_under_way_and_a_killed_one_has_them_in_doubt(tmp_path: Path) -> None:
    """A look goes on beside a run, a decision waits for its end; after kill -9 the same calls are told as they are."""
    home = shop(tmp_path / "shop")
    with host(
        tmp_path, 'faults:\n  - {on: submit, step: "cold 2/2", delay: 60}\n  - {on: poll, step: "cold 1/2", delay: 60}'
    ) as env:
        process = subprocess.Popen([*COMMAND, "run", "r.yaml"], cwd=home, env=environment(env), stderr=subprocess.PIPE)
        try:
            while len([each for each in accepted(env) if each["label"].startswith("cold")]) < 2:
                assert process.poll() is None
            listed = retouch("journal", "--json", cwd=home, env=env)
            assert (listed.returncode, json.loads(listed.stdout)["run_at_work"]) == (0, True)
            assert {each["kind"] for each in json.loads(listed.stdout)["calls"]} == {"under way"}
            assert retouch("journal", "resolve", "1", "again", cwd=home, env=env).returncode == 7
        finally:
            process.kill()
            process.communicate()
        listed = retouch("journal", "--json", cwd=home, env=env)
        assert listed.returncode == 3
        found = {each["step"]: each for each in json.loads(listed.stdout)["calls"]}
        assert {step: each["kind"] for step, each in found.items()} == {"cold 1/2": "pending", "cold 2/2": "in doubt"}
        assert found["cold 1/2"]["task_id"] in {each["task_id"] for each in accepted(env)}


# what is told and refused, of journals written here


Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """`retouch` with these words in the workspace: exit code, standard output, standard error."""

    def call(*words: str, cwd: Path = tmp_path) -> tuple[int, str, str]:
        with contextlib.chdir(cwd), pytest.raises(SystemExit) as stop:
            main([*words])
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return call


def order(step: str, **more: Any) -> Order:
    """What a call is about."""
    known: dict[str, Any] = {
        "fingerprint": step,
        "model": "paint",
        "images": 1,
        "price": 0.5,
        "by": "a list",
        "run": "run-1",
    }
    return Order(**known | {"recipe": "mug", "item": "photo", "step": step, "origin": ORIGIN} | more)


def written(folder: Path, *, items: Sequence[str] = ("photo",), why: str = "no answer") -> Path:
    """A workspace with call 1 done, 2 pending, 3 in doubt, 4 refused, 5 in doubt and paid."""

    async def write() -> None:
        (folder / ".retouch").mkdir(parents=True, exist_ok=True)
        with contextlib.closing(Journal(folder / ".retouch", DISK, frozen(), writing=True)) as book:
            for step in ("done", "pending", "doubt", "refused", "paid"):
                number = await book.intent(order(step, item=items[0]))
                await book.sending(number, "0" * 64)
                match step:
                    case "done":
                        await book.accepted(number, make_ticket(ORIGIN, "paint", "task-1", 0.0))
                        await book.result(number, 2, 7)
                        await book.stored(number, ["a" * 64])
                        await book.done(number, 1.0)
                    case "pending":
                        await book.accepted(number, make_ticket(ORIGIN, "paint", "task-2", 0.0))
                    case "doubt":
                        await book.doubted(number, why)
                    case "refused":
                        await book.rejected(number, "too large")
                    case "paid":
                        await book.result(number, 1, None)
            book.told("run-1")

    asyncio.run(write())
    return folder


def test_nothing_there_is_nothing_to_tell(told: Told, tmp_path: Path) -> None:
    """A folder that is no workspace may be the wrong one, and stays as it is; in a new one all is well."""
    for words in ([], ["--json"], ["--costs"], ["--costs", "--csv"], ["resolve", "1", "skip"]):
        code, out, err = told("journal", *words)
        assert (code, out) == (2, "")
        assert f"no call was ever made in {tmp_path}" in err
        assert "--in PATH" in err
    code, _, err = told("journal", "--in", "/nonexistent")
    assert code == 2
    assert "there is no folder /nonexistent" in err
    assert list(tmp_path.iterdir()) == []
    shop(tmp_path)
    assert told("journal")[:2] == (0, "No call is in doubt, and none waits to be fetched.\n")
    assert told("journal", "--costs")[:2] == (0, "Nothing was paid for.\n")


def test_each_kind_is_told_apart(told: Told, tmp_path: Path) -> None:
    """Pending ones, those in doubt, and those that are paid and lost; what is over is not told."""
    written(tmp_path)
    code, out, _ = told("journal")
    assert code == 3
    for part in ("2 calls are in doubt", "1 call is pending", "task task-2", "no answer", "may cost 0.5000 USD"):
        assert part in out
    assert "it is paid, and the run was cut off before its pictures were stored" in out
    assert out.count("run run-1\n") == 3
    assert len(re.findall(r"sent on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d, ", out)) == 3
    assert "› done" not in out
    assert "› refused" not in out
    kinds = {each["call"]: each["kind"] for each in json.loads(told("journal", "--json")[1])["calls"]}
    assert kinds == {2: "pending", 3: "in doubt", 5: "in doubt"}


def test_what_is_decided_is_told_with_all(told: Told, tmp_path: Path) -> None:
    """Calls that are left out, or to be sent again, wait for nothing: they are told when asked for."""
    written(tmp_path)
    told("journal", "resolve", "3", "skip")
    told("journal", "resolve", "5", "again", "--yes")
    code, out, _ = told("journal")
    assert code == 0
    assert "2 calls have been decided about" in out
    _, out, _ = told("journal", "--all")
    assert "1 call is left out" in out
    assert "1 call is to be sent again" in out
    assert {each["kind"] for each in json.loads(told("journal", "--all", "--json")[1])["calls"]} == {
        "pending",
        "skipped",
        "to send again",
    }


def test_every_decision_can_be_taken_back_until_it_is_carried_out(told: Told, tmp_path: Path) -> None:
    """Skip, again, skip, adopt; and taken twice it is the same decision."""
    written(tmp_path)

    def kind() -> str:
        listed = json.loads(told("journal", "--all", "--json")[1])["calls"]
        return str(next(each["kind"] for each in listed if each["call"] == 3))

    for choice, is_now in (
        ("skip", "skipped"),
        ("again", "to send again"),
        ("again", "to send again"),
        ("skip", "skipped"),
    ):
        assert told("journal", "resolve", "3", choice)[0] == 0
        assert kind() == is_now
    assert told("journal", "resolve", "3", "again")[0] == 0
    assert told("journal", "resolve", "3", "adopt", "task-9")[0] == 0
    assert kind() == "pending"


def test_what_is_bought_is_given_up_only_with_a_yes(told: Told, tmp_path: Path) -> None:
    """And even then its task can be adopted again."""
    written(tmp_path)
    for choice in ("skip", "again"):
        code, _, err = told("journal", "resolve", "2", choice)
        assert code == 2
        assert "call 2 is bought already, for 0.5000 USD" in err
        assert json.loads(told("journal", "--json")[1])["calls"][0]["kind"] == "pending"
        assert told("journal", "resolve", "2", choice, "--yes")[0] == 0
        assert json.loads(told("journal", "--all", "--json")[1])["calls"][0]["kind"] != "pending"
        assert told("journal", "resolve", "2", "adopt", "task-2")[0] == 0
    assert told("journal", "resolve", "5", "again")[0] == 2, "the host was paid for it"
    assert told("journal", "resolve", "5", "skip")[0] == 0, "there is nothing to fetch any more"


def test_what_the_host_itself_has_said_is_not_overruled(told: Told, tmp_path: Path) -> None:
    """A call with a ticket from the host is that task, also after it was left out; it can be taken up again."""
    written(tmp_path)
    for choice in ("skip", "again"):
        assert told("journal", "resolve", "2", choice, "--yes")[0] == 0
        code, _, err = told("journal", "resolve", "2", "adopt", "task-9")
        assert code == 2
        assert "the host itself has said that it is task-2" in err
        assert "`retouch journal resolve 2 adopt task-2`" in err
        assert told("journal", "resolve", "2", "adopt", "task-2")[0] == 0
    assert told("journal", "resolve", "2", "skip")[0] == 2, "it is bought, whatever was decided in between"


def test_an_adoption_can_be_corrected(told: Told, tmp_path: Path) -> None:
    """A slip of the pen must not cost a picture: until the host has confirmed the task, it is the user's word alone."""
    written(tmp_path)
    for task in ("task-8", "task-9"):
        assert told("journal", "resolve", "3", "adopt", task)[0] == 0
        assert f"task {task}, as you said; the host has not confirmed it yet" in " ".join(told("journal")[1].split())
    assert told("journal", "resolve", "5", "adopt", "task-9")[0] == 2
    assert told("journal", "resolve", "5", "adopt", "task-8")[0] == 0
    assert told("journal", "resolve", "3", "skip", "--yes")[0] == 0
    (call,) = (each for each in json.loads(told("journal", "--all", "--json")[1])["calls"] if each["call"] == 3)
    assert (call["task_id"], call["spent"], call["at_stake"]) == (None, 0.0, 0.5)


def test_all_in_doubt_at_once(told: Told, tmp_path: Path) -> None:
    """With a yes, and without touching what is pending."""
    written(tmp_path)
    assert told("journal", "resolve", "--all-in-doubt", "skip")[0] == 2
    assert told("journal", "resolve", "--all-in-doubt", "skip", "--yes")[0] == 0
    code, out, _ = told("journal", "--json")
    assert code == 0
    assert [each["call"] for each in json.loads(out)["calls"]] == [2]
    assert told("journal", "resolve", "--all-in-doubt", "skip")[:2] == (0, "No call is in doubt.\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "say what is to be done"),
        ("3", "say what is to be done"),
        ("skip", "say which call to skip"),
        ("three skip", "`three` is neither"),
        ("3 skp", "`skp` is neither"),
        ("3 skip 5", "nothing goes behind `skip`"),
        ("3 adopt", "a task is adopted for one call"),
        ("3 5 adopt task-9", "a task is adopted for one call"),
        ("--all-in-doubt adopt task-9", "a task is adopted for one call"),
        ("3 --all-in-doubt skip", "exclude each other"),
        ("3 adopt ../task", "cannot be the id of a task"),
        ("3 adopt https://host/task", "cannot be the id of a task"),
        ("3 adopt task-1", "task task-1 is call 1's"),
        ("3 adopt task-2", "task task-2 is call 2's"),
        ("2 adopt task-9", "call 2 is not in doubt"),
        ("1 again", "call 1 is over: it is done"),
        ("4 again", "call 4 is over: the host refused it"),
        ("6 again", "there is no call 6"),
        ("3 6 skip", "there is no call 6"),
        ("99999999999999999999 skip", "no call has such a number"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(told: Told, tmp_path: Path, words: str, message: str) -> None:
    """One clear sentence, exit code 2, and the journal as it was."""
    before = (written(tmp_path) / ".retouch" / "journal").read_bytes()
    code, out, err = told("journal", "resolve", *words.split())
    assert (code, out) == (2, "")
    assert message in err
    assert (tmp_path / ".retouch" / "journal").read_bytes() == before


@pytest.mark.parametrize("words", ["--csv", "--since 2026-01-01", "--costs --csv --json", "--costs --since spring"])
def test_options_that_make_no_sense_are_refused(told: Told, words: str) -> None:
    assert told("journal", *words.split())[0] == 2


@pytest.mark.parametrize("words", [["journal"], ["journal", "--costs"], ["journal", "resolve", "3", "skip"]])
@pytest.mark.parametrize("spoil", ["damaged", "newer"])
def test_a_journal_that_cannot_be_trusted_is_left_alone(
    told: Told, tmp_path: Path, spoil: str, words: list[str]
) -> None:
    """Exit code 6 and why; not a byte of it changes."""
    file = written(tmp_path) / ".retouch" / "journal"
    if spoil == "newer":
        from runner.store import lines

        file.write_bytes(lines.whole("journal", 99, []))
    else:
        whole = file.read_bytes()
        file.write_bytes(whole.replace(b"paint", b"PAINT", 1))
    before = file.read_bytes()
    code, out, err = told(*words)
    assert (code, out) == (6, "")
    assert ("newer retouch" if spoil == "newer" else "damaged at line") in err
    assert file.read_bytes() == before


def test_words_of_hosts_and_recipes_are_shown_not_obeyed(told: Told, tmp_path: Path) -> None:
    """Neither a terminal nor a spreadsheet does what they say."""
    written(tmp_path, items=["=1+1\x1b[2J\u202e"], why="\x1b]0;owned\x07\nline")
    for words in (["journal"], ["journal", "--costs"], ["journal", "--costs", "--csv"], ["journal", "--json"]):
        out = told(*words)[1]
        assert not {"\x1b", "\x07", "\u202e"} & {*out}
    rows = list(csv.DictReader(io.StringIO(told("journal", "--costs", "--csv")[1])))
    assert rows[0]["item"].startswith("'=1+1")


def test_the_ledger_as_a_table_as_json_and_as_text(told: Told, tmp_path: Path) -> None:
    """The same calls and the same sums: what is paid, and apart from it what may be."""
    written(tmp_path)
    rows = list(csv.DictReader(io.StringIO(told("journal", "--costs", "--csv")[1])))
    assert [(row["call"], row["usd"], row["may_be_billed_usd"], row["outcome"], row["task_id"]) for row in rows] == [
        ("1", "1.0", "0.0", "done", "task-1"),
        ("2", "0.5", "0.0", "pending", "task-2"),
        ("3", "0.0", "0.5", "in doubt", ""),
        ("5", "0.5", "0.0", "in doubt", ""),
    ]
    data = json.loads(told("journal", "--costs", "--json")[1])
    assert (data["paid"], data["may_be_billed"]) == (2.0, 0.5)
    assert [each["call"] for each in data["calls"]] == [1, 2, 3, 5]
    text = told("journal", "--costs")[1]
    assert [line.split() for line in text.splitlines() if line.startswith("in all")] == [
        ["in", "all", "3", "4", "2.0000"]
    ]
    assert "0.5000 USD may be billed for 1 call" in text
    assert "by a list" in text
    assert "host's bill" in text


def test_the_ledger_from_a_day_on(told: Told, tmp_path: Path) -> None:
    """The clock of this journal stands in September 2026."""
    written(tmp_path)
    assert len(json.loads(told("journal", "--costs", "--json", "--since", "2026-09-01")[1])["calls"]) == 4
    assert json.loads(told("journal", "--costs", "--json", "--since", "2026-10-01")[1])["calls"] == []
    assert told("journal", "--costs", "--since", "2026-10-01")[1] == "Nothing was paid since then.\n"


def test_from_elsewhere(told: Told, tmp_path: Path) -> None:
    """`--in` names the workspace, before or behind the decision; what is told has it, too."""
    home, away = written(tmp_path / "home"), tmp_path / "away"
    away.mkdir()
    (home / "mug.yaml").write_text(RECIPE, encoding="utf-8")
    assert told("journal", cwd=away)[0] == 2
    for place in (home, home / "mug.yaml"):
        code, out, _ = told("journal", "--in", str(place), cwd=away)
        assert code == 3
        assert all(line.endswith(f"--in {place}") for line in out.splitlines() if "journal resolve" in line)
    assert told("journal", "resolve", "3", "skip", "--in", str(home), cwd=away)[0] == 0
    assert told("journal", "--in", str(home), "resolve", "3", "again", cwd=away)[0] == 0
    assert told("journal", "--in", str(home / "no.yaml"), cwd=away)[0] == 2


def test_a_look_does_not_need_the_lock_and_keeps_nobody_from_it(told: Told, tmp_path: Path) -> None:
    """Beside a run it reads what stands there; a decision ends with 7."""
    home = Workspace(written(tmp_path), Path("none"))
    assert not home.is_held()
    with home.held():
        assert home.is_held()
        code, out, _ = told("journal")
        assert "A run is at work" in out
        assert code == 3, "the call whose end is written is in doubt whoever is at work"
        with pytest.raises(Busy), home.held():
            pass
        code, _, err = told("journal", "resolve", "3", "skip", "--wait", "0.3")
        assert code == 7
        assert "waited 0.3 s; a run is still at work in this workspace" in err
    assert not home.is_held()
    with home.held():
        pass


def test_a_look_that_has_the_lock_for_a_moment_stops_no_run(tmp_path: Path) -> None:
    """To see whether the lock is held it has to be taken; a run that begins just then is not told that it is busy."""
    home = Workspace(tmp_path, Path("none"))
    home.prepare()
    look = FileLock(home.state / "lock", thread_local=False)
    look.acquire()
    end = threading.Timer(0.01, look.release)
    end.start()
    with home.held():
        end.join()


def test_a_journal_of_an_earlier_version_is_taken_over_first(told: Told, tmp_path: Path) -> None:
    """Nobody has to run a recipe to see what the earlier version had left."""
    old_store(tmp_path / ".retouch")
    code, out, _ = told("journal")
    assert code == 3
    assert "2 calls are in doubt" in out
    assert "1 call is pending" in out
    assert told("journal", "resolve", "2", "skip", "--yes")[0] == 0
