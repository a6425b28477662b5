"""The journal on a real disk: what each record says of a call, what a crash leaves, what damage stops."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
from collections.abc import Callable, Coroutine, Iterator
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import pytest

from runner.disk import DISK, Disk
from runner.errors import Damaged, OutOfReach
from runner.operation import make_ticket
from runner.store import lines
from runner.store.entry import Order, State
from runner.store.journal import Journal, everything
from tests.fakes import frozen

T = TypeVar("T")

TICKET = make_ticket({"provider": "novita", "host": "h"}, "paint", "t-1", 5.0)


def order(fingerprint: str = "f", run: str = "run-1", price: float = 0.5) -> Order:
    origin = {"provider": "novita", "host": "h"}
    return Order(fingerprint, "paint", 1, price, "a list", run, "recipe", "mug", "restyle", origin)


@contextlib.contextmanager
def opened(folder: Path, disk: Disk = DISK, *, writing: bool = True) -> Iterator[Journal]:
    with contextlib.closing(Journal(folder, disk, frozen(100.0), writing=writing)) as journal:
        yield journal


def write(work: Coroutine[Any, Any, T]) -> T:
    """The result of one record's writing."""
    return asyncio.run(work)


def begun(journal: Journal, *, until: State, what: Order | None = None, ticket: Any = TICKET) -> int:
    """A call that has come so far; its number."""
    number = write(journal.intent(what or order()))
    steps: list[tuple[State, Callable[[], Coroutine[Any, Any, None]]]] = [
        ("INTENT", lambda: asyncio.sleep(0)),
        ("SENDING", lambda: journal.sending(number, "b" * 64)),
        ("ACCEPTED", lambda: journal.accepted(number, ticket)),
        ("RESULT", lambda: journal.result(number, 1, 7)),
        ("STORED", lambda: journal.stored(number, ["d" * 64])),
        ("DONE", lambda: journal.done(number, 0.25)),
    ]
    for state, step in steps:
        write(step())
        if state == until:
            return number
    raise ValueError(until)


STANDINGS = [
    ("SENDING", "in doubt"),
    ("ACCEPTED", "pending"),
    ("RESULT", "pending"),
    ("STORED", "pending"),
]


@pytest.mark.parametrize(("until", "standing"), STANDINGS)
def test_the_next_process_knows_where_a_call_stands(tmp_path: Path, until: State, standing: str) -> None:
    """Whatever record was the last one."""
    with opened(tmp_path) as journal:
        number = begun(journal, until=until)
    with opened(tmp_path) as journal:
        entry = journal.under_way("f")
        assert entry is not None
        assert (entry.number, entry.state, entry.standing, entry.order) == (number, until, standing, order())
        assert entry.task_id == (None if until == "SENDING" else "t-1")


def test_a_call_that_was_only_meant_is_none(tmp_path: Path) -> None:
    """Its first byte never left; the next call gets a number of its own all the same."""
    with opened(tmp_path) as journal:
        first = begun(journal, until="INTENT")
    with opened(tmp_path) as journal:
        assert (journal.under_way("f"), journal.open()) == (None, ())
        assert begun(journal, until="SENDING") == first + 1


