"""A simulated terminal fetches lists in parts, each entry by its name, and says when it is done."""

from collections.abc import Mapping
from typing import cast

from pointsman.codecs.codec import Message, get_codec
from pointsman.sim.device import Device
from pointsman.sim.fetching import fetch
from pointsman.sim.terminal_session import Session

CODEC = get_codec("cup-bcd")


class Switch:
    """Answers management messages from a table of field 62 by code, in order."""

    def __init__(self, lists: Mapping[str, list[bytes]]) -> None:
        self.lists = lists
        self.asked: list[tuple[str, bytes]] = []

    async def manage(self, mti: str, fields: dict[int, str]) -> Message | None:
        code = fields[60][8:11]
        self.asked.append((code, bytes.fromhex(fields.get(62, ""))))
        told = {41: fields[41], 42: fields[42], 39: "00", 60: fields[60]}
        if self.lists.get(code):
            told[62] = self.lists[code].pop(0).hex().upper()
        return CODEC.decode(CODEC.encode(f"{mti[:2]}{int(mti[2]) + 1}0", told))


def key(number: int) -> bytes:
    return bytes.fromhex(f"9F0605A0000003339F2201{number:02X}")


async def test_everything_is_fetched_in_order() -> None:
    expiry = bytes.fromhex("DF05083230333031323331")
    switch = Switch(
        {
            "372": [b"2" + key(1) + expiry, b"3" + key(2) + expiry],
            "382": [b"1" + bytes.fromhex("9F0608A000000333010101")],
        }
    )
    device = Device("898100053310001", "12345678", batch="000012")
    assert await fetch(cast(Session, switch), device) == "00"  # the one thing asked of a session
    assert switch.asked == [
        ("360", b""),
        ("372", b"100"),
        ("370", key(1)),
        ("372", b"101"),
        ("370", key(2)),
        ("371", b""),
        ("382", b"100"),
        ("380", bytes.fromhex("9F0608A000000333010101")),
        ("381", b""),
        ("362", b""),
        ("390", b"1"),
        ("391", b""),
    ]
