"""Faults as a client meets them: over real sockets, where a connection is really closed, and in process."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from runner.emulator.script import scripted
from runner.emulator.server import Options, create_app
from runner.emulator.wire import Dropped
from tests.command import ROOT, retouch
from tests.unit.emulator.small_host import PICTURE, SCHEMAS

HEADERS = {"Authorization": "Bearer key", "Content-Type": "application/json"}
SUBMIT = "/v3/async/flux-1-kontext-dev"
BODY: dict[str, Any] = {"prompt": "x", "images": [PICTURE], "seed": 1, "size": "256*256"}


class Served:
    """`retouch emulator` on a port, and raw connections to it."""

    def __init__(self, address: str, process: subprocess.Popen[str]) -> None:
        self.address = address
        self.process = process

    def raw(self, method: str, path: str, body: bytes = b"") -> tuple[bytes, float]:
        """Everything that comes back on a connection of its own until it is closed, and the seconds that took.

        A reset counts as an end.
        """
        host, port = self.address.removeprefix("http://").split(":")
        head = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
        head += [f"Content-Length: {len(body)}"] if body else []
        head += [f"{name}: {value}" for name, value in HEADERS.items()] if not path.startswith("/results/") else []
        began = time.monotonic()
        got = b""
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            try:
                while data := connection.recv(65_536):
                    got += data
            except ConnectionResetError:
                pass
        return got, time.monotonic() - began

    def submit(self, **changes: Any) -> tuple[bytes, float]:
        """Submit over a raw connection."""
        return self.raw("POST", SUBMIT, json.dumps(BODY | changes).encode())

    def start(self, **changes: Any) -> str:
        """Submit what must be accepted; the task's id."""
        task_id: str = json.loads(body_of(self.submit(**changes)[0]))["task_id"]
        return task_id

    def poll(self, task_id: str) -> tuple[bytes, float]:
        """Ask after a task over a raw connection."""
        return self.raw("GET", f"/v3/async/task-result?task_id={task_id}")

    def ledger(self) -> dict[str, Any]:
        """The host's own account."""
        told: dict[str, Any] = json.loads(body_of(self.raw("GET", "/ledger")[0]))
        return told


def body_of(answer: bytes) -> bytes:
    """What stands behind the head of a raw answer."""
    return answer.partition(b"\r\n\r\n")[2]


def promised(answer: bytes) -> int:
    """The length that the head of a raw answer announces."""
    found = re.search(rb"content-length: (\d+)", answer)
    assert found is not None
    return int(found[1])


