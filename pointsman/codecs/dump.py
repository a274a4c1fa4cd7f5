"""Bytes out of what people paste: plain hex, hex dumps with offsets, captured packets.

Understands hex in any grouping, the dumps of hexdump, xxd and tcpdump -x, and strips Ethernet,
IPv4 and TCP headers where a dump begins with them. Files and standard input are cli/decode.py's.
"""

import re
from typing import Final

SIZE_MAX: Final = 1 << 20  # bytes of one dump
_OFFSET: Final = re.compile(r"\s*(?:0x)?([0-9A-Fa-f]{4,8})(?::|\s|$)\s*(.*)")
_PAIRS: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_WHOLE: Final = re.compile(r"[0-9A-Fa-f]+")
LINE_BYTES_MAX: Final = 32
IPV4: Final = 0x45 >> 4
TCP: Final = 6
ETHERNET_SIZE: Final = 14
ETHERTYPE_IPV4: Final = b"\x08\x00"


def read_dump(text: str) -> bytes:
    """Return the bytes that ``text`` shows; raises ValueError where it shows none."""
    rows = [line for line in text.splitlines() if line.strip()]
    data = _numbered(rows) if len(rows) > 1 or (rows and ":" in rows[0]) else None
    if data is None:
        joined = re.sub(r"0x|[\s:,;-]|\\x", "", text)
        if not joined or len(joined) % 2 or not _WHOLE.fullmatch(joined):
            raise ValueError("not whole bytes of hex")
        data = bytes.fromhex(joined)
    if not data or len(data) > SIZE_MAX:
        raise ValueError(f"holds no bytes, or more than {SIZE_MAX}")
    return strip_packet(data)


def strip_packet(data: bytes) -> bytes:
    """Return the TCP payload where ``data`` is one whole packet, else ``data``."""
    if data[12:14] == ETHERTYPE_IPV4 and len(data) > ETHERNET_SIZE:
        inner = _tcp_payload(data[ETHERNET_SIZE:])
        if inner:
            return inner
    return _tcp_payload(data) or data


def _tcp_payload(packet: bytes) -> bytes:
    if len(packet) < 40 or packet[0] >> 4 != IPV4 or packet[9] != TCP:  # noqa: PLR2004 - both headers
        return b""
    head = (packet[0] & 15) * 4
    total = int.from_bytes(packet[2:4], "big")
    # Frames shorter than 60 bytes are filled up, so the packet may end before the data.
    if not head + 20 <= total <= len(packet):
        return b""
    return packet[head + (packet[head + 12] >> 4) * 4 : total]


def _numbered(rows: list[str]) -> bytes | None:
    """Return the bytes of lines that begin with their own offset, or None."""
    data, last, squeezed = b"", b"", False
    for row in rows:
        if row.strip() == "*":  # tools write a star for lines equal to the last one
            squeezed = bool(last)
            continue
        found = _OFFSET.fullmatch(row)
        if found is None:
            return None
        offset = int(found[1], 16)
        if squeezed and len(data) < offset <= SIZE_MAX:
            data += last * ((offset - len(data)) // len(last))
        # (hexdump ends with a line that has the size alone: it matches.)
        if offset != len(data):
            return None
        last, squeezed = _line_bytes(found[2]), False
        data += last
    return data or None


def _line_bytes(rest: str) -> bytes:
    """Return the bytes before the column of characters."""
    data = b""
    # Two blanks part the halves of a line in some dumps, and bytes from characters in others.
    for group in rest.split("|", maxsplit=1)[0].split():
        if not _PAIRS.fullmatch(group) or len(data) + len(group) // 2 > LINE_BYTES_MAX:
            break
        if len(data) >= LINE_BYTES_MAX // 2:
            break
        data += bytes.fromhex(group)
    return data
