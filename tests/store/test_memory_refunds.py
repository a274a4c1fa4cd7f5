"""The back office's virtual terminals in memory; its SQL is proven by test_console_refunds.py."""

from datetime import date

from pointsman.store.memory import MemoryDatabase
from pointsman.store.memory_days import begin_day_close, open_first
from pointsman.store.memory_refunds import VirtualTerminal, close_virtual_batches, order_refund
from pointsman.store.parties import BatchState
from pointsman.store.records import RequestKey

MID = "898100053310001"
DAY, NEXT = date(2026, 11, 22), date(2026, 11, 23)


class Office:
    """The numbers of one back office."""

    def __init__(self) -> None:
        self.db = MemoryDatabase(lambda: 0.0)
        open_first(self.db, DAY)
        self.terminals: dict[str, VirtualTerminal] = {}
        self.orders: dict[bytes, RequestKey] = {}

    def order(self, refund: bytes) -> RequestKey:
        return order_refund(self.db, self.terminals, self.orders, refund, MID)


def test_a_refund_keeps_its_number_and_the_next_one_gets_the_next() -> None:
    office = Office()
    first = office.order(b"one")
    assert first == RequestKey(MID, "CONSOLE0", "000001", "000001")
    assert office.order(b"one") == first
    assert office.order(b"two").stan == "000002"


def test_a_batch_in_which_something_is_closes_with_its_day() -> None:
    office = Office()
    key = office.order(b"one")
    office.db.request_keys[key] = None
    begin_day_close(office.db, DAY, NEXT)
    assert office.db.batches[MID, "CONSOLE0", "000001"].state is BatchState.CLOSED
    assert office.db.batches[MID, "CONSOLE0", "000001"].result == "balanced"
    assert office.order(b"one") == key, "what was written keeps its number"
    assert office.order(b"two") == RequestKey(MID, "CONSOLE0", "000002", "000001")


def test_what_was_not_written_gets_a_number_of_the_next_batch() -> None:
    office = Office()
    office.db.request_keys[office.order(b"written")] = None
    office.order(b"waits")
    close_virtual_batches(office.db)
    assert office.order(b"waits") == RequestKey(MID, "CONSOLE0", "000002", "000001")


def test_an_empty_batch_stays_open() -> None:
    office = Office()
    office.order(b"one")
    close_virtual_batches(office.db)
    assert office.db.batches[MID, "CONSOLE0", "000001"].state is BatchState.OPEN


def test_after_the_last_number_a_new_batch_begins() -> None:
    office = Office()
    office.terminals[MID] = VirtualTerminal(999_999, 999_999)
    assert office.order(b"one") == RequestKey(MID, "CONSOLE0", "000001", "000001")
