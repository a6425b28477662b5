"""A small emulated host for tests: two models, a clock that stands until it is told, chance that counts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from PIL import Image

from runner.emulator.options import Options
from runner.emulator.service import Service
from runner.emulator.wire import Later, Request, Response
from tests.pictures import quarters, saved

PICTURE = base64.b64encode(saved(quarters(320, 240))).decode()
"""A small input picture as a request holds it."""


def _schema(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string"},
            "images": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
            "seed": {"type": "integer", "minimum": -1, "maximum": 2147483647},
            **properties,
        },
        "x-retouch": {"title": name, "method": "POST", "path": f"/v3/async/{name}", "sync": False},
    }


SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "many": _schema(
        "many",
        size={"type": "string"},
        num_images={"type": "integer", "minimum": 1, "maximum": 4},
        output_format={"type": "string", "enum": ["jpeg", "png", "webp"], "default": "jpeg"},
    ),
    "one": _schema(
        "one",
        aspect_ratio={"type": "string", "enum": ["16:9", "1:1", "9:16"]},
        safety_tolerance={"type": "string", "x-text-to-image-only": True},
    ),
}


class Host:
    """The emulator's state machine, asked directly. `now` is its clock, in seconds."""

    def __init__(self, **options: Any) -> None:
        self.now = 1000.0
        self._rolls = 0
        self.service = Service(
            SCHEMAS,
            Options(**options),
            clock=lambda: self.now,
            draw=self._draw,
            begin=lambda work: cache(work),
            wall=lambda: 1_700_000_000.0 + self.now,
        )

    def _draw(self) -> float:
        self._rolls += 1
        return (self._rolls * 0.6180339887) % 1

    def ask(self, request: Request) -> Response:
        """The answer to a request, its slow work done on the spot."""
        answer = self.service.answer(request)
        while isinstance(answer, Later):
            self.now += answer.wait
            answer = answer.work()()
        return answer

    def submit(self, body: Any, model: str = "many", **headers: str) -> Response:
        """Submit a body; a header given as `name_part` is sent as `name-part`, an empty one is not sent."""
        sent = {"authorization": "Bearer key", "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {name: value for name, value in sent.items() if value}
        return self.ask(Request("POST", f"/v3/async/{model}", headers=sent, body=data))

    def start(self, model: str = "many", **body: Any) -> str:
        """Submit what must be accepted; its task id."""
        answer = self.submit({"prompt": "a quiet lake"} | body, model)
        assert answer.status == 200, answer.body
        task_id: str = json.loads(answer.body)["task_id"]
        return task_id

    def get(self, path: str, **query: str) -> Response:
        """GET with the key."""
        return self.ask(Request("GET", path, query, {"authorization": "Bearer key"}))

    def result(self, task_id: str) -> dict[str, Any]:
        """The task result."""
        answer = self.get("/v3/async/task-result", task_id=task_id)
        assert answer.status == 200, answer.body
        told: dict[str, Any] = json.loads(answer.body)
        return told

    def fetch(self, link: str, **headers: str) -> Response:
        """Follow a result link, without the key."""
        path, _, query = link.removeprefix("http://127.0.0.1").partition("?")
        pairs = dict(pair.split("=", 1) for pair in query.split("&"))
        return self.ask(Request("GET", path, pairs, headers))

    def ledger(self) -> dict[str, Any]:
        """The host's own account of what was asked."""
        told: dict[str, Any] = json.loads(self.get("/ledger").body)
        return told


def reason(answer: Response) -> tuple[int, str]:
    """Status and reason of a refusal, whose envelope has to be whole."""
    told = json.loads(answer.body)
    assert told["code"] == answer.status
    assert told["message"]
    assert told["metadata"] == {}
    return answer.status, told["reason"]


def opened_with(make: Callable[[], Image.Image], kind: str) -> str:
    """A made picture as a data URI."""
    return f"data:image/{kind.lower()};base64,{base64.b64encode(saved(make(), kind)).decode()}"
