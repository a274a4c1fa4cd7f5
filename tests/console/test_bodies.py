"""Bodies: strict JSON into one known value; what is wrong is named by its place."""

import contextlib
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.console import bodies
from pointsman.console.problems import Code, Problem


class Want(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=9)]
    amount: Annotated[int, msgspec.Meta(gt=0)] = 1
    of: list[str] = []


def problem(data: bytes) -> Problem:
    with pytest.raises(Problem) as raised:
        bodies.read(data, Want)
    return raised.value


def test_a_body_becomes_a_value() -> None:
    assert bodies.read('{"name": "茶", "amount": 5}'.encode(), Want) == Want("茶", 5)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"7",
        b'{"name": "a", "amount": NaN}',
        b'{"name": "a", "amount": -Infinity}',
        b'{"name": "a", "name": "b"}',
        b'{"name": "a"} {}',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"a":' * 30_000,
        b'{"of": [[[[[[[[[[1]]]]]]]]]]}',
    ],
)
def test_what_is_no_strict_json_is_malformed(data: bytes) -> None:
    assert problem(data).code is Code.MALFORMED_JSON


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (b'{"name": "a", "role": "platform_admin"}', "/role"),
        (b"{}", "/name"),
        (b'{"name": "a", "amount": 0}', "/amount"),
        (b'{"name": "a", "amount": 1.0}', "/amount"),
        (b'{"name": "a", "amount": "1"}', "/amount"),
        (b'{"name": "a", "of": ["a", 1]}', "/of/1"),
        (b'{"name": "a\\u0000"}', "/name"),
        (b'{"name": "\\ud800"}', "/name"),
        (b'{"name": "a\\nb"}', "/name"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(data: bytes, pointer: str) -> None:
    found = problem(data)
    assert found.code is Code.VALIDATION_FAILED
    assert [fault.pointer for fault in found.faults] == [pointer]


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Problem):
        assert bodies.read(data, Want).name
