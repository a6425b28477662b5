"""A whole documentation page -> Page: what the endpoint is, what it takes, what it answers.

`read_page` is the reader's front door. It picks the markup, nests the parameters, reads each one's facts and keeps
every doubt as a warning. A page without parameters is an error that says what was looked for (schemagen.lost).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from runner import digest
from runner.errors import UsageError
from runner.schemagen import lost, mdx, rendered, samples, tables
from runner.schemagen.fences import without_code
from runner.schemagen.markup import MOST_CHARACTERS, Entry, Place, Section
from runner.schemagen.nesting import Node, nested
from runner.schemagen.plain import plain, visible
from runner.schemagen.prose import Facts, facts_of, is_needed

_MARKUPS: tuple[tuple[Callable[[str], bool], Callable[[str], list[Entry]]], ...] = (
    (mdx.speaks, mdx.entries),
    (rendered.speaks, rendered.entries),
    (tables.speaks, tables.entries),
)
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
_PLACEHOLDER = re.compile(r"[{<].{0,80}[}>]")
"""A name that stands for any name: `{key}`."""
_PREFIX = re.compile(r"\A(?:model-apis|gpu-instance|basic)-")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the request, or one field of the answer."""

    name: str
    place: Place
    required: bool
    facts: Facts
    properties: tuple[Parameter, ...]
    """Of an object, or of a list of objects: what is in it."""
    closed: bool
    """Whether `properties` are all there are."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says. None where it says nothing."""

    title: str
    url: str | None
    """The page's own address, where it states it."""
    source: str
    """Where the caller found the page: an address or a file."""
    digest: str
    """SHA-256 of the page's text."""
    method: str | None
    endpoint: str | None
    """The endpoint's address, e.g. `https://api.novita.ai/v3/async/txt2img`."""
    path: str | None
    deprecated: bool | None
    parameters: tuple[Parameter, ...]
    """Query, path and body parameters in page order; headers are left out."""
    response: tuple[Parameter, ...] | None
    warnings: tuple[str, ...]

    @property
    def name(self) -> str:
        """A name for the model: the endpoint's last word, else that of the page's address."""
        last = (self.path or "").rstrip("/").rsplit("/", 1)[-1]
        if last:
            return last
        page = urlsplit(self.url or self.source).path.rstrip("/").rsplit("/", 1)[-1]
        return _PREFIX.sub("", re.sub(r"(?:\.rendered|\.mdx)?\.(?:md|mdx|html)\Z", "", page)) or "model"

    @property
    def sync(self) -> bool | None:
        """True when the answer is the result itself: it holds no `task_id`. None when the page shows no answer."""
        if self.response is None:
            return None
        envelope = next((field.properties for field in self.response if field.name == "data"), ())
        return all(field.name != "task_id" for field in (*self.response, *envelope))


def read_page(text: str, source: str) -> Page:
    """Read a page. `source` is where it came from. Raises UsageError when no parameter can be read from it."""
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"{source} is too long for a documentation page: more than {MOST_CHARACTERS // 1000} kB")
    clean = visible(text)
    warnings: list[str] = []
    entries = _one_endpoint(_entries(clean), warnings)
    asked = [entry for entry in entries if entry.place in ("path", "query", "body")]
    answered = [entry for entry in entries if entry.place == "response"]
    if not asked:
        raise UsageError(f"no request parameters were found in {source}", hint=lost.hint(clean, entries))
    shown = samples.requests(clean, _introduction(clean))
    own = _own_address(clean)
    request = _endpoint(_own_request(shown, asked, own or source), asked, warnings)
    body = samples.body_of(shown, request, frozenset(entry.name for entry in asked))
    parameters = _parameters([e for e in asked if e.place != "body"], None, warnings)
    parameters += _parameters([e for e in asked if e.place == "body"], body, warnings)
    response = _parameters(answered, samples.answer(clean), warnings) if answered else None
    return Page(
        title=_title(clean) or source,
        url=own,
        source=source,
        digest=digest.of_bytes(text.encode("utf-8", "surrogatepass")),
        method=request.method,
        endpoint=request.url,
        path=request.path,
        deprecated=True if _is_deprecated(_introduction(clean), _title(clean) or "", own or source) else None,
        parameters=parameters,
        response=response,
        warnings=tuple(warnings),
    )