@contextmanager
def served(folder: Path, faults: str, *options: str) -> Iterator[Served]:
    """The emulator as a user starts it; whatever it complains of makes the test fail."""
    (folder / "faults.yaml").write_text(faults, encoding="utf-8")
    command = [sys.executable, "-c", "from runner.cli.main import command; command()", "emulator", "--flat"]
    command += ["--port", "0", "--latency", "0", "--faults", str(folder / "faults.yaml"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            first = process.stdout.readline()
            found = re.search(r"http://[^ ]+", first)
            assert found is not None, process.stderr.read()
            yield Served(found[0], process)
        finally:
            process.terminate()
            complaints = process.stderr.read()
    assert complaints == ""


def test_connections_are_really_closed_before_and_after_acceptance(tmp_path: Path) -> None:
    """Not one byte comes back; the ledger alone tells the two apart, and the next request is answered."""
    faults = """
faults:
  - {on: submit, nth: 1, drop: before}
  - {on: submit, nth: 2, drop: after}
  - {on: poll, nth: 1, drop: before}
"""
    with served(tmp_path, faults) as host:
        assert host.submit(seed=1)[0] == b""
        assert host.ledger()["totals"]["accepted"] == 0
        assert host.submit(seed=2)[0] == b""
        told = host.ledger()
        assert (told["totals"]["accepted"], told["totals"]["withheld"]) == (1, 1)
        assert told["tasks"][0]["withheld"] == "drop-after"
        task_id = host.start(seed=3)
        assert host.poll(task_id)[0] == b""
        assert task_id.encode() in host.poll(task_id)[0]
        assert host.ledger()["faults"] == {"drop-after": 1, "drop-before": 2}


def test_answers_are_cut_in_the_middle_of_what_they_announced(tmp_path: Path) -> None:
    """Submit, poll and download: half of the bytes, then the end."""
    with served(tmp_path, "faults:\n  - {on: any, nth: [1, 3, 5], half: true}\n") as host:
        cut, _ = host.submit()
        assert 0 < len(body_of(cut)) == promised(cut) // 2
        task_id = host.start(seed=2)
        cut, _ = host.poll(task_id)
        assert len(body_of(cut)) == promised(cut) // 2
        link = json.loads(body_of(host.poll(task_id)[0]))["images"][0]["image_url"].removeprefix(host.address)
        cut, _ = host.raw("GET", link)
        whole, _ = host.raw("GET", link)
        assert len(body_of(cut)) == promised(cut) // 2 == len(body_of(whole)) // 2
        assert [line["withheld"] for line in host.ledger()["tasks"]] == ["half", None]


def test_answers_come_late_or_in_drips(tmp_path: Path) -> None:
    """The times that the script names really pass, and the answer is whole in the end."""
    faults = "faults:\n  - {on: submit, nth: 1, delay: 0.3}\n  - {on: submit, nth: 2, drip: 100}\n"
    with served(tmp_path, faults) as host:
        for seed in (1, 2):
            answer, took = host.submit(seed=seed)
            assert 0.3 <= took < 5
            assert json.loads(body_of(answer))["task_id"]
        assert host.ledger()["totals"]["withheld"] == 0


def test_a_client_that_left_before_the_answer_has_not_heard_it(tmp_path: Path) -> None:
    """The task is accepted and billed; that its id was not handed over stands in the ledger."""
    with served(tmp_path, "faults:\n  - {on: submit, nth: 1, delay: 0.3}\n") as host:
        with (
            httpx.Client(base_url=host.address, trust_env=False, timeout=0.1) as http,
            pytest.raises(httpx.ReadTimeout),
        ):
            http.post(SUBMIT, json=BODY, headers=HEADERS)
        host.start(seed=2)
        deadline = time.monotonic() + 10
        while not host.ledger()["totals"]["withheld"]:
            assert time.monotonic() < deadline
        assert [line["withheld"] for line in host.ledger()["tasks"]] == ["client-gone", None]


def test_answers_too_large_for_anyone(tmp_path: Path) -> None:
    """A client that hangs up in the middle does not hurt the host; the bomb is small on the wire."""
    faults = "faults:\n  - {on: submit, nth: 1, case: huge}\n  - {on: submit, nth: 2, case: bomb}\n"
    with served(tmp_path, faults) as host, httpx.Client(base_url=host.address, trust_env=False) as http:
        with http.stream("POST", SUBMIT, json=BODY, headers=HEADERS) as answer:
            assert int(answer.headers["content-length"]) > 120_000_000
            assert next(answer.iter_raw())
        with http.stream("POST", SUBMIT, json=BODY, headers=HEADERS) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            assert int(answer.headers["content-length"]) < 1_000_000
        assert host.ledger()["totals"]["accepted"] == 2


def test_statuses_headers_and_redirects_over_sockets(tmp_path: Path) -> None:
    """What the script says is what arrives, on a connection that stays usable."""
    faults = """
faults:
  - {on: submit, nth: 1, answer: {status: 503, body: away, headers: {Retry-After: "2", Content-Type: text/x-odd}}}
  - {on: submit, nth: 2, case: rate-limited, retry_after_date: 60}
  - {on: submit, nth: 3, answer: {status: 204}}
  - {on: submit, nth: 4, case: redirect}
  - {on: submit, nth: 5, case: html}
"""
    with served(tmp_path, faults) as host, httpx.Client(base_url=host.address, trust_env=False) as http:
        away, limited, empty, moved, page, true = (http.post(SUBMIT, json=BODY, headers=HEADERS) for _ in range(6))
    assert (away.status_code, away.text) == (503, "away")
    assert (away.headers["retry-after"], away.headers.get_list("content-type")) == ("2", ["text/x-odd"])
    assert limited.headers["retry-after"].endswith(" GMT")
    assert (empty.status_code, empty.content) == (204, b"")
    assert (moved.status_code, moved.headers["location"]) == (307, SUBMIT)
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html")
    assert true.json()["task_id"]


def test_limits_of_the_account_over_sockets(tmp_path: Path) -> None:
    """The options of the command are those of the host."""
    with served(tmp_path, "faults: []\n", "--images-per-minute", "2", "--balance", "3") as host:
        answers = [host.submit(seed=seed)[0] for seed in range(3)]
        assert [answer[9:12] for answer in answers] == [b"200", b"200", b"429"]
        assert re.search(rb"retry-after: (60|59)\r\n", answers[2])
        assert host.ledger()["totals"]["images"] == 2


def test_many_at_once_each_meet_their_own_fault(tmp_path: Path) -> None:
    """Of 60 submits at the same time exactly the named share is dropped, and the ledger agrees with the clients."""
    faults = "seed: 5\nfaults:\n  - {on: submit, chance: 0.3, drop: after}\n"
    with served(tmp_path, faults) as host:
        heard: dict[int, bytes] = {}

        def one(seed: int) -> None:
            heard[seed] = host.submit(seed=seed)[0]

        threads = [threading.Thread(target=one, args=(seed,)) for seed in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = host.ledger()
    assert told["totals"]["accepted"] == told["totals"]["bodies"] == 60
    dropped = [seed for seed, answer in heard.items() if answer == b""]
    assert 8 <= len(dropped) <= 28
    withheld = {line["seed"] for line in told["tasks"] if line["withheld"]}
    assert withheld == {*dropped}
    given = {json.loads(body_of(answer))["task_id"] for answer in heard.values() if answer}
    assert given == {line["task_id"] for line in told["tasks"] if not line["withheld"]}


@pytest.mark.parametrize(("fault", "accepted"), [({"drop": "before"}, 0), ({"drop": "after"}, 1), ({"half": True}, 1)])
def test_in_process_a_closed_connection_is_an_error(fault: dict[str, Any], accepted: int) -> None:
    """There is no socket to close: the application raises an error of the family that broken connections have."""
    draws = itertools.count(1)
    options = Options(latency=0.0, flat=True, faults=scripted({"on": "submit", "nth": 1, **fault}))
    app = create_app(SCHEMAS, options=options, clock=lambda: 50.0, draw=lambda: (next(draws) * 0.6180339887) % 1)

    async def go() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            with pytest.raises(Dropped) as caught:
                await http.post("/v3/async/many", json={"prompt": "x"}, headers=HEADERS)
            assert isinstance(caught.value, ConnectionError)
            assert (await http.get("/ledger")).json()["totals"]["accepted"] == accepted
            assert (await http.post("/v3/async/many", json={"prompt": "x"}, headers=HEADERS)).status_code == 200

    asyncio.run(go())


@pytest.mark.parametrize(("fault", "why"), [({}, "client-gone"), ({"drop": "after"}, "drop-after+delay")])
def test_in_process_a_client_that_gives_up_has_not_heard_the_answer(fault: dict[str, Any], why: str) -> None:
    """A cancelled request whose task was accepted is withheld, and only once where a fault had done that already."""

    async def sleep(_: float) -> None:
        await asyncio.Event().wait()

    faults = scripted({"on": "submit", "delay": 30, **fault})
    app = create_app(
        SCHEMAS,
        options=Options(latency=0.0, flat=True, faults=faults),
        clock=lambda: 50.0,
        draw=lambda: 0.5,
        sleep=sleep,
    )

    async def go() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            call = asyncio.create_task(http.post("/v3/async/many", json={"prompt": "x"}, headers=HEADERS))
            while not (await http.get("/ledger")).json()["tasks"]:
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.wait([call])
            told = (await http.get("/ledger")).json()
            assert (told["tasks"][0]["withheld"], told["totals"]["withheld"]) == (why, 1)

    asyncio.run(go())


def test_in_process_the_waits_of_a_fault_are_the_sleep_that_was_passed_in() -> None:
    """Nothing in a test has to wait for a slow host."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    faults = scripted({"on": "submit", "delay": 30, "drip": 8})
    app = create_app(
        SCHEMAS,
        options=Options(latency=0.0, flat=True, faults=faults),
        clock=lambda: 50.0,
        draw=lambda: 0.5,
        sleep=sleep,
    )

    async def go() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            answer = await http.post("/v3/async/many", json={"prompt": "x"}, headers=HEADERS)
            assert answer.json()["task_id"]

    asyncio.run(go())
    assert slept[0] == 30
    assert {*slept[1:]} == {0.25}


def test_a_wrong_script_serves_nothing(tmp_path: Path) -> None:
    """Exit code 2, the place of the mistake, and no address announced."""
    (tmp_path / "faults.yaml").write_text("faults:\n  - on: submit\n    case: expird\n", encoding="utf-8")
    done = retouch("emulator", "--port", "0", "--faults", "faults.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "faults.yaml:3:11: `expird` is not one of the choices" in done.stderr
    assert "3 |     case: expird" in done.stderr
    assert done.stdout == ""
