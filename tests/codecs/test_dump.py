"""Hex in every grouping, dumps of common tools, captured packets, and what is none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.dump import read_dump, strip_packet
from tests.codecs.golden import golden

WIRE = golden("cup-echo-req").wire


def dump(form: str) -> str:
    rows = [WIRE[i : i + 16] for i in range(0, len(WIRE), 16)]
    lines = []
    for i, row in enumerate(rows):
        seen = "".join(chr(byte) if 32 < byte < 127 else "." for byte in row)
        match form:
            case "hexdump -C":
                halves = f"{row[:8].hex(' ')}  {row[8:].hex(' ')}"
                lines.append(f"{16 * i:08x}  {halves:<49} |{seen}|")
            case "xxd":
                lines.append(f"{16 * i:08x}: {row.hex(' ', -2):<41} {seen}")
            case "tcpdump -x":
                lines.append(f"\t0x{16 * i:04x}:  {row.hex(' ', -2)}")
            case _:
                lines.append(f"{16 * i:06X}  {row.hex(' ').upper():<48}  {seen}")
    if form == "hexdump -C":
        lines.append(f"{len(WIRE):08x}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("form", ["hexdump -C", "xxd", "tcpdump -x", "wireshark"])
def test_dumps_of_tools_give_their_bytes(form: str) -> None:
    assert read_dump(dump(form)) == WIRE


@pytest.mark.parametrize(
    "text",
    [
        WIRE.hex(), WIRE.hex().upper(), WIRE.hex(" "), WIRE.hex(":"), WIRE.hex("\n", 16),
        f"  {WIRE.hex()}\n", "\\x" + WIRE.hex(" ").replace(" ", "\\x"),
        ", ".join(f"0x{byte:02x}" for byte in WIRE),
    ],
)  # fmt: skip
def test_hex_in_any_grouping_gives_its_bytes(text: str) -> None:
    assert read_dump(text) == WIRE


def test_star_stands_for_lines_like_the_last() -> None:
    zeros = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |....|"
    assert read_dump(f"{zeros}\n*\n00000030  01\n00000031") == bytes(48) + b"\x01"
    with pytest.raises(ValueError, match="hex"):
        read_dump("*\n00000030  01\n")


@pytest.mark.parametrize("text", ["", "  ", "0", "0g", "hello", "00 1", "-1"])
def test_what_is_no_hex_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words differ, the type is what counts
        read_dump(text)


def packet(ethernet: bytes, trailer: bytes) -> bytes:
    total = (40 + len(WIRE)).to_bytes(2, "big")
    ip = b"\x45\0" + total + bytes(5) + b"\x06" + bytes(10)
    tcp = bytes(12) + b"\x50" + bytes(7)
    return ethernet + ip + tcp + WIRE + trailer


def test_packets_give_what_they_carry() -> None:
    assert read_dump(packet(b"", b"").hex()) == WIRE
    assert read_dump(packet(bytes(12) + b"\x08\0", b"").hex()) == WIRE
    assert read_dump(packet(bytes(12) + b"\x08\0", b"\0\0\0").hex()) == WIRE


@given(st.text(max_size=200))
def test_any_text_gives_bytes_or_value_error(text: str) -> None:
    try:
        assert isinstance(read_dump(text), bytes)
    except ValueError as error:
        assert text[:40] not in str(error) or len(text) < 4  # noqa: PT017 - no input in the words


@given(st.binary(max_size=100))
def test_what_is_no_packet_is_left_alone(data: bytes) -> None:
    assert strip_packet(data) in data
