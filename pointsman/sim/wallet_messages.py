"""A simulated terminal's messages of the wallets' dialect: types 1000 to 1008.

A core (terminal-protocol 10.2). They go on the same line as the others, with text in fields 61 (an
order's number) and 62 (a code). What is done with an order until it was paid is ordering.py; the
types are in pos_types.py.
"""

from typing import Final

from pointsman.codecs.codec import Codec, Message, get_codec
from pointsman.sim import host_messages
from pointsman.sim.items import Item
from pointsman.sim.pos_types import TYPES
from pointsman.sim.terminal_rows import Asked

WALLET: Final = get_codec("cup-wallet-1xxx")
QUERY, CLOSE = "1004", "1006"
OPERATOR: Final = "001"
_CLASS: Final = "10"  # the first two digits of a wallet message's type
_TYPES: Final = {QUERY: ("000000", "22"), CLOSE: ("200000", "23")}


def codec_for(codec: Codec, mti: str) -> Codec:
    """Return what writes a message of this type on a line that speaks ``codec``."""
    return WALLET if mti.startswith(_CLASS) else codec


def codec_of(codec: Codec, body: bytes) -> Codec:
    """Return what reads this message on a line that speaks ``codec``."""
    return WALLET if body[:1] == bytes.fromhex(_CLASS) else codec


def answer_mti(mti: str) -> str:
    """Return the type of the answer: 1002 gives 1012; the others go as everywhere."""
    return f"{mti[:2]}1{mti[3]}" if mti.startswith(_CLASS) else host_messages.answer_mti(mti)


def order_of(message: Message) -> str:
    """Return the number of the order or payment in field 61 of an answer, or the empty text."""
    data = message.get(61) if message.mti.startswith(_CLASS) else None
    return bytes.fromhex(data or "").decode("latin-1")


def request_fields(asked: Asked) -> dict[int, str]:
    """Return the fields of an order, a payment with a scanned code, or a refund; without 64."""
    row = TYPES[asked.what]
    fields = {
        3: row.processing_code,
        4: f"{asked.amount_minor:012d}",
        11: asked.stan,
        41: asked.tid,
        42: asked.mid,
        49: asked.currency,
        60: f"{row.type_code}{asked.batch}",
        63: OPERATOR,
    }
    if asked.order:
        fields[61] = _hex(asked.order)
    if asked.payment_code and not asked.original_stan:
        fields[62] = _hex(asked.payment_code)
    return fields


def about_order(item: Item, mti: str, stan: str) -> dict[int, str]:
    """Return the fields of a question about an order, or of its end; without 64."""
    code, kind = _TYPES[mti]
    asked = item.asked
    return {
        3: code,
        11: stan,
        41: asked.tid,
        42: asked.mid,
        60: f"{kind}{asked.batch}",
        61: _hex(item.order),
        63: OPERATOR,
    }


def _hex(text: str) -> str:
    return text.encode("ascii").hex().upper()