def _entries(text: str) -> list[Entry]:
    """The parameters in the first markup that tells of a request, else whatever was found."""
    best: list[Entry] = []
    for speaks, entries in _MARKUPS:
        if speaks(text):
            found = entries(text)
            if any(entry.place in ("path", "query", "body") for entry in found):
                return found
            best = best or found
    return best


def _one_endpoint(entries: list[Entry], warnings: list[str]) -> list[Entry]:
    """The entries of the first endpoint: a request parameter after an answer begins another one."""
    answered = False
    for number, entry in enumerate(entries):
        if entry.place == "response":
            answered = True
        elif answered:
            warnings.append("the page describes several endpoints; the first one is read")
            return entries[:number]
    return entries


def _own_request(shown: Sequence[samples.Request], asked: Sequence[Entry], page: str) -> samples.Request:
    """The sample that shows this endpoint, not a helper of it such as an upload; an empty one when there is none."""
    names = {entry.name for entry in asked if not entry.depth}
    for request in shown:
        if request.stated:
            return request
        if request.made or not request.names:
            last = (request.path or "/").rsplit("/", 1)[-1]
            if request.made or (last and last in page):
                return request
        if request.names & names and "{{" not in (request.path or ""):
            return request
    if len({(each.method, each.path) for each in shown}) == 1 and all(entry.place != "body" for entry in asked):
        return shown[0]  # nothing is sent by which it could be told from another, but there is no other
    return samples.Request()


def _endpoint(request: samples.Request, asked: Sequence[Entry], warnings: list[str]) -> samples.Request:
    """The request as far as it is sure: no method that cannot be right, no address of one example."""
    placed = [entry.name for entry in asked if entry.place == "path"]
    if request.method == "GET" and any(entry.place == "body" for entry in asked):
        warnings.append("the page's sample sends a body with GET; the method is left open")
        request = replace(request, method=None)
    if placed and "{" not in (request.path or "{"):
        warnings.append(f"the page's sample does not show where `{placed[0]}` stands in the path, which is left open")
        request = replace(request, url=None)
    return request


def _own_address(text: str) -> str | None:
    """The page's own address; of several, the one of its reference."""
    found = _OWN_URL.findall(text[:4_000])
    return next((each for each in found if "reference" in each), found[0] if found else None)


def _parameters(entries: Sequence[Entry], sample: object, warnings: list[str]) -> tuple[Parameter, ...]:
    return tuple(_parameter(node, warnings) for node in nested(entries, sample, warnings))


def _parameter(node: Node, warnings: list[str]) -> Parameter:
    entry = node.entry
    children_of = [child for child in node.children if not _PLACEHOLDER.fullmatch(child.entry.name)]
    if node.mixed:
        warnings.append(f"`{entry.name}`: the page lists alternatives under it; its properties are not read")
    children = () if node.mixed else tuple(_parameter(child, warnings) for child in children_of)
    return Parameter(
        name=entry.name,
        place=entry.place,
        required=is_needed(entry, warnings),
        facts=facts_of(entry, warnings),
        properties=children,
        closed=bool(children) and not node.partial and len(children_of) == len(node.children),
    )


def _is_deprecated(introduction: str, title: str, address: str) -> bool:
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


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower())) - {"the", "api", "a", "an"}


def _introduction(text: str) -> str:
    """What stands above the first parameter, or above the heading of the first ones."""
    places = [at for sign in ("<ParamField", "#param-") if (at := text.find(sign)) >= 0]
    if not places:
        section, at = Section(), 0
        for line in text.split("\n"):
            if section.enter(line.strip()) and section.place is not None:
                return text[:at]
            at += len(line) + 1
    return text[: min(places, default=0)]


def _title(text: str) -> str | None:
    above = _ABOVE_SAMPLE.search(text)
    if above:
        return plain(above.group(1))
    headings = _HEADING.findall(without_code(_introduction(text)))
    if headings:
        return plain(headings[-1])
    stated = _FRONT_TITLE.search(text[:4_000])
    return plain(stated.group(1)).removesuffix(" - Documentation") if stated else None
