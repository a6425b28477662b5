"""What changed between two readings of a documentation page, in words.

Only facts count: titles, descriptions and dates do not, and the order of choices and parameters does not either. One
change is one record. Its `words` are a sentence for people, its paths say which parameter it is about.

A parameter counts as renamed only where it is certain: one picture is gone and one is new, or a name became its own
plural (`lora`, `loras`). In every other case one thing is gone, and another one is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from runner import layout
from runner.layout import Path
from runner.schemagen.spoken import described, form_of, length_of, listed, range_of, types, value
from runner.validation import one_line

Schema = Mapping[str, Any]
Kind = Literal[
    "new",
    "gone",
    "renamed",
    "type",
    "required",
    "default",
    "range",
    "choices",
    "length",
    "form",
    "deprecated",
    "keys",
    "place",
    "other",
    "endpoint",
    "answer",
]

_ASPECTS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("range", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    ("length", ("minItems", "maxItems", "minLength", "maxLength")),
    ("form", ("x-dimension", "x-form", "pattern")),
)
_SPOKEN = {"range": range_of, "length": length_of, "form": form_of}
_WORDING = {"title", "description", "$schema", "$id", "x-retouch"}
"""Keys of a schema that state no fact about a parameter."""
_COMPARED = {
    *(key for _, keys in _ASPECTS for key in keys),
    *("type", "required", "default", "enum", "deprecated", "properties", "items", "additionalProperties"),
    *("x-text-to-image-only", "x-in"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a page says otherwise than before."""

    kind: Kind
    subject: str
    """What changed: ``` `size` ```, ``` the answer's `task.status` ```, `the page`."""
    told: str
    """How, as the rest of the sentence: `is gone (text, optional)`."""
    before: Path | None = None
    """The parameter, by its former path; None when it is new, or when this is not about a parameter."""
    now: Path | None = None
    """The parameter, by its path of today; None when it is gone, or when this is not about a parameter."""
    vanished: bool = False
    """Whether the page states less than it did. That may be the page's doing, or that of its markup."""
    needed: bool = False
    """Whether a request that says nothing of this parameter is wrong from now on."""
    of_answer: bool = False

    @property
    def words(self) -> str:
        """The whole sentence, without its model and without a full stop."""
        return f"{self.subject} {self.told}"


def request_changes(before: Schema, now: Schema) -> tuple[Change, ...]:
    """What changed between two request schemas (schemagen.schema.request_schema): endpoint, parameters, answer."""
    parameters = _objects(before, now, (), _pictures(before, now))
    return (*_endpoint(before["x-retouch"], now["x-retouch"]), *parameters, *_answer(before, now))


def answer_changes(before: Schema, now: Schema) -> tuple[Change, ...]:
    """What changed between two schemas of an answer (schemagen.schema.response_schema)."""
    return (*_endpoint(before["x-retouch"], now["x-retouch"]), *_of_answer(_objects(before, now, (), {})))


def _endpoint(before: Schema, now: Schema) -> Iterator[Change]:
    """Of the endpoint. What a page does not say is no change: not every markup names method and path."""
    former, today = (f"{each.get('method') or 'POST'} {each.get('path')}" for each in (before, now))
    if before.get("path") is not None and now.get("path") is not None and former != today:
        yield Change("endpoint", "the request", f"goes to {today} now, it went to {former}")
    if before.get("sync") is not None and now.get("sync") is not None and before["sync"] != now["sync"]:
        at_once, task = "the result itself", "a task to ask for"
        told = f"is {at_once if now['sync'] else task} now, it was {task if now['sync'] else at_once}"
        yield Change("endpoint", "the answer", told)
    if bool(before.get("deprecated")) != bool(now.get("deprecated")):
        told = "says now that this is deprecated" if now.get("deprecated") else "no longer says that this is deprecated"
        yield Change("deprecated", "the page", told)


def _answer(before: Schema, now: Schema) -> Iterator[Change]:
    former, today = before["x-retouch"].get("response"), now["x-retouch"].get("response")
    if former is not None and today is not None:
        yield from _of_answer(_objects(former, today, (), {}))
    elif former is not None or today is not None:
        told = "shows no answer any more" if today is None else "shows the answer now"
        yield Change("answer", "the page", told, vanished=today is None, of_answer=True)


def _of_answer(changes: Iterator[Change]) -> Iterator[Change]:
    for each in changes:
        yield replace(each, subject=f"the answer's {each.subject}", of_answer=True, needed=False)


def _pictures(before: Schema, now: Schema) -> dict[Path, Path]:
    """The picture that was renamed, by its former path: one that is gone, where one is new that takes its part."""
    former, today = ([each.path for each in layout.of(schema).pictures] for schema in (before, now))
    gone, new = [path for path in former if path not in today], [path for path in today if path not in former]
    if len(gone) == len(new) == 1 and gone[0][:-1] == new[0][:-1] and _mask(gone[0]) == _mask(new[0]):
        return {gone[0]: new[0]}
    return {}


def _mask(path: Path) -> bool:
    return "mask" in path[-1]


