"""Questions outside the two commits, asked of a store in memory that may be away."""

from dataclasses import dataclass, field, replace

import trio
import trio.lowlevel
import trio.testing
from trio.testing import MockClock

from pointsman.store.parties import Terminal
from pointsman.store.records import RequestKey, State, Transaction
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.lookups import AWAY, LOOKUPS_MAX, REREAD_S, Away, Lookups
from pointsman.switch.requests import OriginalReference
from tests.switch.lives import TERMINAL, approved_sale


@dataclass
class Store:
    """The verbs that lookups use."""

    sale: Transaction | None = None
    away: bool = False
    reads: int = 0
    owed: list[tuple[bytes, str]] = field(default_factory=list)
    answers_after: int = 0

    async def terminal(self, _mid: str, _tid: str) -> Terminal:
        self._look()
        return TERMINAL

    async def by_key(self, _key: RequestKey) -> Transaction | None:
        self._look()
        return None

    async def by_rrn(self, _mid: str, _rrn: str) -> Transaction | None:
        self._look()
        return self.sale

    async def by_id(self, _id: bytes) -> Transaction | None:
        self._look()
        if self.sale is not None and self.reads > self.answers_after:
            return replace(self.sale, state=State.APPROVED)
        return self.sale

    async def owe(self, id: bytes, reason: str) -> bool:  # noqa: A002
        self._look()
        self.owed.append((id, reason))
        return True

    async def promote(self, _mid: str, _tid: str, _number: int) -> None:
        self._look()

    async def claim(self, _id: bytes) -> bool:
        self._look()
        return self.sale is not None

    def _look(self) -> None:
        self.reads += 1
        if self.away:
            raise StoreUnavailableError


REFERENCE = OriginalReference("000012", "000120", "", "101735000120", "")


async def lookups(store: Store, nursery: trio.Nursery) -> Lookups:
    made = Lookups(store)  # type: ignore[arg-type]  # the verbs it uses
    nursery.start_soon(made.run)
    await trio.testing.wait_all_tasks_blocked()
    return made


async def test_an_original_is_found_by_its_reference_where_its_key_is_not_known() -> None:
    async with trio.open_nursery() as nursery:
        made = await lookups(Store(sale=approved_sale()), nursery)
        found: list[Transaction | Away | None] = []
        made.original("m", "t", REFERENCE, None, found.append)
        await trio.testing.wait_all_tasks_blocked()
        assert found == [approved_sale()]
        nursery.cancel_scope.cancel()


async def test_a_store_that_is_away_is_not_a_no() -> None:
    async with trio.open_nursery() as nursery:
        made = await lookups(Store(away=True), nursery)
        found: list[object] = []
        made.original("m", "t", REFERENCE, None, found.append)
        made.terminal("m", "t", found.append)
        await trio.testing.wait_all_tasks_blocked()
        assert found == [AWAY, AWAY]
        nursery.cancel_scope.cancel()


async def test_whoever_asks_while_a_terminal_is_about_to_be_read_shares_it(
    autojump_clock: MockClock,
) -> None:
    store = Store()
    async with trio.open_nursery() as nursery:
        made = await lookups(store, nursery)
        found: list[Terminal | Away | None] = []
        for _ in range(3):
            made.terminal("m", "t", found.append, again=True)
        await trio.testing.wait_all_tasks_blocked()
        assert (store.reads, found) == (1, [TERMINAL] * 3)
        for _ in range(4):
            made.terminal("m", "t", found.append, again=True)
        await trio.sleep(REREAD_S / 2)
        assert store.reads == 1  # not so soon again
        await trio.sleep(REREAD_S)
        assert (store.reads, found) == (2, [TERMINAL] * 7)
        nursery.cancel_scope.cancel()


async def test_a_terminal_is_read_once_for_all_of_its_requests() -> None:
    store = Store()
    async with trio.open_nursery() as nursery:
        made = await lookups(store, nursery)
        found: list[Terminal | Away | None] = []
        for tid in "tttu":
            made.terminal("m", tid, found.append)
        await trio.testing.wait_all_tasks_blocked()
        assert (store.reads, found) == (2, [TERMINAL] * 4)
        made.terminal("m", "t", found.append)
        await trio.testing.wait_all_tasks_blocked()
        assert (store.reads, found) == (3, [TERMINAL] * 5)
        nursery.cancel_scope.cancel()


