"""What the back office hands to a worker over the house's local sockets, and what it hears.

Values and their frames alone: four bytes of length, then MessagePack. Who listens is
switch/officeline.py, who asks console/workers.py. No secret is in any of it.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

SIZE_BYTES: Final = 4
FRAME_SIZE_MAX: Final = 4096
VIRTUAL_TID: Final = "CONSOLE0"
"""The terminal under which a merchant's requests of the back office run: no device has it."""

ABSENT: Final = ""
"""The code of an answer that is not there: what became of the request is not known yet."""


class RefundOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give back `amount_minor` of a payment.

    `batch` and `stan` are the request's key: told again they name the same refund, never another.
    """

    payment: Annotated[bytes, Meta(min_length=16, max_length=16)]
    mid: Annotated[str, Meta(pattern="^[0-9A-Za-z]{15}$")]
    batch: Annotated[str, Meta(pattern="^[0-9]{6}$")]
    stan: Annotated[str, Meta(pattern="^[0-9]{6}$")]
    amount_minor: Annotated[int, Meta(gt=0, le=999_999_999_999)]
    currency: Annotated[str, Meta(pattern="^[0-9]{3}$")]


class RefundAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Field 39 of the answer, or `ABSENT`."""

    code: Annotated[str, Meta(max_length=2)]


class FrameTooLargeError(ValueError):
    """A length that no frame of ours has."""


def frame(value: RefundOrder | RefundAnswer) -> bytes:
    """Return the whole frame of a value."""
    data = msgspec.msgpack.encode(value)
    return len(data).to_bytes(SIZE_BYTES, "big") + data


def size_of(prefix: bytes) -> int:
    """Return the size that four bytes announce; raises FrameTooLargeError."""
    size = int.from_bytes(prefix, "big")
    if not 0 < size <= FRAME_SIZE_MAX:
        raise FrameTooLargeError(f"a frame of {size} bytes")
    return size


def order_of(data: bytes) -> RefundOrder:
    """Return the order in a frame; raises msgspec.DecodeError."""
    try:
        return msgspec.msgpack.decode(data, type=RefundOrder)
    except UnicodeDecodeError:  # of a text that is none
        raise msgspec.DecodeError("a text is not UTF-8") from None


def answer_of(data: bytes) -> RefundAnswer:
    """Return the answer in a frame; raises msgspec.DecodeError."""
    try:
        return msgspec.msgpack.decode(data, type=RefundAnswer)
    except UnicodeDecodeError:
        raise msgspec.DecodeError("a text is not UTF-8") from None
