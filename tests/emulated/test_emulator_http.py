"""The emulator over HTTP: in this process through an ASGI transport, and once over real sockets."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from typing import Any

import httpx

from runner.emulator.server import MOST_BYTES, Options, create_app
from tests.pictures import opened
from tests.unit.emulator.small_host import PICTURE, SCHEMAS

HEADERS = {"Authorization": "Bearer key", "X-Retouch-Step": "restyle"}
BODY: dict[str, Any] = {"prompt": "x", "images": [PICTURE], "seed": 1, "size": "320*256"}


def client(**options: Any) -> httpx.AsyncClient:
    """A client of an emulator in this process, whose clock stands still."""
    draws = itertools.count(1)
    app = create_app(
        SCHEMAS, options=Options(**options), clock=lambda: 50.0, draw=lambda: (next(draws) * 0.6180339887) % 1
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8765")


def test_a_picture_goes_all_the_way_in_process() -> None:
    """Submit, ask, fetch; the link leads back to the address that was asked."""

    async def go() -> None:
        async with client(latency=0.0) as http:
            task = (await http.post("/v3/async/many", json=BODY, headers=HEADERS)).json()["task_id"]
            told = await http.get("/v3/async/task-result", params={"task_id": task}, headers=HEADERS)
            link = told.json()["images"][0]["image_url"]
            assert link.startswith("http://127.0.0.1:8765/results/")
            picture = await http.get(link)
            assert picture.headers["content-type"] == "image/jpeg"
            assert opened(picture.content).size == (320, 256)
            ledger = (await http.get("/ledger")).json()
            assert ledger["totals"]["downloads"] == 1
            assert ledger["tasks"][0]["label"] == "restyle"

    asyncio.run(go())


def test_many_requests_at_once_are_each_answered() -> None:
    """Slow work in threads does not mix up the answers."""

    async def go() -> None:
        async with client(latency=0.0) as http:

            async def one(seed: int) -> tuple[str, bytes]:
                body = BODY | {"seed": seed}
                task = (await http.post("/v3/async/many", json=body, headers=HEADERS)).json()["task_id"]
                told = (await http.get("/v3/async/task-result", params={"task_id": task}, headers=HEADERS)).json()
                return told["extra"]["seed"], (await http.get(told["images"][0]["image_url"])).content

            results = await asyncio.gather(*(one(seed) for seed in range(12)))
            assert [seed for seed, _ in results] == [str(seed) for seed in range(12)]
            assert len({data for _, data in results}) == 12
            totals = (await http.get("/ledger")).json()["totals"]
            assert (totals["submits"], totals["accepted"], totals["downloads"]) == (12, 12, 12)

    asyncio.run(go())


def test_a_body_without_end_is_refused() -> None:
    """The host stops reading at its limit."""

    async def go() -> None:
        async with client() as http:
            answer = await http.post("/v3/async/many", content=b" " * (MOST_BYTES + 1), headers=HEADERS)
            assert (answer.status_code, answer.json()["code"]) == (413, 413)

    asyncio.run(go())


def test_a_strange_host_header_does_not_get_into_links() -> None:
    """Links are built from the Host header only where it is the name of a host."""

    async def go() -> None:
        async with client(latency=0.0) as http:
            task = (await http.post("/v3/async/many", json={"prompt": "x"}, headers=HEADERS)).json()["task_id"]
            strange = HEADERS | {"Host": "evil/@127.0.0.1"}
            told = await http.get("/v3/async/task-result", params={"task_id": task}, headers=strange)
            assert told.json()["images"][0]["image_url"].startswith("http://127.0.0.1/results/")

    asyncio.run(go())


def test_an_endpoint_that_answers_with_the_result_takes_its_time() -> None:
    """The latency is waited out before the answer, and only then."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    about = {"method": "POST", "path": "/v3/at-once", "sync": True, "response": None}
    schemas = {"at-once": {**SCHEMAS["many"], "x-retouch": about}}
    app = create_app(schemas, options=Options(latency=2.5), clock=lambda: 50.0, draw=lambda: 0.5, sleep=sleep)

    async def go() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as http:
            told = await http.post("/v3/at-once", json=BODY, headers=HEADERS)
            assert opened((await http.get(told.json()["images"][0]["image_url"])).content).size == (320, 256)

    asyncio.run(go())
    assert slept == [2.5]


SERVER = """
import random, sys, time
from runner.emulator.server import Options, create_app, serve
from tests.unit.emulator.small_host import SCHEMAS

app = create_app(SCHEMAS, options=Options(latency=0.0), clock=time.monotonic, draw=random.random)
serve(app, "127.0.0.1", 0, lambda address: (sys.stdout.write(address + "\\n"), sys.stdout.flush()))
"""


def test_it_serves_real_sockets_on_a_free_port() -> None:
    """The same road over the network stack; the address announced is the one that answers, and SIGTERM ends it."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            with httpx.Client(base_url=address, trust_env=False, timeout=30) as http:
                task = http.post("/v3/async/many", json=BODY, headers=HEADERS).json()["task_id"]
                told = http.get("/v3/async/task-result", params={"task_id": task}, headers=HEADERS).json()
                link = told["images"][0]["image_url"]
                assert link.startswith(f"{address}/results/")
                assert opened(http.get(link).content).size == (320, 256)
        finally:
            process.terminate()
    assert process.returncode is not None