async def test_a_key_set_is_noted_once_however_many_requests_are_under_it() -> None:
    store = Store()
    async with trio.open_nursery() as nursery:
        made = await lookups(store, nursery)
        noted: list[int] = []
        for number in (2, 2, 3):
            made.promote("m", "t", number, lambda number=number: noted.append(number))  # type: ignore[misc]  # the default binds
        await trio.testing.wait_all_tasks_blocked()
        assert (store.reads, sorted(noted)) == (2, [2, 3])
        nursery.cancel_scope.cancel()


async def test_a_key_set_that_could_not_be_noted_is_noted_by_a_later_request() -> None:
    store = Store(away=True)
    async with trio.open_nursery() as nursery:
        made = await lookups(store, nursery)
        noted: list[int] = []
        made.promote("m", "t", 2, lambda: noted.append(2))
        await trio.testing.wait_all_tasks_blocked()
        assert noted == []
        store.away = False
        made.promote("m", "t", 2, lambda: noted.append(2))
        await trio.testing.wait_all_tasks_blocked()
        assert (store.reads, noted) == (2, [2])
        nursery.cancel_scope.cancel()


async def test_a_terminal_is_not_read_again_where_too_much_is_asked() -> None:
    made = Lookups(Store())  # type: ignore[arg-type]  # the verbs it uses
    found: list[Terminal | Away | None] = []
    made.terminal("m", "t", found.append, again=True)
    made.terminal("m", "t", found.append, again=True)
    assert found == [AWAY, AWAY]


async def test_a_claim_is_the_stores_word_or_that_it_is_away() -> None:
    async with trio.open_nursery() as nursery:
        stores = (Store(sale=approved_sale()), Store(), Store(away=True))
        said: list[bool | Away] = []
        for store in stores:
            (await lookups(store, nursery)).claim(b"first", said.append)
            await trio.testing.wait_all_tasks_blocked()
        assert said == [True, False, AWAY]
        nursery.cancel_scope.cancel()


async def test_a_first_copy_is_polled_until_it_has_an_outcome(autojump_clock: MockClock) -> None:
    sending = replace(approved_sale(), state=State.SENDING)
    async with trio.open_nursery() as nursery:
        made = await lookups(Store(sale=sending, answers_after=3), nursery)
        found: list[Transaction | Away | None] = []
        made.first_copy(b"x", trio.current_time() + 10, found.append)
        await trio.sleep(1)
        assert isinstance(found[0], Transaction)
        assert found[0].state is State.APPROVED
        nursery.cancel_scope.cancel()


async def test_a_first_copy_without_outcome_is_given_up_at_the_deadline(
    autojump_clock: MockClock,
) -> None:
    sending = replace(approved_sale(), state=State.SENDING)
    async with trio.open_nursery() as nursery:
        made = await lookups(Store(sale=sending, answers_after=1000), nursery)
        found: list[Transaction | Away | None] = []
        made.first_copy(b"x", trio.current_time() + 10, found.append)
        await trio.sleep(11)
        assert found == [None]
        nursery.cancel_scope.cancel()


async def test_a_debt_is_paid_when_the_store_is_back(autojump_clock: MockClock) -> None:
    store = Store(away=True)
    async with trio.open_nursery() as nursery:
        made = await lookups(store, nursery)
        told: list[bool] = []
        made.owe(b"x", "22", told.append)
        await trio.sleep(3)
        assert (made.debts, told) == (1, [])
        store.away = False
        await trio.sleep(3)
        assert (store.owed, made.debts, told) == ([(b"x", "22")], 0, [True])
        nursery.cancel_scope.cancel()


async def test_questions_beyond_the_limit_are_not_asked(
    autojump_clock: MockClock,
) -> None:
    sending = replace(approved_sale(), state=State.SENDING)
    async with trio.open_nursery() as nursery:
        made = await lookups(Store(sale=sending, answers_after=10**9), nursery)
        found: list[Transaction | Away | None] = []
        for _ in range(LOOKUPS_MAX + 1):
            made.first_copy(b"x", trio.current_time() + 1000, found.append)
        assert found == [AWAY]
        nursery.cancel_scope.cancel()
