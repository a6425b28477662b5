"""What a "no" means: an error answer, in whatever form it comes, becomes a CallFailed of the right kind.

The API answers errors as `{code, reason, message, metadata}`; gateways in front of it answer in other JSON, plain text
or HTML. The reason decides first, then the status. What leaves open whether a task was bought is "in-doubt"; so is a
"no" that names a task.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from runner.errors import CallFailed
from runner.novita import wire

BALANCE = frozenset({"BILLING_BALANCE_NOT_ENOUGH", "NOT_ENOUGH_BALANCE"})
ACCESS = frozenset(
    {
        "INVALID_API_KEY", "MISSING_API_KEY", "FAILED_TO_AUTH", "BILLING_AUTH_FAILED", "API_NOT_ALLOWED",
        "FEATURE_NOT_ALLOWED", "NEED_REAL_NAME_VERIFY", "ANONYMOUS_ACCESS_QUOTA_EXCEEDS",
    }
)  # fmt: skip
UNKNOWN_ENDPOINT = frozenset({"API_NOT_FOUND", "MODEL_NOT_FOUND"})

_NOT_THE_TASK = UNKNOWN_ENDPOINT | {"RATE_LIMIT_EXCEEDED"}
"""Reasons that say nothing about a task when a question about it is turned away."""
_OPEN = frozenset({408, 425, 499})
"""Statuses of the 4xx family that do not say whether the request was acted upon."""
_GATEWAY = frozenset({404, 405, 411, 413, 414, 415, 417, 431})
"""Statuses with which a server in front of the API turns a request away unread."""
_MODERATED = re.compile(
    r"illegal[_ -]?(prompt|image|content|text)|nsfw|moderat(?!e\b)|(?<!case[-_ ])sensitive(?![-_ ]check)|inappropriate"
    r"|(content|usage)[_ -]?polic|policy[_ -]?violat|safety[_ -]?(system|filter|check|violat)|(un|not )safe\b"
    r"|(blocked|rejected|flagged)[a-z ]* (by|as|for) [a-z ]*(safety|polic|content|unsafe|harmful)"
    r"|content[_ -]?(filter|check|review|safety|security|blocked|flagged)|data[_ -]?inspection|risk[_ -]?control"
    r"|prohibited[_ -]?content|(sexual|explicit|adult|harmful|offensive|violent|pornographic)[a-z ]*content"
    r"|敏感|违规|違規|涉黄|涉政|涉暴|色情|审核|審核|不合规|内容安全",
    re.I,
)
"""Words for what content rules turned away, as hosts and the makers of their models write them."""
_ABOUT_VALUES = re.compile(r"invalid_request|param|argument|validation|schema", re.I)
"""Reasons that speak of a value's form: what their messages quote may be anything."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not a success."""

    status: int
    reason: str
    """The API's own name for the error, e.g. `INVALID_API_KEY`; empty where it gives none."""
    message: str
    """One readable line; may be empty."""
    from_api: bool
    """Whether the API itself speaks (JSON that names an error), not a gateway before it."""
    task: str | None = None
    """The id of a task that the answer names although it is no success."""

    @property
    def words(self) -> str:
        """Status, reason and message as one clause."""
        detail = ": ".join(part for part in (self.reason, self.message) if part)
        return f"HTTP {self.status}" + (f", {detail}" if detail else "")


def read(status: int, answer: bytes) -> Refusal:
    """An error answer in any of its forms."""
    try:
        data = wire.parse(answer)
    except wire.Unusable:
        return Refusal(status, "", _plain(answer), from_api=False)
    inner = data.get("error")
    reason = _first(data.get("reason"), _of(inner, "reason"), _of(inner, "code"), data.get("code"))
    message = _first(data.get("message"), _of(inner, "message"), inner, data.get("detail"))
    name = reason if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,79}", reason) else ""
    return Refusal(
        status, name, wire.readable(message, 300), from_api=bool(name or message), task=wire.task_named(data)
    )


def of_submit(refusal: Refusal, model: str) -> CallFailed:
    """Why a submit was refused; "in-doubt" where the answer does not say that it was.

    Only a "rejected" one with status 429 is worth another try.
    """
    if refusal.task is not None:
        return in_doubt(f"the host answered {refusal.words}, and names task {refusal.task}")
    if 300 <= refusal.status < 400:
        return in_doubt(f"the host answered {refusal.words}, a redirect, which a paid request never follows")
    if not 400 <= refusal.status < 500 or refusal.status in _OPEN:
        return in_doubt(f"the host answered {refusal.words}")
    known = _known(refusal, model)
    if known is not None:
        return known
    if refusal.from_api or refusal.status == 429:
        hint = "the host is asked for too much at once: wait a minute" if refusal.status == 429 else None
        return CallFailed("rejected", f"the host refused the request: {refusal.words}", hint=hint)
    if refusal.status in _GATEWAY:
        return CallFailed("rejected", f"a server on the way turned the request away: {refusal.words}")
    return in_doubt(f"the host answered {refusal.words}")


