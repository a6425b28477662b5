"""The calls that are not over, as `retouch journal` tells them: what each one is, and what can be done about it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from runner.report.words import clean_line
from runner.store.entry import Entry

Kind = Literal["in doubt", "pending", "under way", "to send again", "skipped"]
"""What a user has to know of a call: its standing, or that a run has it in hand just now."""
_DECIDED: frozenset[Kind] = frozenset({"to send again", "skipped"})
_MOST_AT_ONCE = 10
"""Calls that a run lists when it ends; the others are counted."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that a listing tells of."""

    calls: Sequence[tuple[Entry, Kind]]
    at_work: bool
    """Whether a run is going on."""

    @property
    def in_doubt(self) -> Sequence[Entry]:
        """The calls that wait for a decision."""
        return [entry for entry, kind in self.calls if kind == "in doubt"]


def look(entries: Iterable[Entry], *, at_work: bool) -> Look:
    """What is known of the calls that are not over.

    While a run is at work, the calls on the bill of the latest run are taken for its own: it may yet hear of them.
    """
    known = [each for each in entries if each.standing != "never sent"]
    latest = max((each.biller for each in known), default="") if at_work else None
    return Look([(each, _kind(each, latest)) for each in known], at_work)


def _kind(entry: Entry, at_work: str | None) -> Kind:
    standing = entry.standing
    if standing in {"pending", "in doubt"} and entry.biller == at_work and entry.state != "DOUBT":
        return "under way"
    assert standing != "over"
    assert standing != "never sent"
    return standing


def as_json(seen: Look, *, everything: bool) -> dict[str, Any]:
    """The same for programs. Prices in US dollars, moments in ISO 8601 with the offset of the local time."""
    return {
        "run_at_work": seen.at_work,
        "in_doubt": len(seen.in_doubt),
        "calls": [_call_json(entry, kind) for entry, kind in seen.calls if everything or kind not in _DECIDED],
    }


def _call_json(entry: Entry, kind: Kind) -> dict[str, Any]:
    order = entry.order
    return {
        "call": entry.number,
        "kind": kind,
        "since": iso(entry.sent or entry.at),
        "run": order.run,
        "recipe": order.recipe,
        "item": order.item,
        "step": order.step,
        "model": order.model,
        "pictures": order.images,
        "price": order.price,
        "spent": entry.spent,
        "at_stake": entry.at_stake,
        "price_list": order.by,
        "task_id": entry.task_id,
        "provider": order.origin.get("provider"),
        "host": order.origin.get("host"),
        "why": "" if kind == "under way" else why(entry),
    }


def listing(seen: Look, *, now: float, everything: bool, where: str, width: int) -> str:
    """The same for people, in lines of so many cells. `now` is in seconds since the epoch; `where` goes behind every
    command that is named, so that it works from here."""
    parts: list[str] = []
    if seen.at_work:
        parts.append(_wrapped("A run is at work in this workspace; what follows changes while it goes on.", width))
    for kind in _HEADINGS:
        group = [entry for entry, each in seen.calls if each == kind]
        if group and (everything or kind not in _DECIDED):
            heading = _HEADINGS[kind][0 if len(group) == 1 else 1].format(count=len(group))
            parts.append(_wrapped(heading, width))
            parts += ["\n".join(_call_lines(entry, kind, now, width)) for entry in group]
            parts.append("\n".join(_advice(kind, group, where, width)))
    if not parts or (seen.at_work and len(parts) == 1):
        parts.append("No call is in doubt, and none waits to be fetched.")
    decided = sum(kind in _DECIDED for _, kind in seen.calls)
    if decided and not everything:
        words = "1 call has been decided about" if decided == 1 else f"{decided} calls have been decided about"
        parts.append(f"{words}: `retouch journal --all{where}` shows {'it' if decided == 1 else 'them'}.")
    return "\n\n".join(parts)


_HEADINGS: Mapping[Kind, tuple[str, str]] = {
    "in doubt": (
        "1 call is in doubt: it was sent, and what became of it cannot be told from here. It is not sent again "
        "unless you say so.",
        "{count} calls are in doubt: they were sent, and what became of them cannot be told from here. They are not "
        "sent again unless you say so.",
    ),
    "pending": (
        "1 call is pending: it is bought, and its pictures are not here yet.",
        "{count} calls are pending: they are bought, and their pictures are not here yet.",
    ),
    "under way": ("1 call is under way.", "{count} calls are under way."),
    "to send again": (
        "1 call is to be sent again, as you decided; the next run that needs it pays it anew.",
        "{count} calls are to be sent again, as you decided; the next run that needs them pays them anew.",
    ),
    "skipped": (
        "1 call is left out, as you decided; a run that needs it goes without, and its step fails.",
        "{count} calls are left out, as you decided; a run that needs them goes without, and their steps fail.",
    ),
}