def test_a_call_that_is_over_is_under_way_no_more(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        begun(journal, until="DONE")
        failed = begun(journal, until="ACCEPTED", ticket={**TICKET, "task_id": "t-2"})
        write(journal.failed(failed, "no"))
        refused = begun(journal, until="SENDING")
        write(journal.rejected(refused, "no"))
        assert journal.under_way("f") is None
    with opened(tmp_path) as journal:
        assert journal.under_way("f") is None
        assert [(each.state, each.spent) for each in journal.everything()] == [
            ("DONE", 0.25),
            ("FAILED", 0.5),
            ("REJECTED", 0.0),
        ]


def test_an_attempt_that_was_turned_away_may_be_followed_by_another(tmp_path: Path) -> None:
    """Between the two, nothing is out; and a crash there leaves no doubt."""
    with opened(tmp_path) as journal:
        number = begun(journal, until="SENDING")
        write(journal.turned_away(number, "429"))
    with opened(tmp_path) as journal:
        assert journal.under_way("f") is None
    with opened(tmp_path) as journal:
        number = begun(journal, until="SENDING")
        write(journal.turned_away(number, "429"))
        write(journal.sending(number, "b" * 64))
        write(journal.accepted(number, TICKET))
        assert journal[number].standing == "pending"


@pytest.mark.parametrize("kind", ["accepted", "result", "stored", "done", "failed", "doubted"])
def test_a_record_that_cannot_follow_is_never_written(tmp_path: Path, kind: str) -> None:
    """It is a fault of ours that makes it, and the next run must not suffer for it."""
    values: dict[str, tuple[Any, ...]] = {
        "accepted": (TICKET,), "result": (1, None), "stored": ([],), "done": (0.1,), "failed": ("x",), "doubted": ("x",)
    }  # fmt: skip
    with opened(tmp_path) as journal:
        number = begun(journal, until="INTENT")
        before = text(tmp_path)
        with pytest.raises(AssertionError, match="does not follow INTENT"):
            write(getattr(journal, kind)(number, *values[kind]))
        assert text(tmp_path) == before
        write(journal.sending(number, "b" * 64))
    with opened(tmp_path) as journal:
        assert journal[number].state == "SENDING"


def test_a_record_that_cannot_follow_takes_none_with_it(tmp_path: Path) -> None:
    """Those that wait for the same sync are written, also those of one call that follow each other."""

    async def together(journal: Journal, one: int, other: int) -> list[str]:
        works = [
            journal.accepted(one, TICKET),
            journal.done(other, 0.5),
            journal.result(one, 1, 7),
            journal.result(one, float("nan"), 7),  # type: ignore[arg-type]
            journal.accepted(other, {**TICKET, "task_id": "t-2"}),
            journal.sending(99, "b" * 64),
        ]
        return [str(each) for each in await asyncio.gather(*works, return_exceptions=True)]

    with opened(tmp_path) as journal:
        one, other = begun(journal, until="SENDING"), begun(journal, until="SENDING")
        first, second, third, fourth, fifth, sixth = asyncio.run(together(journal, one, other))
        assert (first, third, fifth) == ("None",) * 3
        assert "DONE does not follow SENDING" in second
        assert "JSON" in fourth
        assert "no such call" in sixth
    with opened(tmp_path) as journal:
        assert [(each.state, each.task_id) for each in journal.open()] == [("RESULT", "t-1"), ("ACCEPTED", "t-2")]


def test_an_impossible_record_on_disk_is_damage(tmp_path: Path) -> None:
    """A hand has written it."""
    (tmp_path / "journal").write_bytes(lines.whole("journal", 1, [{"is": "DONE", "call": 1, "cost": 1.0}]))
    with pytest.raises(Damaged, match="what cannot be"), opened(tmp_path):
        pass


def adopting(task: str) -> Any:
    return {**TICKET, "task_id": task}


def test_a_ticket_of_the_host_is_never_replaced(tmp_path: Path) -> None:
    """Whatever is decided about the call, and however often; its own task may be taken up again."""
    with opened(tmp_path) as journal:
        number = begun(journal, until="ACCEPTED")
        for choice in ("skip", "again"):
            assert journal.resolve(number, choice).task_id == "t-1"
            with pytest.raises(AssertionError, match="cannot be wrong"):
                journal.resolve(number, "adopt", adopting("wrong"))
            assert journal.resolve(number, "adopt", adopting("t-1")).standing == "pending"
        assert (journal.resolve(number, "skip").task_id, journal[number].spent) == ("t-1", 0.5)
    with opened(tmp_path) as journal:
        assert journal[number].task_id == "t-1"


def test_an_adopted_task_that_proves_wrong_leaves_the_doubt(tmp_path: Path) -> None:
    """The user's word is taken back; the host's would stay."""
    with opened(tmp_path) as journal:
        number = begun(journal, until="SENDING")
        journal.resolve(number, "adopt", adopting("wrong"))
        write(journal.doubted(number, "no such task"))
        entry = journal[number]
        assert (entry.standing, entry.task_id, entry.adopted, entry.why) == ("in doubt", None, False, "no such task")
        confirmed = begun(journal, until="RESULT", ticket=adopting("t-2"))
        write(journal.doubted(confirmed, "x"))
        assert journal[confirmed].task_id == "t-2"


@pytest.mark.parametrize("between", ["skip", "again", "doubt", "nothing"])
def test_a_task_that_nobody_but_the_user_knows_is_no_price_yet(tmp_path: Path, between: str) -> None:
    """The id may be a slip of the pen: only what the host confirms is on a bill, and then once."""
    with opened(tmp_path) as journal:
        number = begun(journal, until="SENDING")
        journal.told("run-1")
        journal.resolve(number, "adopt", adopting("wrong"))
        assert not journal[number].told, "that it is in doubt is no price"
        write(journal.taken(number, "run-2"))
        journal.told("run-2")
        assert (journal[number].told, journal[number].spent, journal[number].at_stake) == (False, 0.0, 0.5)
        if between == "doubt":
            write(journal.doubted(number, "no such task"))
        elif between != "nothing":
            journal.resolve(number, between)  # type: ignore[arg-type]
        journal.resolve(number, "adopt", adopting("right"))
        write(journal.result(number, 1, None))
        assert (journal[number].told, journal[number].spent) == (False, 0.5)
        journal.told("run-2")
    with opened(tmp_path) as journal:
        assert journal[number].told


@pytest.mark.parametrize("how", ["killed after its result", "doubted after its result", "skipped with its ticket"])
def test_what_was_paid_and_nobody_will_fetch_is_told_once(tmp_path: Path, how: str) -> None:
    """In doubt or left out, it is on the host's bill."""
    with opened(tmp_path) as journal:
        number = begun(journal, until="ACCEPTED" if how.startswith("skipped") else "SENDING")
        if how.startswith("skipped"):
            journal.resolve(number, "skip")
        else:
            write(journal.result(number, 1, None))
        if how.startswith("doubted"):
            write(journal.doubted(number, "lost"))
        unpaid = begun(journal, until="SENDING")
    with opened(tmp_path) as journal:
        assert [each.number for each in write(journal.untold("f", "run-2"))] == [number]
        assert write(journal.untold("f", "run-2")) == ()
        journal.told("run-2")
    with opened(tmp_path) as journal:
        assert write(journal.untold("f", "run-3")) == ()
        assert journal[unpaid].biller == "run-1"


def test_what_a_run_paid_and_never_told_is_told_once(tmp_path: Path) -> None:
    """By the next run that asks, at what it did cost; what is not over is told by who collects it."""
    with opened(tmp_path) as journal:
        begun(journal, until="DONE")
        begun(journal, until="SENDING")
        begun(journal, until="ACCEPTED", ticket={**TICKET, "task_id": "t-2"})
    with opened(tmp_path) as journal:
        assert [each.spent for each in write(journal.untold("f", "run-2"))] == [0.25]
        assert write(journal.untold("f", "run-2")) == ()
        assert write(journal.untold("g", "run-2")) == ()
    with opened(tmp_path) as journal:
        assert [each.spent for each in write(journal.untold("f", "run-3"))] == [0.25], "run-2 was cut off, too"
        journal.told("run-3")
    with opened(tmp_path) as journal:
        assert write(journal.untold("f", "run-4")) == ()


def test_a_run_that_ended_has_told_what_it_left_pending(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        number = begun(journal, until="ACCEPTED")
        journal.told("run-1")
        assert journal[number].told
    with opened(tmp_path) as journal:
        assert journal[number].told
        write(journal.taken(number, "run-2"))
        assert not journal[number].told


def test_what_was_sent_lately_is_known_to_the_next_process(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        begun(journal, until="DONE")
        begun(journal, until="SENDING")
        begun(journal, until="INTENT")
    with opened(tmp_path) as journal:
        assert [(each.model, each.images, each.steady) for each in journal.sent("h")] == [("paint", 1, 100.0)] * 2
        assert journal.sent("another host") == ()


def test_a_task_belongs_to_one_call(tmp_path: Path) -> None:
    """Also when that call is over."""
    with opened(tmp_path) as journal:
        number = begun(journal, until="DONE")
        assert (journal.holder("h", "t-1"), journal.holder("other", "t-1")) == (number, None)


def test_what_is_asked_for_together_is_synced_together(tmp_path: Path) -> None:
    """A hundred records cost a few syncs, and keep their order."""
    syncs: list[int] = []

    class Counting(Disk):
        """Counts syncs of files."""

        def sync(self, file: BinaryIO | FileIO) -> None:
            syncs.append(1)
            super().sync(file)

    async def many(journal: Journal) -> None:
        numbers = await asyncio.gather(*(journal.intent(order(f"f{at}")) for at in range(100)))
        syncs.clear()
        await asyncio.gather(*(journal.sending(number, "b" * 64) for number in numbers))

    with opened(tmp_path, Counting()) as journal:
        asyncio.run(many(journal))
        assert len(syncs) < 10
    with opened(tmp_path) as journal:
        assert [each.order.fingerprint for each in journal.open()] == [f"f{at}" for at in range(100)]


def test_a_record_is_written_although_nobody_waits_for_it(tmp_path: Path) -> None:
    """A task id arrives while its run is being stopped."""

    async def cancelled(journal: Journal, number: int) -> None:
        task = asyncio.ensure_future(journal.accepted(number, TICKET))
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with opened(tmp_path) as journal:
        number = begun(journal, until="SENDING")
        asyncio.run(cancelled(journal, number))
    with opened(tmp_path) as journal:
        assert journal[number].standing == "pending"


# what stands in the file


def text(folder: Path) -> bytes:
    return (folder / "journal").read_bytes()


@pytest.mark.parametrize("keep", range(1, 60, 7))
def test_a_line_that_was_cut_off_is_dropped_with_a_warning(tmp_path: Path, keep: int) -> None:
    """Wherever it was cut; what stands before it is as it was, and the next record takes its place."""
    with opened(tmp_path) as journal:
        number = begun(journal, until="SENDING")
        before = len(text(tmp_path).rstrip(b"\n")) + 1
        write(journal.accepted(number, TICKET))
    (tmp_path / "journal").write_bytes(text(tmp_path)[: before + keep])
    with opened(tmp_path) as journal:
        (warning,) = journal.warnings
        assert f"cut off ({keep} bytes)" in warning
        assert journal[number].standing == "in doubt"
        write(journal.doubted(number, "gone"))
    with opened(tmp_path) as journal:
        assert (journal.warnings, journal[number].state) == ((), "DOUBT")


@pytest.mark.parametrize("where", [0.02, 0.3, 0.6, 0.8])
@pytest.mark.parametrize("damage", [b"\x00", b"\n", b"7", b"\xff"])
def test_damage_in_the_middle_stops_everything(tmp_path: Path, where: float, damage: bytes) -> None:
    """And the file is left as it was found."""
    with opened(tmp_path) as journal:
        begun(journal, until="DONE")
    whole = text(tmp_path)
    at = int(len(whole) * where)
    spoilt = whole[:at] + (damage if whole[at : at + 1] != damage else b"8") + whole[at + 1 :]
    (tmp_path / "journal").write_bytes(spoilt)
    with pytest.raises(Damaged, match="nothing was sent"), opened(tmp_path):
        pass
    assert text(tmp_path) == spoilt


def test_a_line_taken_out_is_damage(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        begun(journal, until="STORED")
    rows = text(tmp_path).splitlines(keepends=True)
    (tmp_path / "journal").write_bytes(b"".join(rows[:2] + rows[3:]))
    with pytest.raises(Damaged, match="line 3"), opened(tmp_path):
        pass


def test_a_journal_of_a_newer_version_is_left_untouched(tmp_path: Path) -> None:
    newer = lines.whole("journal", 99, [{"is": "SOMETHING NEW"}])
    (tmp_path / "journal").write_bytes(newer)
    with pytest.raises(Damaged, match="newer retouch"), opened(tmp_path):
        pass
    assert text(tmp_path) == newer


def test_a_file_that_is_no_journal_is_left_untouched(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("my diary")
    with pytest.raises(Damaged), opened(tmp_path):
        pass
    assert text(tmp_path) == b"my diary"


def test_it_can_be_read_while_a_run_goes_on(tmp_path: Path) -> None:
    """The room behind the last line, and a line that is just being written, are nothing to a reader."""
    with opened(tmp_path) as journal:
        begun(journal, until="ACCEPTED")
        with opened(tmp_path, writing=False) as seen:
            assert [each.task_id for each in seen.open()] == ["t-1"]
            assert seen.warnings == ()
            with pytest.raises(OutOfReach):
                write(seen.intent(order()))


def test_a_full_disk_takes_no_new_call_and_every_word_of_an_old_one(tmp_path: Path) -> None:
    """Room for what follows is taken before a call is sent."""

    class Filling(Disk):
        """Has no room but what was taken."""

        full = False

        def write_at(self, file: BinaryIO | FileIO, offset: int, data: bytes) -> None:
            size = file.seek(0, os.SEEK_END)
            if self.full and offset + len(data) > size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            super().write_at(file, offset, data)

    async def more(journal: Journal) -> None:
        for at in range(40):
            await journal.intent(order(f"g{at}"))

    disk = Filling()
    with opened(tmp_path, disk) as journal:
        numbers = [begun(journal, until="SENDING", what=order(f"f{at}")) for at in range(40)]
        disk.full = True
        for number in numbers:
            write(journal.accepted(number, {**TICKET, "task_id": f"t-{number}"}))
            write(journal.result(number, 1, 7))
            write(journal.stored(number, ["d" * 64]))
            write(journal.done(number, 0.5))
        with pytest.raises(OutOfReach, match="No space left"):
            write(more(journal))
    with opened(tmp_path) as journal:
        assert {each.state for each in journal.everything() if each.order.fingerprint.startswith("f")} == {"DONE"}


def test_nothing_is_written_once_a_sync_has_failed(tmp_path: Path) -> None:
    """What the disk holds is not known then; another sync would only pretend to know."""

    class Failing(Disk):
        """Fails to sync once."""

        broken = False

        def sync(self, file: BinaryIO | FileIO) -> None:
            if self.broken:
                self.broken = False
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().sync(file)

    disk = Failing()
    with opened(tmp_path, disk) as journal:
        number = begun(journal, until="INTENT")
        disk.broken = True
        for _ in range(2):
            with pytest.raises(OutOfReach, match="Input/output error"):
                write(journal.sending(number, "b" * 64))


def test_what_is_over_moves_to_the_ledger_when_the_journal_has_grown(tmp_path: Path) -> None:
    """Nothing is lost by it: what is open, what was sent lately, and the account of everything."""

    async def many(journal: Journal) -> None:
        for at in range(1500):
            number = await journal.intent(order(f"f{at}"))
            await journal.sending(number, "b" * 64)
            await journal.accepted(number, {**TICKET, "task_id": f"t-{number}"})
            if at % 100:
                await journal.result(number, 1, 7)
                await journal.stored(number, ["d" * 64])
                await journal.done(number, 0.5)

    with opened(tmp_path) as journal:
        asyncio.run(many(journal))
        journal.told("run-1")
        before = journal.everything()
        sent = journal.sent()
    size = len(text(tmp_path))
    with opened(tmp_path) as journal:
        assert len(text(tmp_path).rstrip(b"\n")) < size / 10
        assert journal.everything() == before
        assert journal.sent() == sent
        assert len(journal.open()) == 15
        assert write(journal.intent(order("new"))) == 1501
    with opened(tmp_path) as journal:
        assert len(journal.everything()) == 1501


def test_a_task_is_known_after_its_call_has_moved_to_the_ledger(tmp_path: Path) -> None:
    """A host that gives its name to another call is noticed; now, and after the next folding, too."""
    for round_ in range(2):
        with opened(tmp_path) as journal:
            asyncio.run(bought(journal, 1300))
            journal.told("run-1")
        with opened(tmp_path) as journal:
            assert (tmp_path / "journal").stat().st_size < 200_000, "it was folded"
            last = 1300 * (round_ + 1)
            assert [journal.holder("h", f"t-{number}") for number in (1, 650, last)] == [1, 650, last]


async def bought(journal: Journal, count: int) -> None:
    """So many calls, all of them done."""
    for at in range(count):
        number = await journal.intent(order(f"f{at}"))
        await journal.sending(number, "b" * 64)
        await journal.accepted(number, {**TICKET, "task_id": f"t-{number}"})
        await journal.result(number, 1, 7)
        await journal.stored(number, ["d" * 64])
        await journal.done(number, 0.5)


class NoRoom(Disk):
    """Takes no new file of one name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def move(self, source: Path, target: Path) -> None:
        if target.name == self._name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().move(source, target)


@pytest.mark.parametrize("name", ["journal", "ledger"])
def test_a_disk_without_room_to_fold_opens_all_the_same(tmp_path: Path, name: str) -> None:
    """The long journal goes on, and is shortened when there is room again."""
    with opened(tmp_path) as journal:
        asyncio.run(bought(journal, 1300))
        journal.told("run-1")
        before = journal.everything()
    with opened(tmp_path, NoRoom(name)) as journal:
        assert "No space left" in " ".join(journal.warnings)
        assert journal.everything() == before
        assert begun(journal, until="SENDING") == 1301
    assert len(text(tmp_path)) > 1_000_000
    with opened(tmp_path) as journal:
        assert (journal.warnings, journal.everything()[:1300]) == ((), before)
        assert journal[1301].standing == "in doubt"
    assert len(text(tmp_path)) < 200_000


def test_what_was_sent_is_forgotten_also_after_the_machine_has_started_anew(tmp_path: Path) -> None:
    """The clock that is never set back begins at nothing then."""

    def sent(number: int, at: float, steady: float) -> list[dict[str, Any]]:
        plain = {name: getattr(order(), name) for name in Order.__slots__}
        return [
            {"is": "INTENT", "call": number, "at": at, "order": plain},
            {"is": "SENDING", "call": number, "at": at, "body": "", "steady": steady},
        ]

    records = [*sent(1, 1000.0, 9000.0), *sent(2, 1010.0, 9010.0), *sent(3, 2000.0, 5.0), *sent(4, 9.0, 300.0)]
    (tmp_path / "journal").write_bytes(lines.whole("journal", 1, records))
    with opened(tmp_path) as journal:
        assert [each.at for each in journal.sent()] == [2000.0, 9.0], "the last one: the clock was set back"


def test_a_look_believes_in_damage_only_when_it_stays(tmp_path: Path) -> None:
    """Another process was writing while the file was read."""
    reads: list[Path] = []

    class Written(type(tmp_path)):  # type: ignore[misc]
        """Its file shows a line half written when it is first read."""

        def read_bytes(self) -> bytes:
            reads.append(self)
            whole: bytes = super().read_bytes()
            return whole.replace(b"INTENT", b"\0\0\0\0\0\0") if len(reads) == 1 else whole

    with opened(tmp_path) as journal:
        number = begun(journal, until="ACCEPTED")
        with opened(Written(tmp_path), writing=False) as seen:
            assert seen[number].task_id == "t-1"
        reads.clear()
        assert [each.number for each in everything(Written(tmp_path))] == [number]


def test_a_crash_between_ledger_and_journal_counts_nothing_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        begun(journal, until="DONE")
        journal.told("run-1")
        (entry,) = journal.everything()
    ledger = lines.Lines(tmp_path / "ledger", "ledger", 1, DISK, lambda _: None)
    ledger.append([{"is": "KEPT", "call": entry.number, "entry": entry.to_json()}] * 2)
    ledger.close()
    with opened(tmp_path) as journal:
        assert journal.everything() == (entry,)


def test_the_file_can_be_read_by_people(tmp_path: Path) -> None:
    """A number, a checksum and plain JSON in each line."""
    with opened(tmp_path) as journal:
        begun(journal, until="ACCEPTED")
    told = [line.split(b" ", 2)[2] for line in text(tmp_path).splitlines()]
    kinds = [record.get("is") for line in told for record in json.loads(line)]
    assert kinds == [None, "INTENT", "SENDING", "ACCEPTED"]
