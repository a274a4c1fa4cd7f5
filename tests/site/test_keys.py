"""Values of single keys: what each row takes and what it refuses."""

from datetime import time

import pytest

from pointsman.site import keys
from pointsman.site.keys import BlockKey, Check, ClearKey, GeneratedKey, WrongValueError

BLOCK = "D0112P0TE00N0000" + "0" * 96


@pytest.mark.parametrize(
    ("check", "given", "result"),
    [
        (keys.address, "127.0.0.1:9101", ("127.0.0.1", 9101)),
        (keys.address, "[::1]:9101", ("::1", 9101)),
        (keys.address, "host.example:1", ("host.example", 1)),
        (keys.currency_code, "CNY", "156"),
        (keys.currency_code, "156", "156"),
        (keys.time_of_day, "23:59", time(23, 59)),
        (keys.seconds(0, 10), 3, 3.0),
        (keys.some_of(("a", "b")), ["b", "a"], frozenset({"a", "b"})),
        (keys.key((16,), generated=True), "generate", GeneratedKey()),
        (keys.key((16,), generated=True), "ab" * 16, ClearKey("AB" * 16)),
        (keys.key((16,), generated=False), BLOCK, BlockKey(BLOCK.encode())),
    ],
)
def test_right_value_is_taken(check: Check, given: object, result: object) -> None:
    assert check(given) == result


@pytest.mark.parametrize(
    ("check", "given"),
    [
        (keys.address, "127.0.0.1"),
        (keys.address, "127.0.0.1:0"),
        (keys.address, "::1:9101"),
        (keys.address, "a b:1"),
        (keys.address, "host:٣"),
        (keys.currency_code, "XXX"),
        (keys.currency_code, 156),
        (keys.time_of_day, "7:00"),
        (keys.time_of_day, "07:00:00"),
        (keys.time_zone, "../etc/passwd"),
        (keys.time_zone, ""),
        (keys.seconds(0, 10), True),
        (keys.seconds(0, 10), 11),
        (keys.seconds(0, 10), float("nan")),
        (keys.whole_number(0, 4), 1.0),
        (keys.whole_number(0, 4), False),
        (keys.whole_number(0, 4), 5),
        (keys.yes_or_no, "true"),
        (keys.some_of(("a",)), "a"),
        (keys.some_of(("a",)), [["a"]]),
        (keys.plain_text(3), ""),
        (keys.plain_text(3), "four"),
        (keys.plain_text(3), "a\n"),
        (keys.text("[0-9]{2}", "2 digits"), "12\n"),
        (keys.text("[0-9]{2}", "2 digits"), "١٢"),
        (keys.key((16,), generated=False), "generate"),
        (keys.key((16,), generated=True), "AB" * 8),
        (keys.key((16,), generated=True), "XY" * 16),
        (keys.key((16,), generated=True), BLOCK + "é"),
    ],
)
def test_wrong_value_is_refused_without_being_repeated(check: Check, given: object) -> None:
    with pytest.raises(WrongValueError) as caught:
        check(given)
    if isinstance(given, str) and len(given) > 15:
        assert given not in str(caught.value)


def test_clear_key_does_not_show_itself() -> None:
    assert "AB" not in repr(ClearKey("AB" * 16)) + str(ClearKey("AB" * 16))