def _advice(kind: Kind, group: Sequence[Entry], where: str, width: int) -> Iterator[str]:
    """What can be done about calls of one kind, with the commands to do it."""
    number = str(group[0].number) if len(group) == 1 else "NUMBER"
    resolve = f"retouch journal resolve {number}"
    it, is_it = ("it", "it is") if len(group) == 1 else ("them", "they are")
    match kind:
        case "in doubt":
            stake = sum(each.at_stake for each in group)
            if not stake:
                yield _wrapped("The host has been paid, and gives pictures with its answer alone. Pay again:", width)
                yield f"    {resolve} again --yes{where}"
                yield "  Or do without:"
                yield f"    {resolve} skip{where}"
                return
            yield _wrapped(f"Up to {stake:.4f} USD may be billed for {it}.", width)
            yield _wrapped(f"Look for {it} on the host's usage page.", width)
            yield "  If it shows the task, have that fetched; nothing is paid again:"
            yield f"    {resolve} adopt TASK_ID{where}"
            yield "  If it knows nothing of it, have it sent again; if it is there after all, it is"
            yield "  billed twice:"
            yield f"    {resolve} again{where}"
            yield "  Or do without it:"
            yield f"    {resolve} skip{where}"
        case "pending":
            words = "The next run of the same recipe with the same inputs fetches"
            yield _wrapped(f"{words} {it}; nothing is paid again. A task that never ends can be given up:", width)
            yield f"    {resolve} skip --yes{where}"
        case "under way":
            yield _wrapped(f"If the run is cut off, {is_it} pending or in doubt; look again then.", width)
        case "to send again":
            yield _wrapped("Until that run has begun, this can be taken back:", width)
            yield f"    {resolve} skip{where}"
            yield f"    {resolve} adopt TASK_ID{where}"
        case "skipped":
            yield _wrapped("This can be taken back:", width)
            yield f"    {resolve} again{where}"
            yield f"    {resolve} adopt TASK_ID{where}"


def _call_lines(entry: Entry, kind: Kind, now: float, width: int) -> Iterator[str]:
    """A call in a few lines."""
    order = entry.order
    head = f"  call {entry.number}  "
    host = order.origin.get("host") or order.origin.get("provider") or "an unknown host"
    facts = [f"{clean_line(order.model)} at {clean_line(host)}, {cost_words(entry)}"]
    facts.append(f"{'sent' if entry.sent else 'meant'} on {moment(entry.sent or entry.at)}, {_ago(entry, now)}")
    said = ", as you said; the host has not confirmed it yet" if entry.adopted else ""
    facts += [f"run {clean_line(order.run)}"] if order.run else []
    facts += [f"task {clean_line(entry.task_id)}{said}"] if entry.task_id else []
    facts += [told] if (told := why(entry)) and kind not in {"pending", "under way"} else []
    yield head + place(entry)
    for fact in facts:
        yield textwrap.fill(fact, max(width, 40), initial_indent=" " * len(head), subsequent_indent=" " * len(head))


def place(entry: Entry) -> str:
    """Where in a recipe a call stands: recipe, item, step."""
    order = entry.order
    return " › ".join(clean_line(each) for each in (order.recipe, order.item, order.step) if each)


def step_of(entry: Entry) -> str:
    """The step of a call, without which of its calls it is."""
    return entry.order.step.partition(" ")[0]


def why(entry: Entry) -> str:
    """Why a call has not ended, in a clause."""
    if entry.why:
        return clean_line(entry.why)
    if entry.state == "SENDING":
        return "the run that sent it was cut off before an answer came"
    if entry.state in {"RESULT", "STORED"} and entry.ticket is None:
        return "it is paid, and the run was cut off before its pictures were stored"
    return ""


def cost_words(entry: Entry) -> str:
    """What a call costs or may cost."""
    return f"may cost {entry.at_stake:.4f} USD" if entry.at_stake else f"costs {entry.spent:.4f} USD"


def moment(at: float) -> str:
    """A moment in local time with its offset, for people."""
    return datetime.fromtimestamp(at).astimezone().isoformat(" ", timespec="seconds")


def iso(at: float) -> str:
    """A moment in local time with its offset, for programs."""
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")


def _ago(entry: Entry, now: float) -> str:
    seconds = now - (entry.sent or entry.at)
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def to_decide(entries: Sequence[Entry], where: str) -> str:
    """What a run that has met calls in doubt says at its end: each of them, and the command about it."""
    lines = ["1 call is in doubt:" if len(entries) == 1 else f"{len(entries)} calls are in doubt:"]
    for entry in entries[:_MOST_AT_ONCE]:
        order = entry.order
        what = f"{clean_line(order.step)} of {clean_line(order.item)}" if order.item else clean_line(order.step)
        lines.append(f"  call {entry.number}, {what}: {cost_words(entry)}")
        resolve = f"    retouch journal resolve {entry.number}"
        lines.append(f"{resolve} adopt TASK_ID{where}  # the host shows the task: fetch it")
        lines.append(f"{resolve} again{where}  # the host knows nothing of it: send it again")
        lines.append(f"{resolve} skip{where}  # do without it")
    if len(entries) > _MOST_AT_ONCE:
        lines.append(f"  and {len(entries) - _MOST_AT_ONCE} more")
    it = "it" if len(entries) == 1 else "them"
    lines.append(f"look for {it} on the host's usage page first; `retouch journal{where}` explains")
    return "\n".join(lines)


def _wrapped(words: str, width: int) -> str:
    return textwrap.fill(words, max(width, 40), break_long_words=False, break_on_hyphens=False)
