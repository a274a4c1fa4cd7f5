"""The money requests of a simulated terminal as fields, and sealed with a MAC.

A core for the UnionPay-like dialect (terminal-protocol 3 to 8). Which request comes next is
flows.py, how answers are judged pos_answers.py, waiting and sending terminal.py. Management
messages and settlement are made in pos_management.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, assert_never

from pointsman.codecs.codec import Codec
from pointsman.sim import wallet_messages
from pointsman.sim.cards import CARDS, EXPIRY, RIGHT_PIN, WRONG_PIN
from pointsman.sim.chip import chip_data, reversal_chip_data, script_chip_data
from pointsman.sim.host_messages import write_tag
from pointsman.sim.items import Item
from pointsman.sim.pos_types import TYPES
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin

TPDU: Final = bytes.fromhex("6005010000")
HEADER: Final = bytes.fromhex("603100311003")
BLANK_MAC: Final = "0" * 16
ENTRY_MODES: Final[Mapping[Entry, str]] = MappingProxyType(
    {
        Entry.SWIPE: "02",
        Entry.CHIP: "05",
        Entry.CONTACTLESS: "07",
        Entry.KEYED: "01",
        Entry.FALLBACK: "02",
        Entry.QR: "03",
    }
)
# 60.4 reads stripe, chip and contactless; 60.5 says that the chip failed; 60.6 no partial approval.
READING: Final[Mapping[Entry, str]] = MappingProxyType(
    {
        Entry.SWIPE: "60",
        Entry.CHIP: "600",
        Entry.CONTACTLESS: "60",
        Entry.KEYED: "60",
        Entry.FALLBACK: "52",
        Entry.QR: "600",
    }
)
PLAN: Final = "03" + "GOODS".ljust(30) + "11"
"""Field 62 of an instalment sale: 3 parts, plan code, a constant, the fee each month."""

# Types whose card data is keyed or read again, without chip and PIN: follow-ups and advices.
_KEYED_TYPES: Final = frozenset(Kind) - {
    Kind.SALE,
    Kind.CASH,
    Kind.VOID,
    Kind.BALANCE,
    Kind.PREAUTH,
    Kind.ECASH,
    Kind.INSTALMENT,
    Kind.INSTALMENT_VOID,
    Kind.POINTS,
    Kind.POINTS_VOID,
    Kind.POINTS_BALANCE,
}
_FIRST: Final = frozenset(
    {Kind.SALE, Kind.BALANCE, Kind.PREAUTH, Kind.ECASH, Kind.INSTALMENT, Kind.POINTS}
    | {Kind.POINTS_BALANCE, Kind.CASH, Kind.OFFLINE, Kind.WALLET_ORDER, Kind.WALLET_PAY}
)
"""Types that follow nothing."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """What is needed to seal a message: dialect, keys and MAC method."""

    codec: Codec = field(repr=False)
    keys: WorkingKeys
    method: MacMethod

    def seal(self, mti: str, fields: Mapping[int, str]) -> bytes:
        """Return the message with field 64 over all before it."""
        codec = wallet_messages.codec_for(self.codec, mti)
        blank = codec.encode_spans(mti, {**fields, 64: BLANK_MAC})
        mac = self.keys.mac(self.method, blank.data[: blank.spans[64][0]])
        return codec.encode(mti, {**fields, 64: mac})


def request_fields(asked: Asked, keys: WorkingKeys, chip_random: bytes) -> dict[int, str]:
    """Return the fields of a money request without 64; ``chip_random`` is 12 bytes."""
    row = TYPES[asked.what]
    if row.wallet:
        return wallet_messages.request_fields(asked)
    entry = asked.entry
    keyed = asked.what in _KEYED_TYPES and entry is not Entry.QR
    mode = ENTRY_MODES[Entry.KEYED if keyed else entry]
    fields = {
        3: row.processing_code,
        4: f"{asked.amount_minor:012d}",
        11: asked.stan,
        22: mode + ("2" if asked.pin is Pin.NONE else "1"),
        25: asked.condition or row.condition,
        41: asked.tid,
        42: asked.mid,
        49: asked.currency,
        60: f"{row.type_code}{asked.batch}{row.network}{READING[entry]}",
    }
    if row.silent_ok:
        del fields[4]
    if asked.what not in _FIRST:
        fields |= _original_fields(asked)
    if row.resent and asked.what is not Kind.REFUND:
        fields[63] = CARDS[asked.card].scheme
    if asked.voice_auth:
        fields[38] = asked.voice_auth
    if asked.what is Kind.SCRIPT_RESULT:
        fields[55] = script_chip_data(asked)
    if asked.what is Kind.TIP:
        fields[48] = f"{asked.amount_minor - asked.original_minor:012d}"
    if asked.what is Kind.INSTALMENT:
        fields[62] = PLAN.ljust(62).encode("ascii").hex().upper()
    if entry is Entry.QR:
        carried = ("A3", asked.payment_code) if asked.what is Kind.SALE else ("A4", asked.voucher)
        fields[59] = write_tag(*carried).encode("ascii").hex().upper()
        return fields
    fields |= _card_fields(asked, mode, chip_random)
    if asked.pin is not Pin.NONE:
        pin = RIGHT_PIN if asked.pin is Pin.RIGHT else WRONG_PIN
        fields[26] = "12"
        fields[52] = keys.pin_block(pin, CARDS[asked.card].pan)
    if 52 in fields or 35 in fields:
        # 2: with the card number, 6: double-length TDES; 0: no PIN, only track data.
        fields[53] = "2600000000000000" if 52 in fields else "0600000000000000"
    return fields


def request_mti(asked: Asked) -> str:
    """Return the message type of a money request."""
    return TYPES[asked.what].mti


def reversal_fields(item: Item) -> dict[int, str]:
    """Return the fields of the 0400 that undoes a request (terminal-protocol 8.5)."""
    asked = item.asked
    row = TYPES[asked.what]
    fields = {
        3: row.processing_code,
        4: f"{asked.amount_minor:012d}",
        11: asked.stan,
        22: ENTRY_MODES[asked.entry] + ("2" if asked.pin is Pin.NONE else "1"),
        25: asked.condition or row.condition,
        39: item.undo_reason,
        41: asked.tid,
        42: asked.mid,
        49: asked.currency,
        60: f"{row.type_code}{asked.batch}000{READING[asked.entry]}",
    }
    if item.told is not None and item.told.auth:
        fields[38] = item.told.auth
    if asked.what not in _FIRST:
        fields[61] = asked.original_batch + asked.original_stan
    if asked.entry in {Entry.KEYED, Entry.CHIP, Entry.CONTACTLESS}:
        fields |= {2: CARDS[asked.card].pan, 14: EXPIRY}
    if asked.entry in {Entry.CHIP, Entry.CONTACTLESS} and asked.what in _FIRST:
        fields[23] = "001"
        fields[55] = reversal_chip_data(asked)
    return fields


def _original_fields(asked: Asked) -> dict[int, str]:
    row = TYPES[asked.what]
    named = asked.original_batch + asked.original_stan
    fields = {61: "0" * len(named) if row.by_card else named}
    if not row.by_card:
        fields[37] = asked.original_rrn
    if asked.original_auth:
        fields[38] = asked.original_auth
    if row.by_card or row.resent:
        fields[61] += asked.original_date
    if asked.what is Kind.REFUND:
        fields[63] = "000"
    return fields


def _card_fields(asked: Asked, mode: str, chip_random: bytes) -> dict[int, str]:
    card = CARDS[asked.card]
    if mode == "01" or (asked.what not in _FIRST and mode != "02"):
        return {2: card.pan, 14: EXPIRY}
    match asked.entry:
        case Entry.SWIPE | Entry.FALLBACK:
            return {35: card.track2}
        case Entry.KEYED:
            return {2: card.pan, 14: EXPIRY}
        case Entry.CHIP | Entry.CONTACTLESS:
            return {
                2: card.pan,
                14: EXPIRY,
                23: "001",
                35: card.track2,
                55: chip_data(asked, chip_random),
            }
        case Entry.QR:
            return {}
        case _:
            assert_never(asked.entry)
