"""Group commit: records in the order in which they were asked for, told when they last and not before."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from runner.store.commit import GroupCommit

Record = Mapping[str, Any]


def anything(records: Sequence[Record]) -> Sequence[None]:
    """No objection to any record."""
    return [None] * len(records)


def test_records_stand_in_the_order_in_which_they_were_asked_for() -> None:
    """Those that wait for a sync together, too."""
    written: list[Record] = []
    heard: list[Record] = []

    async def ask() -> None:
        commit = GroupCommit(written.extend, heard.append, anything)
        await asyncio.gather(*(commit.write({"number": 2 * each}, {"number": 2 * each + 1}) for each in range(20)))
        commit.close()

    asyncio.run(ask())
    assert [each["number"] for each in written] == list(range(40))
    assert heard == written


def test_nobody_goes_on_before_the_record_lasts() -> None:
    """As long as the disk is at work, neither the writer nor the book has heard of it."""
    at_work, may_end = threading.Event(), threading.Event()
    heard: list[Record] = []

    def append(_: Sequence[Record]) -> None:
        at_work.set()
        assert may_end.wait(20)

    async def ask() -> None:
        commit = GroupCommit(append, heard.append, anything)
        writing = asyncio.ensure_future(commit.write({"number": 1}))
        await asyncio.to_thread(at_work.wait, 20)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not writing.done()
        assert not heard
        may_end.set()
        await writing
        assert len(heard) == 1
        commit.close()

    asyncio.run(ask())


def test_a_record_that_may_not_be_written_fails_its_own_waiter_alone() -> None:
    """The others of its batch are written and told, in their order."""
    written: list[Record] = []
    heard: list[Record] = []

    def odd(records: Sequence[Record]) -> Sequence[Exception | None]:
        return [AssertionError("odd") if each["number"] % 2 else None for each in records]

    async def ask() -> Sequence[BaseException | None]:
        commit = GroupCommit(written.extend, heard.append, odd)
        try:
            return await asyncio.gather(*(commit.write({"number": each}) for each in range(6)), return_exceptions=True)
        finally:
            commit.close()

    assert [str(each) for each in asyncio.run(ask())] == ["None", "odd"] * 3
    assert heard == written == [{"number": 0}, {"number": 2}, {"number": 4}]


def test_what_was_being_written_when_the_loop_ended_is_told_before_what_follows() -> None:
    """Else what follows it would be judged without it."""
    at_work, may_end = threading.Event(), threading.Event()
    heard: list[Record] = []
    commits: list[GroupCommit] = []

    def append(_: Sequence[Record]) -> None:
        at_work.set()
        assert may_end.wait(20)

    def in_turn(records: Sequence[Record]) -> Sequence[Exception | None]:
        return [None if each["number"] == len(heard) + at else ValueError() for at, each in enumerate(records)]

    async def ask() -> None:
        commit = GroupCommit(append, heard.append, in_turn)
        commits.append(commit)
        first = asyncio.ensure_future(commit.write({"number": 0}))
        await asyncio.to_thread(at_work.wait, 20)
        second = asyncio.ensure_future(commit.write({"number": 1}))
        await asyncio.sleep(0)
        assert not first.done()
        assert not second.done()

    asyncio.run(ask())
    may_end.set()
    commits[0].close()
    assert heard == [{"number": 0}, {"number": 1}]
