"""One sale as its three witnesses tell it, for the tests of the referee."""

from pointsman.sim.host_rows import HostRequest, Outcome, Work
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Told
from pointsman.sim.world.testimony import JournalRow

MID, TID, BATCH, STAN = "898100053310001", "12340000", "000001", "000001"
AT = "2026-11-22T10:00:00.000+00:00"
NAME = (MID, TID, BATCH, STAN)
KEY = "1122100000-000001"

ASKED = Asked(AT, *NAME, Kind.SALE.value, Kind.SALE, Entry.SWIPE, 1000, "156")
TOLD = Told(AT, *NAME, "00", True, 1000, rrn="R1", auth="A1")  # a row
DONE = HostRequest(
    at=AT,
    key=KEY,
    mti="0200",
    work=Work.SALE,
    processing_code="000000",
    amount_minor=1000,
    currency="156",
    mid=MID,
    tid=TID,
    rrn="R1",
    card="",
    pin="none",
    outcome=Outcome.APPROVED,
    code="00",
    auth="A1",
    behaviour="answer",
)
KEPT = JournalRow(
    id="one",
    name=NAME,
    kind="sale",
    state="approved",
    undo="none",
    voiding="none",
    amount_minor=1000,
    approved_minor=1000,
    refunded_minor=0,
    currency="156",
    rrn="R1",
    auth="A1",
    acquirer="alpha",
    host_key=KEY,
    original="",
    owed="",
    has_exception=False,
)
