"""A payment of the history is the switch's own: the two records of an approved chip sale."""

from datetime import UTC, datetime

from pointsman.history.numbering import Numbering
from pointsman.history.rerun import Given, Rerun, account
from pointsman.history.story import Deed, Happening
from pointsman.sim.cards import CARDS
from pointsman.sim.terminal_rows import Entry
from pointsman.store.parties import (
    Acquirer,
    BatchState,
    Directory,
    KeySet,
    KeySetState,
    Merchant,
    Route,
    Terminal,
)
from pointsman.store.records import Concluded, Guard, Recorded, State, Transaction
from tests.history.town import NOW, town

PLACE = town()[0]
MID, TID = PLACE.mid, PLACE.tid
TERMINAL = Terminal(
    *(MID, TID, True, "cup-bcd", "tpdu-header", "cup-ecb", b"tmk"),
    (KeySet(1, b"tpk", b"tak", KeySetState.CURRENT),),
    signed_in=True,
    batch="000007",
    batch_state=BatchState.OPEN,
)
SITE = Directory(
    1,
    {MID: Merchant(MID, "Tea", "5812", "Shanghai", "CN", "156", True)},
    {
        "alpha": Acquirer(
            *("alpha", "48021000", "ascii87-hexbitmap", "ascii4", "127.0.0.1", 9101, True),
            *(b"zpk", b"zak", "x9.19"),
        )
    },
    {MID: (Route(MID, "alpha", 1),)},
)


def happening(number: int, deed: Deed, answer: str = "00", of: int = -1) -> Happening:
    at_ms = int(NOW.timestamp() * 1000) + number * 60_000
    entry, card = Entry.CHIP, "union-19"
    return Happening(number, at_ms, PLACE, deed, 4200, entry, card, "", answer, 300, of)


def lived(one: Happening, original: Transaction | None = None) -> Transaction:
    numbers = Numbering()
    rerun = Rerun(SITE, 3, numbers.rrn, numbers.host_stan)
    row = bytes([one.number]) * 16
    given = Given(TERMINAL, f"{one.number:06d}", row, (b"token", b"cipher"), original)
    replay = rerun.begin(one, given)
    assert replay.intent is not None
    first = replay.intent.transaction
    assert first.state is State.SENDING
    assert (first.key.batch, first.key.stan) == ("000007", f"{one.number:06d}")
    assert replay.intent.guard is (Guard.REFUND if original else None)
    replay.recorded(Recorded(NOW.date()))
    assert replay.outcome is not None
    replay.concluded(Concluded(tell=True))
    return replay.record


def test_an_approved_chip_sale() -> None:
    found = lived(happening(1, Deed.SALE))
    assert found.state is State.APPROVED
    assert (found.kind, found.method, found.acquirer, found.scheme) == (
        *("sale", "chip", "alpha"),
        "CUP",
    )
    assert found.approved_minor == 4200
    assert found.card is not None
    assert found.card.token == b"token"
    assert found.card.masked == "621626******0018"
    local = NOW.astimezone().astimezone(tz=None)
    assert local is not None
    assert found.local_date == "0310"
    assert found.host["37"] == found.rrn == "606900000001"
    assert len(found.auth_code) == 6
    assert not {"2", "35", "55", "52", "128"} & set(found.host)
    assert account(happening(1, Deed.SALE)) == CARDS["union-19"].pan


def test_a_decline_a_silence_and_a_link_that_is_down() -> None:
    assert lived(happening(1, Deed.SALE, "51")).response_code == "51"
    assert lived(happening(1, Deed.SALE, "")).state is State.UNKNOWN
    assert lived(happening(1, Deed.SALE, "not sent")).state is State.FAILED


def test_a_refund_follows_its_sale() -> None:
    sale = lived(happening(1, Deed.SALE))
    back = lived(happening(2, Deed.REFUND, of=1), sale)
    assert back.state is State.APPROVED
    assert (back.kind, back.original, back.host["37"]) == ("refund", sale.id, sale.rrn)
    assert datetime.fromtimestamp(happening(2, Deed.REFUND).at_ms / 1000, UTC) > NOW
