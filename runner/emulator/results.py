"""What the host answers: a task that was accepted, its result, or the pictures themselves in the shape of a page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from runner import answer, layout
from runner.answer import Place
from runner.emulator.task import FAILED, Task

FAILS = "the emulator was asked to let some tasks fail"
MODERATED = "the picture was stopped by content moderation, as the emulator was asked to"

_PLAIN: Mapping[str, Any] = {
    "properties": {
        "images": {
            "type": "array",
            "items": {"properties": {"image_url": {}, "image_url_ttl": {"type": "integer"}, "image_type": {}}},
        }
    }
}
"""The answer of an endpoint whose page does not say where its pictures lie: as a task's result has them."""


def accepted(task: Task, response: Mapping[str, Any] | None) -> dict[str, Any]:
    """The answer that names a task; `response` is the schema of such an answer."""
    return layout.put({}, answer.task_place(response) or ("task_id",), task.task_id)


def brings_files(response: Mapping[str, Any] | None, base64_asked: bool) -> bool:
    """Whether an instant answer of this schema holds the files themselves, so that they have to be had first."""
    return _as_base64(_place(response, base64_asked), base64_asked)


def instant(
    task: Task,
    response: Mapping[str, Any] | None,
    base64_asked: bool,
    links: Sequence[Mapping[str, Any]],
    files: Sequence[bytes],
) -> dict[str, Any]:
    """An answer that holds the pictures, in the shape of the schema `response`.

    `links` are those of a task's result; `files` the image files, where brings_files() says so.
    """
    place = _place(response, base64_asked)
    shape = response if answer.holds_pictures(response) else _PLAIN
    if _as_base64(place, base64_asked):
        values = [base64.b64encode(each).decode("ascii") for each in files]
    else:
        values = [str(each["image_url"]) for each in links]
    more = {"image_url_ttl": links[0]["image_url_ttl"], "image_type": task.extension, "seed": task.seed}
    held = layout.schema_at(shape or {}, place.path)
    if place.inside:
        entry = held.get("items", {})
        entries: list[Any] = [layout.put(_beside(entry, more), place.inside, value) for value in values]
    else:
        entries = list(values)
    told = _beside(shape or {}, more)
    above = place.path[:-1]
    if above:
        told = layout.put(told, above, _beside(layout.schema_at(shape or {}, above), more))
    told = layout.put(told, place.path, entries if place.many else entries[0])
    named = answer.task_place(response)
    return layout.put(told, named, task.task_id) if named else told


def task_result(task: Task, now: float, links: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to a question after a task."""
    moments = {
        "submit_time_ms": task.timing.submitted,
        "execute_time_ms": task.timing.started,
        "complete_time_ms": task.timing.finished,
    }
    status = task.status(now)
    return {
        "task": {
            "task_id": task.task_id,
            "status": status,
            "reason": (MODERATED if task.fate == "moderated" else FAILS) if status == FAILED else "",
            "task_type": task.model.upper().replace("-", "_").replace(".", "_"),
            "eta": 0,
            "progress_percent": 0,
        },
        "images": links,
        "videos": [],
        "audios": [],
        "extra": {
            "seed": str(task.seed),
            "enable_nsfw_detection": False,
            "debug_info": {
                "request_info": "",
                **{name: str(round(at * 1000)) if at <= now else "" for name, at in moments.items()},
            },
        },
    }


def _place(response: Mapping[str, Any] | None, base64_asked: bool) -> Place:
    """Where the pictures go: as links where the schema has room for both, unless base64 is asked for."""
    known = answer.places(response) or answer.places(_PLAIN)
    return next((each for each in known if (each.form == "base64") is base64_asked), known[0])


def _as_base64(place: Place, base64_asked: bool) -> bool:
    return place.form == "base64" or (place.form == "either" and base64_asked)


def _beside(schema: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What an object of this schema says beside its pictures, each value in the type that the schema gives."""
    named = {name: each for name, each in schema.get("properties", {}).items() if name in more}
    return {name: str(more[name]) if each.get("type") == "string" else more[name] for name, each in named.items()}
