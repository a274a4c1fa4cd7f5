"""What a terminal may fetch: CA keys and AIDs, its parameters, the black list, other tables.

A core: field 62 of the question in, field 62 of the answer out (terminal-protocol 11). What the
site holds is parties.Downloads; who asks and whether it may is errands.py.
"""

from collections.abc import Sequence
from typing import Final

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.tlv import parse_tlv
from pointsman.store.parties import Downloads, Merchant, RefusedCard

PARAMETERS = "360"
KEY_LIST, KEY_ENTRY = "372", "370"
AID_LIST, AID_ENTRY = "382", "380"
LISTS = frozenset({KEY_LIST, AID_LIST})
STATUS = "362"
BLACK_LIST = "390"
TABLES = frozenset({"364", "394", "396", "398"})  # TMS, contactless, cards of small amounts
BLOCKS = TABLES | {BLACK_LIST}  # records, of which the terminal names the first that it wants
ENDS = frozenset({"361", "365", "371", "381", "391", "395", "397", "399"})
CODES = frozenset({PARAMETERS, KEY_LIST, KEY_ENTRY, AID_LIST, AID_ENTRY, STATUS}) | BLOCKS | ENDS

ENTRIES_MAX: Final = 8  # of a list in one answer
FIELD_SIZE: Final = 512  # of field 62
CARDS_MAX: Final = 42  # of the black list in one answer: twelve characters each
_NOTHING, _WHOLE, _MORE, _LAST = b"0", b"1", b"2", b"3"
_NAMES: Final = {KEY_ENTRY: ("9F06", "9F22"), AID_ENTRY: ("9F06",)}
_LISTED: Final = {KEY_LIST: ("9F06", "9F22", "DF05"), AID_LIST: ("9F06",)}
# Sizes of the terminal's parameters; 22, the merchant's name, is GBK.
PARAMETER_SIZES: Final = {
    "11": 2, "12": 2, "13": 1, "14": 14, "15": 14, "16": 14, "17": 14, "18": 1, "19": 2, "20": 1,
    "21": 1, "22": 40, "23": 1, "24": 1, "25": 1, "26": 8,
}  # fmt: skip
_NAME = "22"
_RECORD_DIGITS: Final = 6


def answer(
    code: str,
    asked: bytes,
    downloads: Downloads,
    merchant: Merchant,
    cards: Sequence[RefusedCard] = (),
) -> bytes:
    """Return field 62 of the answer; nothing where the answer has none.

    `cards` are those of the black list from the record on that was asked for, one more than fit.
    """
    if code == PARAMETERS:
        return parameters(downloads, merchant)
    if code in _LISTED:
        sets = downloads.ca_keys if code == KEY_LIST else downloads.aids
        return listed(sets, _LISTED[code], _received(asked))
    if code in _NAMES:
        sets = downloads.ca_keys if code == KEY_ENTRY else downloads.aids
        return entry(sets, _NAMES[code], asked)
    first = first_record(asked)
    if code == BLACK_LIST:
        told = [f"{card.code}{card.first6}{card.last4}".encode("ascii") for card in cards]
        return block(told, first)
    if code in TABLES:
        records = dict(downloads.tables).get(code, ())
        return block([bytes.fromhex(one) for one in records[first - 1 :]], first)
    return b""


def first_record(asked: bytes) -> int:
    """Read the number of the first record that is wanted, from 1 on; 1 where there is none."""
    return max(1, int(asked)) if asked.isdigit() and len(asked) <= _RECORD_DIGITS else 1


def block(records: Sequence[bytes], first: int) -> bytes:
    """Return what fits of these records, the first of which has this number."""
    data = b""
    for number, record in enumerate(records):
        if 1 + len(data) + len(record) > FIELD_SIZE or number == CARDS_MAX:
            return _MORE + data
        data += record
    if not data:
        return _NOTHING
    return (_LAST if first > 1 else _WHOLE) + data


def parameters(downloads: Downloads, merchant: Merchant) -> bytes:
    """Return the pairs of code and value; the merchant's name stands in where none is given."""
    given = {_NAME: merchant.name, **dict(downloads.parameters)}
    return b"".join(
        code.encode("ascii") + given[code].encode("gbk", "replace")[:size].ljust(size)
        for code, size in PARAMETER_SIZES.items()
        if code in given
    )


def listed(sets: Sequence[str], tags: Sequence[str], received: int) -> bytes:
    """Return the next part of a list, `received` entries being there already."""
    part = sets[received : received + ENTRIES_MAX]
    if not part:
        return _NOTHING
    rest = len(sets) > received + ENTRIES_MAX
    kind = _MORE if rest else _LAST if received else _WHOLE
    return kind + b"".join(_named(one, tags) for one in part)


def entry(sets: Sequence[str], names: Sequence[str], asked: bytes) -> bytes:
    """Return the set with the name that was asked for."""
    try:
        wanted = {item.tag: item.value for item in parse_tlv(asked)}
    except DecodeError:
        return _NOTHING
    for one in sets:
        found = {item.tag: item.value for item in parse_tlv(bytes.fromhex(one))}
        if all(name in wanted and found.get(name) == wanted[name] for name in names):
            return _WHOLE + bytes.fromhex(one)
    return _NOTHING


def _named(one: str, tags: Sequence[str]) -> bytes:
    items = {item.tag: item.value for item in parse_tlv(bytes.fromhex(one))}
    return b"".join(
        bytes.fromhex(tag) + bytes([len(items[tag])]) + items[tag] for tag in tags if tag in items
    )


def _received(asked: bytes) -> int:
    """Read how many entries the terminal has: two digits after the first character."""
    digits = asked[1:3]
    return int(digits) if len(digits) == 2 and digits.isdigit() else 0
