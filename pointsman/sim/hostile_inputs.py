"""The bytes of bad input, each with the answers that the protocol allows to it.

A core: a list of what a broken or hostile terminal may send (terminal-protocol 2, switch-rules 9).
The wanted answers are codes of field 39, ``closed`` for a connection that the switch ends,
``silence`` where it says nothing. Sending is hostile.py.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from pointsman.codecs.framing import Envelope, get_framing
from pointsman.sim import pos_messages
from pointsman.sim.device import Device
from pointsman.sim.pos_messages import HEADER, TPDU, Sealing
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin

SILENCE, CLOSED = "silence", "closed"
CHIP_RANDOM: Final = bytes(range(12))
DECLINED_MINOR: Final = 1005  # the simulated issuer declines it: nothing is left behind
FRAMING: Final = get_framing("tpdu-header")


class Input(msgspec.Struct, frozen=True):
    """One bad input: the messages that are sent in turn, and what the last may bring."""

    name: str
    parts: tuple[bytes, ...]
    wanted: frozenset[str]


def inputs(device: Device, sealing: Sealing, at: str) -> Iterator[Input]:
    """Yield every bad input, made with the keys and batch of a terminal that is signed in."""
    sale = _sale(device, at)
    fields = pos_messages.request_fields(sale, sealing.keys, CHIP_RANDOM)
    good = sealing.seal("0200", fields)
    ended = frozenset({SILENCE, CLOSED})

    def sealed(name: str, wanted: str, **changes: str | None) -> Input:
        changed = {**fields, 11: device.next_stan()}
        for number, value in changes.items():
            changed.pop(int(number[1:]), None)
            if value is not None:
                changed[int(number[1:])] = value
        return _input(name, sealing.seal("0200", changed), wanted)

    yield Input("length zero", (b"\x00\x00",), ended)
    yield Input("length over the maximum", (b"\xff\xff" + bytes(16),), ended)
    yield Input("length longer than what comes", (b"\x02\x00" + TPDU + HEADER,), ended)
    yield Input("web request", (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",), ended)
    yield Input("garbage in a good frame", (b"\x00\x20" + bytes(range(32)),), ended)
    yield Input("wrong TPDU identifier", (_wire(good, tpdu=b"\x61" + TPDU[1:]),), ended)
    yield Input("frame shorter than its headers", (b"\x00\x06" + TPDU + b"\x60",), ended)
    yield Input("bitmap without data", (_wire(good[:10]),), frozenset({"30", SILENCE}))
    yield sealed("unknown terminal", "97 03", f41="99999999")
    yield sealed("unknown merchant", "97 03", f42="999999999999999")
    yield _input("wrong MAC", good[:-1] + bytes([good[-1] ^ 1]), "A0")
    yield _input("no MAC", sealing.codec.encode("0200", fields), "A0 30")
    yield sealed("wrong batch", "77", f60=f"22{int(device.batch) + 7:06d}00060")
    yield sealed("unknown processing code", "30 40 12 57 58", f3="770000")
    yield sealed("missing amount", "30 13", f4=None)
    yield sealed("amount zero", "13 30", f4="0" * 12)
    yield sealed("unknown currency", "A1 12 30", f49="999")
    yield sealed("card with a wrong length", "14 15 30", f35="622638800D3012201")
    yield sealed("PIN announced but missing", "30", f22="021")
    first = {**fields, 11: device.next_stan(), 4: f"{DECLINED_MINOR:012d}"}
    second = {**first, 4: f"{DECLINED_MINOR + 100:012d}"}
    parts = (_wire(sealing.seal("0200", first)), _wire(sealing.seal("0200", second)))
    yield Input("same STAN, other amount", parts, frozenset({"94", "30"}))


def _sale(device: Device, at: str) -> Asked:
    return Asked(
        at=at,
        mid=device.mid,
        tid=device.tid,
        batch=device.batch,
        stan=device.next_stan(),
        flow="sale-swipe",
        what=Kind.SALE,
        entry=Entry.SWIPE,
        amount_minor=DECLINED_MINOR,
        currency="156",
        card="union-16",
        pin=Pin.NONE,
    )


def _input(name: str, body: bytes, wanted: str) -> Input:
    return Input(name, (_wire(body),), frozenset(wanted.split()))


def _wire(body: bytes, tpdu: bytes = TPDU) -> bytes:
    return FRAMING.close(Envelope(tpdu, HEADER, body), body)
