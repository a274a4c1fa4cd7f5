"""What a payment asks for and hears shows no message's bytes, whoever prints it."""

from typing import get_args

from pointsman.switch import steps
from pointsman.switch.hosts import HostDraft, expected
from tests.switch.lives import message

RAW = message("cup-sale-swipe-pin-req").raw


def test_commands_that_carry_bytes_do_not_show_them() -> None:
    draft = HostDraft("0200", {7: "0315021735", 11: "004711"})
    for command in (steps.Send("alpha", RAW, expected(draft)), steps.Reply(RAW, "00", None)):
        assert repr(RAW) not in repr(command)
        assert RAW[40:60].hex() not in repr(command)


def test_nothing_is_both_a_command_and_an_event() -> None:
    assert not set(get_args(steps.Command)) & set(get_args(steps.Event))
