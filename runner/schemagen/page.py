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
from runner.schemagen import about, lost, mdx, rendered, samples, tables
from runner.schemagen.alternatives import Same, agreed, count, united
from runner.schemagen.kinds import Kind
from runner.schemagen.markup import MOST_CHARACTERS, Entry, Place
from runner.schemagen.nesting import Node, nested
from runner.schemagen.plain import visible
from runner.schemagen.prose import Facts, facts_of, is_needed

_MARKUPS: tuple[tuple[Callable[[str], bool], Callable[[str], list[Entry]]], ...] = (
    (mdx.speaks, mdx.entries),
    (rendered.speaks, rendered.entries),
    (tables.speaks, tables.entries),
)
_MOST_NAMED = 20
_AS_ONE = "they are read as one, and what only some of them need is optional"
_PLACEHOLDER = re.compile(r"[{<].{0,80}[}>]")
"""A name that stands for any name: `{key}`."""
_ENVELOPES = frozenset({"data", "task"})
_MEDIA = re.compile(r"(?:image|img|video|audio|picture|url)(?:s|_.{1,20})?")
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
    open: bool = False
    """Whether something of it was left out that may belong around it."""


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
    direct: bool = False
    """Whether the page says that the answer is the result itself, such as a stream of sound, and lists no fields."""
    closed: bool = True
    """Whether `parameters` are all there are; not so when one was left out that may be one of them."""

    @property
    def name(self) -> str:
        """A name for the model: its word as recipes can write it, `seedream-4.5` as `seedream-4-5`."""
        return re.sub(r"[^a-z0-9]+", "-", self.word.lower()).strip("-") or "model"

    @property
    def word(self) -> str:
        """What the provider calls the model: the endpoint's last word, else that of the page's address."""
        last = (self.path or "").rstrip("/").rsplit("/", 1)[-1]
        if last and not _PLACEHOLDER.fullmatch(last):
            return last
        page = urlsplit(self.url or self.source).path.rstrip("/").rsplit("/", 1)[-1]
        return _PREFIX.sub("", re.sub(r"(?:\.rendered|\.mdx)?\.(?:md|mdx|html)\Z", "", page)) or "model"

    @property
    def sync(self) -> bool | None:
        """True when the answer is the result itself: it holds no `task_id`. None when the page shows no answer.

        A `task_id` may lie in `data` or `task`; pictures beside such an object are the result all the same.
        """
        if self.response is None:
            return True if self.direct else None
        if any(field.name == "task_id" for field in self.response):
            return False
        inner = [each.name for field in self.response if field.name in _ENVELOPES for each in field.properties]
        return "task_id" not in inner or any(_MEDIA.fullmatch(field.name) for field in self.response)


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
    above, title, own = about.introduction(clean), about.title(clean), about.own_address(clean)
    shown = samples.requests(clean, above)
    request = _endpoint(_own_request(shown, asked, own or source), asked, warnings)
    names = frozenset(entry.name for entry in asked)
    body = samples.body_of(shown, request, names)
    others, others_closed = _parameters([e for e in asked if e.place != "body"], None, warnings)
    parameters, closed = _parameters([e for e in asked if e.place == "body"], body, warnings)
    parameters, closed = others + parameters, others_closed and closed
    if not closed:
        warnings.append("what is in doubt may belong to the request itself, which takes any other parameter too")
    if unlisted := samples.unlisted(shown, request, names):
        listed = ", ".join(f"`{each}`" for each in unlisted[:_MOST_NAMED])
        warnings.append(f"the page's sample sends {listed}, which the page does not list among its parameters")
    response = _parameters(answered, samples.answer(clean), warnings)[0] if answered else None
    return Page(
        title=title or source,
        url=own,
        source=source,
        digest=digest.of_bytes(text.encode("utf-8", "surrogatepass")),
        method=request.method,
        endpoint=request.url,
        path=request.path,
        deprecated=about.is_deprecated(above, title or "", own or source) or None,
        parameters=parameters,
        response=response,
        warnings=tuple(warnings),
        direct=response is None and about.is_direct(clean),
        closed=closed,
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


def _parameters(entries: Sequence[Entry], sample: object, warnings: list[str]) -> tuple[tuple[Parameter, ...], bool]:
    """The parameters of one place, and whether they are all that may stand there."""
    roots = nested(entries, sample, warnings)
    several = count(roots) > 1
    if several:
        warnings.append(f"the page lists alternatives of its parameters; {_AS_ONE}")
    parameters = _properties([roots], warnings)
    return parameters, not several and not any(each.open for each in parameters)


def _properties(lists: Sequence[Sequence[Node]], warnings: list[str]) -> tuple[Parameter, ...]:
    """What stands in one object: several lists of nodes where the page lists it in several alternatives."""
    return tuple(_parameter(same, warnings) for same in united(lists))


def _parameter(same: Same, warnings: list[str]) -> Parameter:
    nodes, notes = same.nodes, list[str]()
    entry = nodes[0].entry
    children_of = [[child for child in node.children if not _is_any_name(child)] for node in nodes]
    if any(node.mixed for node in nodes):
        notes.append(f"`{entry.name}`: the page lists alternatives under it; {_AS_ONE}")
    children = _properties(children_of, notes)
    needed = [is_needed(node.entry, notes) for node in nodes]
    facts = agreed(entry.name, [facts_of(node.entry, notes) for node in nodes], notes)
    if len(nodes) > 1 and not facts.kind.types:
        children = ()  # what is listed may belong to a list in one of them and to an object in another
    elif children and facts.kind.types and not {"object", "array"} & set(facts.kind.types):
        notes.append(f"`{entry.name}`: its type `{entry.kind}` contradicts the properties under it; any value passes")
        facts = Facts(Kind(), deprecated=facts.deprecated)
    warnings.extend(dict.fromkeys(notes) if len(nodes) > 1 else notes)
    doubt = any(node.mixed or node.partial for node in nodes)
    listed = [child for node in nodes for child in node.children]
    return Parameter(
        name=entry.name,
        place=entry.place,
        required=same.everywhere and all(needed),
        facts=facts,
        properties=children,
        closed=bool(children) and not doubt and len(nodes) == 1 and not any(_is_any_name(each) for each in listed),
        open=doubt,
    )


def _is_any_name(node: Node) -> bool:
    return _PLACEHOLDER.fullmatch(node.entry.name) is not None
