"""Pictures from addresses, for callers who asked for it."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from runner.errors import UsageError
from runner.pages import asking

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 60_000_000
SECONDS = 60.0
"""For a picture in all, its redirects included."""
_MOST_OF_A_NAME = 60
_WANTED = asking.Wanted(
    what="picture",
    accept="image/png, image/jpeg, image/webp, image/*;q=0.5, */*;q=0.1",
    most_bytes=MOST_BYTES,
    seconds=SECONDS,
    instead="save the picture and name the file",
    public=True,
)


def read(address: str, *, transport: httpx.AsyncBaseTransport | None = None) -> bytes:
    """What lies at an address, which the caller has to look at. `transport` takes the place of the network.

    Raises UsageError when there is none or it may not be asked, OutOfReach when its host does not deliver it.
    """
    return asyncio.run(fetched(address, transport=transport))


async def fetched(address: str, *, transport: httpx.AsyncBaseTransport | None = None) -> bytes:
    """The same, for those who have a loop at work already."""
    asking.check(address, _WANTED)  # before the network's library is loaded
    try:
        async with asyncio.timeout(SECONDS):
            answer = await asking.ask(address, _WANTED, transport)
    except asking.failures() as error:
        raise asking.broken(error, address, _WANTED) from None
    data = asking.delivered(answer, address, _WANTED)
    if not answer.whole:
        most = MOST_BYTES // 1_000_000
        raise UsageError(
            f"{asking.told(address)} is larger than {most} MB", hint=f"make it smaller, or {_WANTED.instead}"
        )
    return data


def name_of(address: str) -> str:
    """What the picture at an address is called, without its ending: `mug` of `https://photos.example/mug.jpg?w=9`."""
    last = PurePosixPath(unquote(urlsplit(address).path, errors="replace").replace("\\", "/")).name
    stem = "".join(each for each in PurePosixPath(last).stem if each.isprintable())[:_MOST_OF_A_NAME].strip()
    return stem or "picture"
