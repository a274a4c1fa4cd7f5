"""One message of a terminal: who asks, and the way its answer goes back."""

import pytest

from pointsman.codecs.framing import Envelope, get_framing
from pointsman.switch.ports import Ask
from tests.codecs.golden import golden
from tests.switch.lives import POS, message
from tests.switch.test_conductor import Terminals

FRAMING = get_framing("tpdu-header")
SALE = "cup-sale-swipe-pin-req"


def ask(connection: Terminals, **changes: str) -> Ask:
    envelope = Envelope(bytes.fromhex("6005100007"), bytes.fromhex("602200000000"), b"")
    return Ask(connection, envelope, message(SALE, **changes), 0.0, POS)


class Frames(Terminals):
    """A connection that keeps whole frames."""

    def put(self, frame: bytes, taken: object = None) -> None:
        self.frame, self.taken = frame, taken


def test_identities_are_without_their_padding() -> None:
    asked = ask(Terminals(), f41="T1      ", f42="SHOP           ")
    assert (asked.mid, asked.tid) == ("SHOP", "T1")


@pytest.mark.parametrize(
    ("code", "digit"), [("00", "0"), ("98", "0"), ("A0", "3"), ("77", "3"), ("99", "3")]
)
def test_an_answer_swaps_the_addresses_and_says_when_to_sign_in(code: str, digit: str) -> None:
    connection = Frames()
    body = POS.encode("0210", dict(golden("cup-sale-resp-A0").fields))
    taken = object()
    ask(connection).answer(body, code, taken)  # type: ignore[arg-type]  # only handed on
    opened = FRAMING.open(FRAMING.reader().feed(connection.frame)[0])
    assert opened.tpdu.hex() == "6000070510"
    assert opened.header.hex() == f"60220{digit}000000"
    assert (opened.body, connection.taken) == (body, taken)
