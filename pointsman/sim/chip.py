"""Field 55 as a simulated chip card gives it: the tags of a request and of a reversal.

A core. The values are plausible, the cryptogram is made up: the simulated issuer does not verify
it. Reading tags is codecs/tlv.py; the other fields of a request are pos_messages.py.
"""

from collections.abc import Iterable
from typing import Final

from pointsman.sim.terminal_rows import Asked, Kind, Pin

NO_RESULTS: Final = "0000000000"  # tag 95, terminal verification results
COUNTER_SIZE: Final = 65_536  # tag 9F36 has two bytes


def chip_data(asked: Asked, chip_random: bytes) -> str:
    """Return field 55 as hex: the tags that section 10.1 requires, amount and STAN in them."""
    tags = (
        ("9F26", chip_random[:8].hex()),
        ("9F27", "80"),
        ("9F10", "07010103A00000010A0100000000003B163732"),
        ("9F37", chip_random[8:12].hex()),
        ("9F36", _counter(asked)),
        ("95", NO_RESULTS),
        ("9A", asked.at[2:4] + asked.at[5:7] + asked.at[8:10]),
        ("9C", "01" if asked.what is Kind.CASH else "00"),  # ISO 8583: first digits of field 3
        ("9F02", f"{asked.amount_minor:012d}"),
        ("5F2A", f"0{asked.currency}"),
        ("82", "7C00"),
        ("9F1A", "0156"),
        ("9F03", "0" * 12),
        ("9F33", "E0E1C8"),
        ("9F34", "020300" if asked.pin is not Pin.NONE else "1F0302"),
        ("9F35", "22"),
        ("9F1E", _serial(asked)),
        ("84", "A000000333010101"),
        ("9F09", "008C"),
        ("9F41", f"{int(asked.stan):08d}"),
    )
    return _joined(tags)


def reversal_chip_data(asked: Asked) -> str:
    """Return field 55 of a reversal: the reduced set of section 10.1."""
    return _joined((("95", NO_RESULTS), ("9F1E", _serial(asked)), ("9F36", _counter(asked))))


def script_chip_data(asked: Asked) -> str:
    """Return field 55 of a script result: one script, carried out (DF31 begins with 2)."""
    tags = (
        ("9F33", "E0E1C8"),
        ("95", NO_RESULTS),
        ("9F1E", _serial(asked)),
        ("9F36", _counter(asked)),
        ("82", "7C00"),
        ("DF31", "2000000000"),
        ("9F1A", "0156"),
    )
    return _joined(tags)


def _joined(tags: Iterable[tuple[str, str]]) -> str:
    # BER-TLV; all values here are shorter than 128 bytes.
    return "".join(f"{tag}{len(value) // 2:02X}{value}" for tag, value in tags).upper()


def _counter(asked: Asked) -> str:
    return f"{int(asked.stan) % COUNTER_SIZE:04X}"


def _serial(asked: Asked) -> str:
    return asked.tid.encode("ascii").hex().upper()