def _objects(before: Schema, now: Schema, above: Path, renamed: Mapping[Path, Path]) -> Iterator[Change]:
    """Of the properties of an object that stands at the path `above`, and of what is in them."""
    former, today = before.get("properties", {}), now.get("properties", {})
    asked_before, asked_now = set(before.get("required", ())), set(now.get("required", ()))
    gone = [name for name in former if name not in today]
    new = [name for name in today if name not in former]
    pairs = {name: renamed[(*above, name)][-1] for name in gone if (*above, name) in renamed}
    pairs |= {name: other for name in gone for other in new if name not in pairs and _plural(name, other)}
    for name in former:
        path, required = (*above, name), name in asked_before
        if name in today:
            yield from _parameter(former[name], today[name], path, (required, name in asked_now), renamed)
        elif name in pairs:
            other = pairs[name]
            told = f"({described(former[name], required)}) is now `{'.'.join((*above, other))}` "
            told += f"({described(today[other], other in asked_now)})"
            needed = other in asked_now
            yield Change("renamed", _named(path), told, path, (*above, other), needed=needed)
        else:
            told = f"is gone ({described(former[name], required)})"
            yield Change("gone", _named(path), told, path, vanished=True)
    for name in new:
        if name not in pairs.values():
            required = name in asked_now
            told = f"is new ({described(today[name], required)})"
            yield Change("new", _named((*above, name)), told, None, (*above, name), needed=required)


def _plural(name: str, other: str) -> bool:
    return f"{name}s" == other or f"{other}s" == name


def _parameter(
    before: Schema, now: Schema, path: Path, required: tuple[bool, bool], renamed: Mapping[Path, Path]
) -> Iterator[Change]:
    """Of one parameter that has kept its name. `required` is what it was and what it is."""
    if types(before) != types(now):
        told = f"is now {described(now, required[1])}; it was {described(before, required[0])}"
        yield Change("type", _named(path), told, path, path, needed=required == (False, True), vanished=not types(now))
        return
    if required[0] != required[1]:
        told = "is required now" if required[1] else "is optional now"
        yield Change("required", _named(path), told, path, path, needed=required[1])
    yield from _limits(before, now, path, _named(path), renamed)


def _limits(before: Schema, now: Schema, path: Path, subject: str, renamed: Mapping[Path, Path]) -> Iterator[Change]:
    """Of everything that two schemas of the same type may say, and of what stands inside them."""
    for kind, told, vanished in _facts(before, now):
        yield Change(kind, subject, told, path, path, vanished=vanished)
    yield from _objects(before, now, path, renamed)
    for key, within in (("items", "each entry of"), ("additionalProperties", "each value of")):
        former, today = before.get(key), now.get(key)
        if isinstance(former, dict) and isinstance(today, dict):
            yield from _entries(former, today, path, f"{within} {subject}", renamed)
        elif former != today and key == "items":
            yield from _entries(former or {}, today or {}, path, f"{within} {subject}", renamed)
        elif former != today:
            told = "takes keys of any name now"
            if today is not None:
                told = "takes only the keys that the page names now" if today is False else "takes only such keys now"
            yield Change("keys", subject, told, path, path)


def _entries(before: Schema, now: Schema, path: Path, subject: str, renamed: Mapping[Path, Path]) -> Iterator[Change]:
    if types(before) != types(now):
        told = f"is now {described(now, None)}; it was {described(before, None)}"
        yield Change("type", subject, told, path, path, vanished=not types(now))
    else:
        yield from _limits(before, now, path, subject, renamed)


def _facts(before: Schema, now: Schema) -> Iterator[tuple[Kind, str, bool]]:
    """Kind and words of each fact that differs, and whether it has vanished."""
    yield from _stated("default", *(value(each["default"]) if "default" in each else None for each in (before, now)))
    for kind, keys in _ASPECTS:
        former, today = ({key: each[key] for key in _meant(keys, each) if key in each} for each in (before, now))
        if former != today:
            yield from _stated(kind, _SPOKEN[kind](former), _SPOKEN[kind](today))
    yield from _choices(before.get("enum"), now.get("enum"))
    if bool(before.get("deprecated")) != bool(now.get("deprecated")):
        yield "deprecated", "is deprecated now" if now.get("deprecated") else "is no longer deprecated", False
    if bool(before.get("x-text-to-image-only")) != bool(now.get("x-text-to-image-only")):
        only = "counts only where no picture is sent now"
        yield "other", only if now.get("x-text-to-image-only") else "counts with pictures too now", False
    if before.get("x-in") != now.get("x-in"):
        former, today = (each.get("x-in", "body") for each in (before, now))
        yield "place", f"stands in the {today} of the request now, it stood in the {former}", False
    for key in sorted((before.keys() | now.keys()) - _COMPARED - _WORDING):
        if before.get(key) != now.get(key):
            yield "other", f"has another `{key}` now", key not in now


def _meant(keys: tuple[str, ...], schema: Schema) -> tuple[str, ...]:
    """The keys that state the fact: a pattern only says once more what `x-dimension` says."""
    return ("x-dimension",) if "x-dimension" in keys and "x-dimension" in schema else keys


def _stated(kind: Kind, before: str | None, now: str | None) -> Iterator[tuple[Kind, str, bool]]:
    if before == now:
        return
    if before is None:
        yield kind, f"has a {kind} now: {now}", False
    elif now is None:
        yield kind, f"has no {kind} any more, it was {before}", True
    else:
        yield kind, f"has the {kind} {now} now, it was {before}", False


def _choices(before: list[Any] | None, now: list[Any] | None) -> Iterator[tuple[Kind, str, bool]]:
    if before is None and now is not None:
        yield "choices", f"has choices now: {listed(now)}", False
    elif before is not None and now is None:
        yield "choices", f"has no choices any more, they were {listed(before)}", True
    elif before is not None and now is not None:
        known, listed_now = {_exact(each) for each in before}, {_exact(each) for each in now}
        if added := [each for each in now if _exact(each) not in known]:
            yield "choices", f"takes {listed(added)} now as well", False
        if lost := [each for each in before if _exact(each) not in listed_now]:
            yield "choices", f"takes {listed(lost)} no longer", False


def _exact(choice: Any) -> tuple[bool, Any]:
    """A choice that is not mistaken for another one: true is not the number 1."""
    return isinstance(choice, bool), choice


def _named(path: Path) -> str:
    return one_line(f"`{'.'.join(path)}`")
