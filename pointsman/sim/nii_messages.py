"""A simulated terminal's messages of the international dialect: no type code, batch or MAC.

A core (terminal-protocol 13), on purpose not shared with the switch: two readings of one page must
agree. The terminal around it is the same as of the other dialect (terminal.py); how it closes its
batch is nii_settling.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pointsman.codecs.codec import Message
from pointsman.sim.cards import CARDS, EXPIRY, RIGHT_PIN, WRONG_PIN
from pointsman.sim.chip import chip_data, reversal_chip_data
from pointsman.sim.device import Device
from pointsman.sim.items import Item
from pointsman.sim.pos_answers import APPROVALS, Verdict
from pointsman.sim.terminal_keys import WorkingKeys
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin

NETWORK: Final = "003"  # field 24
FIRST_BATCH: Final = "000001"
SETTLE, TRAILER, SIGN_ON, TEST = "920000", "960000", "920000", "990000"
MORE: Final = "1"  # last digit of field 3 of an upload that is not the last
TYPES: Final[Mapping[Kind, tuple[str, str, str]]] = MappingProxyType(
    {
        Kind.SALE: ("0200", "000000", "00"),
        Kind.CASH: ("0200", "010000", "00"),
        Kind.VOID: ("0200", "020000", "00"),
        Kind.REFUND_REQUEST: ("0200", "200000", "00"),
        Kind.BALANCE: ("0100", "310000", "00"),
        Kind.PREAUTH: ("0100", "300000", "06"),
        Kind.OFFLINE: ("0220", "000000", "00"),
        Kind.TIP: ("0220", "020000", "00"),
    }
)
"""MTI, fields 3 and 25 of what this dialect knows."""
_MODES: Final = {
    Entry.SWIPE: "02",
    Entry.CHIP: "05",
    Entry.CONTACTLESS: "07",
    Entry.KEYED: "01",
    Entry.FALLBACK: "80",
}
_ECHOED: Final = (3, 4, 11, 24, 41)
_BY_INVOICE: Final = frozenset({Kind.VOID, Kind.TIP})
_READ: Final = frozenset({Kind.SALE, Kind.CASH, Kind.BALANCE, Kind.PREAUTH})
"""Types for which the card is read; the others name it."""


def request(asked: Asked, chip_random: bytes, pik: bytes = b"") -> tuple[str, dict[int, str]]:
    """Return MTI and fields of a money request; `chip_random` is 12 bytes, `pik` for a PIN.

    A void or a tip with an odd number names its original by that one's invoice alone.
    """
    mti, code, condition = TYPES[asked.what]
    fields = _named(asked.tid, asked.mid, asked.stan) | {
        3: code,
        4: f"{asked.amount_minor:012d}",
        22: _mode(asked),
        25: condition,
        62: asked.stan,  # invoice
    }
    if asked.what is Kind.BALANCE:
        del fields[4]
    fields |= _card(asked, chip_random)
    if asked.original_rrn:
        if asked.what not in _BY_INVOICE or int(asked.stan) % 2 == 0:
            fields[37] = asked.original_rrn
        fields[60] = f"{asked.original_minor:012d}"
        fields[62] = asked.original_stan
    if asked.original_auth or asked.voice_auth:
        fields[38] = asked.original_auth or asked.voice_auth
    if pik and asked.pin is not Pin.NONE and asked.what in _READ:
        pin = RIGHT_PIN if asked.pin is Pin.RIGHT else WRONG_PIN
        fields[52] = WorkingKeys(pik, b"").pin_block(pin, CARDS[asked.card].pan)
    if asked.what is Kind.TIP:
        fields[54] = f"{asked.amount_minor - asked.original_minor:012d}"
    return mti, fields


def reversal(item: Item) -> dict[int, str]:
    """Return the fields of the 0400 that undoes a request."""
    asked = item.asked
    _, code, condition = TYPES[asked.what]
    fields = _named(asked.tid, asked.mid, asked.stan) | {
        3: code,
        4: f"{asked.amount_minor:012d}",
        22: _mode(asked),
        25: condition,
        62: asked.stan,
    }
    if asked.entry in {Entry.CHIP, Entry.CONTACTLESS} and asked.what in _READ:
        fields[55] = reversal_chip_data(asked)
    return fields | {2: CARDS[asked.card].pan, 14: EXPIRY}


def judge(message: Message, fields: Mapping[int, str]) -> Verdict:
    """Judge an answer by what it echoes: there is no MAC."""
    for number in _ECHOED:
        told = message.get(number)
        missing = number == 4 and message.get(39) not in APPROVALS
        if told != fields.get(number) and not (told is None and missing):
            return Verdict.NOT_OURS
    return Verdict.TRUE


def sign_on(device: Device) -> tuple[str, dict[int, str]]:
    """Return a sign-on, with the terminal's next STAN."""
    return "0800", {3: SIGN_ON, **_named(device.tid, device.mid, device.next_stan())}


def test(device: Device) -> tuple[str, dict[int, str]]:
    """Return a test of the line, with the terminal's next STAN."""
    return "0800", {3: TEST, **_named(device.tid, device.mid, device.next_stan())}


def settlement(device: Device, code: str) -> tuple[str, dict[int, str]]:
    """Return an 0500 with the terminal's own totals: the request, or the trailer of an upload."""
    both = (device.totals(domestic=True), device.totals(domestic=False))
    sales = sum(one.debit_count for one in both), sum(one.debit_minor for one in both)
    refunds = sum(one.credit_count for one in both), sum(one.credit_minor for one in both)
    text = "".join(f"{count % 1000:03d}{minor:012d}" for count, minor in (sales, refunds))
    fields = _named(device.tid, device.mid, device.next_stan())
    return "0500", {3: code, **fields, 60: device.batch, 63: text.encode("ascii").hex().upper()}


def uploads(device: Device, items: Sequence[Item]) -> Iterator[tuple[str, dict[int, str]]]:
    """Yield one 0320 for each item; 60 names its original, the last digit of 3 says more follow."""
    for left, item in zip(range(len(items) - 1, -1, -1), items, strict=True):
        asked = item.asked
        mti, code, condition = TYPES[asked.what]
        yield (
            "0320",
            {
                **_named(device.tid, device.mid, device.next_stan()),
                2: CARDS[asked.card].pan,
                3: code[:5] + (MORE if left else "0"),
                4: f"{item.amount_minor:012d}",
                14: EXPIRY,
                22: _mode(asked),
                25: condition,
                37: item.told.rrn if item.told is not None else "",
                39: "00",
                60: f"{mti}{asked.stan}" + " " * 12,
                62: asked.stan,
            },
        )


def _named(tid: str, mid: str, stan: str) -> dict[int, str]:
    return {11: stan, 24: NETWORK, 41: tid, 42: mid}


def _mode(asked: Asked) -> str:
    return _MODES[asked.entry if asked.what in _READ else Entry.KEYED] + "2"


def _card(asked: Asked, chip_random: bytes) -> dict[int, str]:
    card = CARDS[asked.card]
    if asked.what not in _READ or asked.entry is Entry.KEYED:
        return {2: card.pan, 14: EXPIRY}
    if asked.entry in {Entry.SWIPE, Entry.FALLBACK}:
        return {35: card.track2}
    return {
        2: card.pan, 14: EXPIRY, 23: "001", 35: card.track2, 55: chip_data(asked, chip_random),
    }  # fmt: skip
