"""Management messages of a simulated terminal: sign-in, echo, sign-off, settlement, batch upload.

A core. None of them carries a MAC in this profile (terminal-protocol 6). Money requests are made in
pos_messages.py; the order in which a batch is closed is settling.py.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from pointsman.codecs.codec import Message
from pointsman.codecs.content import is_digits
from pointsman.sim.cards import CARDS
from pointsman.sim.chip import chip_data
from pointsman.sim.device import Device
from pointsman.sim.items import Item, Totals
from pointsman.sim.pos_messages import request_fields
from pointsman.sim.terminal_keys import WorkingKeys
from pointsman.sim.terminal_rows import Entry, Kind

OPERATOR: Final = "01 "
ITEMS_PER_UPLOAD: Final = 8  # field 48 holds 322 digits
BATCH_SIZE: Final = 6
EQUAL: Final = "1"
PARAMETERS: Final = "360"
LISTS: Final = {"372": ("370", "371", 2), "382": ("380", "381", 1)}
"""Lists of CA keys and AIDs: code of one entry, code of the end, objects that name an entry."""
BLOCKS: Final = (("362", b""), ("390", b"1"), ("391", b""))
"""What is asked for as it is: the status upload, the black list from its first card, its end."""
NO_KEYS: Final = WorkingKeys(bytes(16), bytes(8))
SIGN_IN, SIGN_OFF, SETTLE, ITEMS = "003", "002", "201", "201"
CERTIFICATE_BALANCED, CERTIFICATE_UNBALANCED = "203", "205"
END_BALANCED, END_UNBALANCED, ECHO = "207", "202", "301"

Request = tuple[str, dict[int, str]]
"""Message type and fields."""


def sign_in(device: Device, stan: str, layout: str = SIGN_IN) -> Request:
    """Return 0800/003: the serial number in 62 is the simulator's own."""
    serial = f"Sequence No12SIM0{device.tid}"
    return "0800", {
        11: stan,
        41: device.tid,
        42: device.mid,
        60: f"00{device.batch}{layout}",
        62: serial.encode("ascii").hex().upper(),
        63: OPERATOR,
    }


def sign_off(device: Device, stan: str) -> Request:
    """Return 0820/002."""
    return "0820", {11: stan, **_named(device, SIGN_OFF)}


def echo(device: Device) -> Request:
    """Return 0820/301; an echo has no STAN."""
    return "0820", _named(device, ECHO)


def download(device: Device, code: str, asked: bytes = b"") -> Request:
    """Return 0800 or, for a list, 0820 with what is asked for in field 62 (section 11)."""
    fields = _named(device, code)
    if asked:
        fields[62] = asked.hex().upper()
    return "0820" if code in LISTS or code == BLOCKS[0][0] else "0800", fields


def listed(answer: Message, names: int) -> tuple[list[bytes], bool]:
    """Return the entries of a list, ``names`` objects of each, and whether more follow."""
    data = bytes.fromhex(answer.get(62) or "")
    objects: list[bytes] = []
    entries: list[bytes] = []
    at = 1
    while at < len(data):
        # Tags of one or two bytes, lengths of one byte: a list has no others (section 11).
        head = 3 if data[at] & 0x1F == 0x1F else 2
        end = at + head + data[at + head - 1]
        if data[at : at + 2] == b"\x9f\x06":
            entries += [b"".join(objects[:names])] if objects else []
            objects = []
        objects.append(data[at:end])
        at = end
    entries += [b"".join(objects[:names])] if objects else []
    return entries, data[:1] == b"2"


def settlement(device: Device, stan: str, batch: str = "") -> Request:
    """Return 0500/201 with the terminal's own totals of a batch, domestic then foreign."""
    figures = "".join(_block(device.totals(domestic=one, batch=batch)) for one in (True, False))
    return "0500", {11: stan, **_named(device, SETTLE, batch), 48: figures, 49: "156", 63: OPERATOR}


def results_of(message: Message) -> str:
    """Return the two result digits of a settlement answer; the empty text where there are none."""
    text = message.get(48) or ""
    return text[30] + text[61] if len(text) == 62 and is_digits(text) else ""


def batch_of(message: Message) -> str:
    """Return the batch number in 60.2 of a sign-in answer, or the empty text."""
    text = (message.get(60) or "")[2 : 2 + BATCH_SIZE]
    return text if len(text) == BATCH_SIZE and is_digits(text) else ""


def item_uploads(device: Device, items: Sequence[Item], batch: str = "") -> Iterator[Request]:
    """Yield 0320/201 for sales, eight to a message, each with a STAN of its own."""
    for start in range(0, len(items), ITEMS_PER_UPLOAD):
        part = items[start : start + ITEMS_PER_UPLOAD]
        details = f"{len(part):02d}" + "".join(_detail(item) for item in part)
        yield "0320", {11: device.next_stan(), **_named(device, ITEMS, batch), 48: details}


def refund_uploads(items: Sequence[Item]) -> Iterator[Request]:
    """Yield refunds as they were sent, with type 0320 and without MAC (terminal-protocol 9, 4)."""
    for item in items:
        yield "0320", request_fields(item.asked, NO_KEYS, bytes(12))


def certificate_uploads(items: Sequence[Item], *, balanced: bool) -> Iterator[Request]:
    """Yield 0320/203 or 205: the chip's certificate of each on-line sale."""
    code = CERTIFICATE_BALANCED if balanced else CERTIFICATE_UNBALANCED
    for item in items:
        asked = item.asked
        by_chip = asked.entry in {Entry.CHIP, Entry.CONTACTLESS}
        if not by_chip or asked.what not in {Kind.SALE, Kind.CASH}:
            continue
        card = CARDS[asked.card]
        # 62: result kind 61, card kind, 00, amount, currency.
        kind = "00" if card.domestic else "01"
        shown = f"61{kind}00{item.amount_minor:012d}{asked.currency}"
        yield (
            "0320",
            {
                2: card.pan,
                4: f"{item.amount_minor:012d}",
                11: asked.stan,
                22: "051" if asked.entry is Entry.CHIP else "072",
                23: "001",
                41: asked.tid,
                42: asked.mid,
                55: chip_data(asked, bytes(12)).replace("9F270180", "9F270140"),
                60: f"00{asked.batch}{code}60",
                62: shown.encode("ascii").hex().upper(),
            },
        )


def batch_end(
    device: Device, stan: str, uploaded: int, *, balanced: bool, batch: str = ""
) -> Request:
    """Return 0320/207 or 202 with the number of items that were uploaded."""
    code = END_BALANCED if balanced else END_UNBALANCED
    return "0320", {11: stan, **_named(device, code, batch), 48: f"{uploaded % 10_000:04d}"}


def _named(device: Device, code: str, batch: str = "") -> dict[int, str]:
    return {41: device.tid, 42: device.mid, 60: f"00{batch or device.batch}{code}"}


def _block(totals: Totals) -> str:
    return (
        f"{totals.debit_minor:012d}{totals.debit_count % 1000:03d}"
        f"{totals.credit_minor:012d}{totals.credit_count % 1000:03d}0"
    )


def _detail(item: Item) -> str:
    asked = item.asked
    account = asked.payment_code or (CARDS[asked.card].pan if asked.card else "")  # an order: none
    kind = "00" if item.domestic else "01"
    return f"{kind}{asked.stan}{account.rjust(20, '0')}{item.amount_minor:012d}"
