"""What acquirers say that nobody waits for reaches the journal, even if the database was away."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import trio
from trio.testing import MockClock

from pointsman.codecs.codec import get_codec
from pointsman.codecs.message import Message
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.inflight import Expected, Reason
from pointsman.switch.notices import DATES_S, RETRY_S, Notices

CODEC = get_codec("ascii87-hexbitmap")


@dataclass
class Records:
    """Remembers what is noted; may be away."""

    away: bool = False
    noted: list[tuple[object, ...]] = field(default_factory=list)
    dates: dict[str, str] = field(default_factory=dict)

    async def late_answer(self, id: bytes, code: str, reason: str, *, approves: bool) -> bool:  # noqa: A002
        await self._look()
        self.noted.append((id, code, reason, approves))
        return approves

    async def cut_over(self, acquirer: str, settlement_date: str) -> None:
        await self._look()
        self.noted.append((acquirer, settlement_date))

    async def settlement_dates(self) -> Mapping[str, str]:
        await self._look()
        return dict(self.dates)

    async def _look(self) -> None:
        await trio.lowlevel.checkpoint()
        if self.away:
            raise StoreUnavailableError("away")


def answer(mti: str, code: str) -> Message:
    return CODEC.decode(CODEC.encode(mti, {7: "1122133000", 11: "000001", 39: code}))


def asked(mti: str, reference: bytes = b"x") -> Expected:
    return Expected(mti, "1122133000", "000001", reference=reference)


async def test_a_late_approval_is_noted_and_what_it_brings_is_sent(
    autojump_clock: MockClock,
) -> None:
    records, kicks = Records(), 0

    def kick() -> None:
        nonlocal kicks
        kicks += 1

    notices = Notices(records, kick)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(notices.run)
        notices.late(answer("0210", "00"), asked("0200"), Reason.LATE)
        notices.late(answer("0210", "51"), asked("0200"), Reason.LATE)
        notices.late(answer("0430", "00"), asked("0420"), Reason.LATE)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert [row[3] for row in records.noted] == [True, False, False]
    assert kicks == 1


async def test_what_has_no_transaction_is_not_noted(autojump_clock: MockClock) -> None:
    records = Records()
    notices = Notices(records, lambda: None)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(notices.run)
        notices.late(answer("0210", "00"), None, Reason.UNKNOWN)
        notices.late(answer("0210", "00"), asked("0200", b""), Reason.LATE)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert records.noted == []


async def test_notices_wait_for_the_database_and_keep_their_order(
    autojump_clock: MockClock,
) -> None:
    records = Records(away=True)
    notices = Notices(records, lambda: None)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(notices.run)
        notices.day("alpha", "1123")
        notices.late(answer("0210", "00"), asked("0200"), Reason.LATE)
        await trio.sleep(3 * RETRY_S)
        assert records.noted == []
        records.away = False
        await trio.sleep(2 * RETRY_S)
        nursery.cancel_scope.cancel()
    assert records.noted == [("alpha", "1123"), (b"x", "00", "late", True)]
    assert notices.dates == {"alpha": "1123"}, "what is sent from now on is of that day"


async def test_what_acquirers_told_others_is_followed_and_our_own_newest_word_stands(
    autojump_clock: MockClock,
) -> None:
    records = Records(dates={"alpha": "1122", "beta": "1122"})
    notices = Notices(records, lambda: None)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(notices.follow)
        await trio.sleep(DATES_S / 2)
        assert notices.dates == {"alpha": "1122", "beta": "1122"}, "as it was before we began"
        notices.day("alpha", "1123")  # and not written yet
        records.dates["beta"] = "1123"
        await trio.sleep(DATES_S)
        assert notices.dates == {"alpha": "1123", "beta": "1122"}
        nursery.start_soon(notices.run)
        records.dates["alpha"] = "1123"
        records.away = True
        await trio.sleep(DATES_S)
        records.away = False
        await trio.sleep(2 * DATES_S)
        nursery.cancel_scope.cancel()
    assert notices.dates == {"alpha": "1123", "beta": "1123"}