def of_poll(refusal: Refusal, task: str) -> tuple[CallFailed, bool]:
    """Why asking after a task failed, and whether asking again may help.

    "failed" and "moderated" are the host's last word about a task, so they need the API's own reason: a 404 without
    one comes from a gateway on the way, or from a wrong address, and says nothing about the task.
    """
    if refusal.reason == "TASK_FAILED":
        return of_task(refusal.message or refusal.reason), False
    if refusal.reason == "TASK_NOT_FOUND":
        # right after the submit a task may not have reached every machine of the host
        hint = "was it bought with the key of another account?"
        return CallFailed("lost", f"the host does not know task {task}: {refusal.words}", hint=hint), True
    if refusal.status < 500 and refusal.status not in {404, 429} and refusal.reason not in _NOT_THE_TASK:
        known = _known(refusal, task)
        # words alone, or a 403 of whoever stands before the API, are no last word about what is paid for
        if known is not None and (known.kind != "moderated" or _names_moderation(refusal)):
            return known, False
    failure = CallFailed(
        "network",
        f"the host does not tell how task {task} stands: {refusal.words}",
        hint="check the base URL" if refusal.status == 404 else None,
    )
    return failure, refusal.status >= 500 or refusal.status in _OPEN | {404, 429}


def of_task(reason: str) -> CallFailed:
    """Why a task failed after it was accepted, from the host's words."""
    if _MODERATED.search(reason):
        return moderated(reason)
    return CallFailed("failed", f"the host could not finish the task: {reason or 'it gives no reason'}")


def moderated(words: str) -> CallFailed:
    """The host's content rules stood in the way; trying again changes nothing."""
    return CallFailed(
        "moderated",
        f"the host's content check refused this edit: {words}",
        hint="reword the prompt or take another picture; real people, violence and nudity are the usual causes",
    )


def in_doubt(words: str) -> CallFailed:
    """The request may have been accepted, and billed, although no task id came back. Never sent again by itself."""
    return CallFailed(
        "in-doubt",
        f"{words}; whether the request was accepted is not known",
        hint="it may be billed: look at the host's usage page before you run this step again",
    )


def _known(refusal: Refusal, model: str) -> CallFailed | None:
    """The kinds that reason or status name without a doubt."""
    if refusal.reason in BALANCE or refusal.status == 402:
        hint = "top up the account, then run the same command again: what is bought is kept"
        return CallFailed("access", f"the balance does not suffice ({refusal.words})", hint=hint)
    if refusal.reason not in ACCESS and _is_moderated(refusal):
        return moderated(refusal.words)
    if refusal.reason in ACCESS or refusal.status in {401, 403, 407}:
        return CallFailed(
            "access", f"access was refused ({refusal.words})", hint="check the key (NOVITA_API_KEY) and its rights"
        )
    if refusal.reason in UNKNOWN_ENDPOINT or (refusal.status == 404 and not refusal.reason):
        return CallFailed(
            "rejected",
            f"unknown endpoint or retired model: {model} ({refusal.words})",
            hint="check the base URL; if the model was retired, name another one in the recipe",
        )
    return None


def _names_moderation(refusal: Refusal) -> bool:
    """Whether the API itself, and not whoever stands before it, names content rules as its reason."""
    return refusal.status not in {401, 403, 407} and bool(_MODERATED.search(refusal.reason))


def _is_moderated(refusal: Refusal) -> bool:
    """Whether content rules stood in the way: by the API's reason, or by its message where the reason is a general
    one."""
    if _MODERATED.search(refusal.reason):
        return True
    return refusal.from_api and not _ABOUT_VALUES.search(refusal.reason) and bool(_MODERATED.search(refusal.message))


def _plain(answer: bytes) -> str:
    """The gist of plain text or HTML: its title, or its text without tags."""
    text = answer[:4_000].decode("utf-8", "replace")  # not more: a page of nothing but "<" would take its time
    if text.lstrip()[:1] == "<":
        title = re.search(r"<title[^>]*>([^<]*)", text, re.I)
        text = title[1] if title else re.sub(r"<[^>]*>", " ", text)
        text = html.unescape(text)
    return wire.readable(text, 200)


def _first(*values: Any) -> str:
    return next((value for value in values if isinstance(value, str) and value.strip()), "").strip()


def _of(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
