"""What a page says about itself and its endpoint besides parameters: title, address, deprecation, a direct answer."""

from __future__ import annotations

import re

from runner.schemagen.fences import without_code
from runner.schemagen.markup import Section
from runner.schemagen.plain import plain

_OWN_URL = re.compile(r"^(?:url:\s{0,4}\"?|# Source:\s{0,4})(https?://[^\s\"]{3,300})", re.MULTILINE)
_FRONT_TITLE = re.compile(r"^title:\s{0,4}[\"']?(.{1,200}?)[\"']?\s{0,4}$", re.MULTILINE)
_HEADING = re.compile(r"^# (?!Source:)(.{1,200})$", re.MULTILINE)
_ABOVE_SAMPLE = re.compile(r"^(.{1,200})\n\s{0,8}\ncURL\s{0,4}$", re.MULTILINE)
_DEPRECATED = re.compile(
    r"^Deprecated\s{0,4}$|^(?:deprecated:\s{0,4}true|tag:\s{0,4}['\"]?deprecated['\"]?)\s{0,4}$"
    r"|^#\s.{0,200}[(\[]\s?deprecated\s?[)\]]"
    r"|\b(?P<whose>(?:this|the)\s[^.\n]{0,80}?)\b(?:api|endpoint|model|page|version)\s"
    r"(?:(?:is|has been)\s(?:now\s)?(?:deprecated|retired|discontinued|sunset)|is no longer (?:available|supported)"
    r"|(?:will be|is being)\s(?:deprecated|retired|discontinued|sunset))\b",
    re.MULTILINE | re.IGNORECASE,
)
_DIRECT = re.compile(
    r"\bdirectly\sreturns?\s|\breturns?\s(?:the|an?)\s[\w\s]{1,40}\sdirectly\b|\breturned\sdirectly\b"
    r"|^Format:\s{0,3}`?(?:binary|audio/|image/|video/)",
    re.IGNORECASE | re.MULTILINE,
)


def title(text: str) -> str | None:
    """What the page is called: above its sample, in its heading, or in its header."""
    above = _ABOVE_SAMPLE.search(text)
    if above:
        return plain(above.group(1))
    headings = _HEADING.findall(without_code(introduction(text)))
    stated = _FRONT_TITLE.search(text[:4_000])
    told = headings[-1] if headings else stated.group(1) if stated else None
    return plain(told).removesuffix(" - Documentation") if told else None


def own_address(text: str) -> str | None:
    """The page's own address; of several, the one of its reference."""
    found = _OWN_URL.findall(text[:4_000])
    return next((each for each in found if "reference" in each), found[0] if found else None)


def introduction(text: str) -> str:
    """What stands above the first parameter, or above the heading of the first ones."""
    places = [at for sign in ("<ParamField", "#param-") if (at := text.find(sign)) >= 0]
    if not places:
        section, at = Section(), 0
        for line in text.split("\n"):
            if section.enter(line.strip()) and section.place is not None:
                return text[:at]
            at += len(line) + 1
    return text[: min(places, default=0)]


def is_deprecated(introduction: str, title: str, address: str) -> bool:
    """Whether badge, title, address or a sentence above the parameters says so, and of this page."""
    if re.search(r"[-_/]deprecated(?:\.\w{1,10})*\Z", address, re.IGNORECASE):
        return True
    for found in _DEPRECATED.finditer(introduction):
        whose = found.group("whose")
        if (
            whose is None
            or whose.lower().startswith("this")
            or _words(title) <= _words(found.group())
            or not _words(whose)
        ):
            return True
    return False


def is_direct(text: str) -> bool:
    """Whether the section on the answer says, without fields, that the result itself comes back."""
    section, told = Section(), []
    for line in without_code(text).split("\n"):
        if not section.enter(line.strip()) and section.place == "response":
            told.append(line)
    return bool(_DIRECT.search("\n".join(told)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower())) - {"the", "api", "a", "an"}
