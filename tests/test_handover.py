"""Frames between back office and workers: what was written is read, all else is refused."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman import handover
from pointsman.handover import FrameTooLargeError, RefundAnswer, RefundOrder

ORDER = RefundOrder(bytes(16), "898100053310001", "000001", "000002", 100, "156")


def test_an_order_and_its_answer_are_read_as_they_were_written() -> None:
    data = handover.frame(ORDER)
    assert handover.size_of(data[:4]) == len(data) - 4
    assert handover.order_of(data[4:]) == ORDER
    assert handover.answer_of(handover.frame(RefundAnswer("00"))[4:]) == RefundAnswer("00")


@pytest.mark.parametrize("size", [0, 4097, 2**32 - 1])
def test_a_size_that_no_frame_has_is_refused(size: int) -> None:
    with pytest.raises(FrameTooLargeError):
        handover.size_of(size.to_bytes(4, "big"))


@pytest.mark.parametrize(
    "change", [{"amount_minor": 0}, {"stan": "1"}, {"mid": "x"}, {"currency": "CNY"}]
)
def test_an_order_with_a_wrong_value_is_refused(change: dict[str, object]) -> None:
    fields = msgspec.structs.asdict(ORDER) | change
    with pytest.raises(msgspec.ValidationError):
        handover.order_of(msgspec.msgpack.encode(fields))


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(msgspec.DecodeError):
        assert handover.order_of(data).amount_minor > 0
