"""The life of one acquirer session: every event in every phase, without a socket."""

from collections.abc import Mapping

import pytest

from pointsman.switch.session import ANSWER_S, SIGN_ON_AGAIN_S, Phase, Session, is_network
from pointsman.switch.sessionwords import (
    ChangeKeys,
    Command,
    DayChanged,
    Drop,
    Echoed,
    EchoMissed,
    Network,
    Opened,
    Probe,
    Say,
    SignedOff,
    SignedOn,
    SignOff,
    Stray,
    Tick,
)
from tests.codecs.golden import golden

TIME7 = "0315021530"


def say(code: str, count: int, session: int = 3) -> Say:
    return Say("0800", {7: TIME7, 11: f"9{session:02d}{count:03d}", 70: code})


def answer(to: Command, code: str = "00") -> Network:
    assert isinstance(to, Say)
    return Network("0810", {**to.fields, 39: code})


def ready() -> Session:
    session = Session(3, echo_s=60.0)
    (sign_on,) = session.handle(Opened(), 0.0, TIME7)
    assert session.handle(answer(sign_on), 0.1, TIME7) == [SignedOn()]
    return session


def test_it_signs_on_first_and_is_ready_when_that_was_approved() -> None:
    session = Session(3, echo_s=60.0)
    assert session.handle(Opened(), 0.0, TIME7) == [say("001", 1)]
    assert session.handle(answer(say("001", 1)), 1.0, TIME7) == [SignedOn()]
    assert session.phase is Phase.READY


def test_a_refused_sign_on_drops_the_connection() -> None:
    session = Session(3, echo_s=60.0)
    (sign_on,) = session.handle(Opened(), 0.0, TIME7)
    assert session.handle(answer(sign_on, "91"), 1.0, TIME7) == [Drop("sign-on refused")]


def test_an_unanswered_sign_on_drops_the_connection() -> None:
    session = Session(3, echo_s=60.0)
    session.handle(Opened(), 0.0, TIME7)
    assert session.handle(Tick(), ANSWER_S - 0.01, TIME7) == []
    assert session.handle(Tick(), ANSWER_S, TIME7) == [Drop("sign-on not answered")]


def test_an_answer_to_something_else_is_a_stray() -> None:
    session = Session(3, echo_s=60.0)
    session.handle(Opened(), 0.0, TIME7)
    assert session.handle(Network("0810", {7: TIME7, 11: "999999", 39: "00"}), 1, TIME7) == [
        Stray()
    ]
    assert session.phase is Phase.SIGNING_ON


def test_silence_brings_an_echo_and_traffic_puts_it_off() -> None:
    session = ready()
    assert session.handle(Tick(), 59.0, TIME7) == []
    session.heard(59.0)
    assert session.handle(Tick(), 118.0, TIME7) == []
    assert session.handle(Tick(), 119.0, TIME7) == [say("301", 2)]
    assert session.handle(answer(say("301", 2)), 119.5, TIME7) == [Echoed(0.5)]


def test_one_missed_echo_is_asked_again_and_two_drop_the_connection() -> None:
    session = ready()
    session.handle(Tick(), 61.0, TIME7)
    assert session.handle(Tick(), 71.0, TIME7) == [EchoMissed(), say("301", 3)]
    assert session.handle(Tick(), 81.0, TIME7) == [EchoMissed(), Drop("echo not answered")]


def test_an_answered_echo_forgives_the_missed_one() -> None:
    session = ready()
    session.handle(Tick(), 61.0, TIME7)
    session.handle(Tick(), 71.0, TIME7)
    session.handle(answer(say("301", 3)), 72.0, TIME7)
    session.handle(Tick(), 140.0, TIME7)
    assert session.handle(Tick(), 150.0, TIME7) == [EchoMissed(), say("301", 5)]


def test_a_probe_asks_one_echo_at_a_time_and_only_when_ready() -> None:
    session = Session(3, echo_s=60.0)
    session.handle(Opened(), 0.0, TIME7)
    assert session.handle(Probe(), 1.0, TIME7) == []
    session = ready()
    assert session.handle(Probe(), 1.0, TIME7) == [say("301", 2)]
    assert session.handle(Probe(), 2.0, TIME7) == []


def test_a_clean_end_signs_off_once() -> None:
    session = ready()
    assert session.handle(SignOff(), 5.0, TIME7) == [say("002", 2)]
    assert session.handle(SignOff(), 5.1, TIME7) == []
    assert session.handle(answer(say("002", 2)), 6.0, TIME7) == [Drop("signed off")]


def test_a_sign_off_that_nobody_answers_ends_all_the_same() -> None:
    session = ready()
    session.handle(SignOff(), 5.0, TIME7)
    assert session.handle(Tick(), 5.0 + ANSWER_S, TIME7) == [Drop("signed off")]


@pytest.mark.parametrize(
    ("mti", "fields", "answer_mti", "answer_fields"),
    [
        ("0800", {7: TIME7, 11: "1", 70: "301"}, "0810", {7: TIME7, 11: "1", 39: "00", 70: "301"}),
        ("0820", {7: TIME7, 11: "1", 70: "301"}, "0830", {7: TIME7, 11: "1", 39: "00", 70: "301"}),
        (
            "0800",
            {7: TIME7, 11: "2", 48: "AB", 53: "0100000000000000", 70: "101"},
            "0810",
            {7: TIME7, 11: "2", 39: "30", 53: "0100000000000000", 70: "101"},
        ),
        ("0620", {7: TIME7, 11: "3", 48: "text"}, "0630", {7: TIME7, 11: "3", 39: "00"}),
    ],
)
def test_what_the_acquirer_asks_is_answered_before_sign_on_too(
    mti: str, fields: Mapping[int, str], answer_mti: str, answer_fields: Mapping[int, str]
) -> None:
    session = Session(3, echo_s=60.0)
    session.handle(Opened(), 0.0, TIME7)
    for each in (session, ready()):
        assert each.handle(Network(mti, fields), 1.0, TIME7) == [Say(answer_mti, answer_fields)]


@pytest.mark.parametrize("mti", ["0810", "0830", "0840", "0850", "0630"])
def test_answers_and_notifications_are_never_answered(mti: str) -> None:
    commands = ready().handle(Network(mti, {7: TIME7, 11: "1", 70: "301"}), 1.0, TIME7)
    assert not [command for command in commands if isinstance(command, Say)]


def test_a_cut_over_is_answered_and_told() -> None:
    fields = {7: TIME7, 11: "900201", 15: "0316", 70: "201"}
    assert ready().handle(Network("0800", fields), 1.0, TIME7) == [
        Say("0810", {**fields, 39: "00"}),
        DayChanged("0316"),
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({70: "201", 15: "1399"}, "30"),
        ({70: "201", 15: "0230"}, "30"),
        ({70: "201"}, "30"),
        ({}, "30"),
        ({70: "999"}, "40"),
        ({70: "201", 15: "0229"}, "00"),
    ],
)
def test_what_is_unknown_or_no_date_is_refused_and_changes_nothing(
    fields: Mapping[int, str], code: str
) -> None:
    commands = ready().handle(Network("0800", {7: TIME7, 11: "2", **fields}), 5.0, TIME7)
    assert isinstance(commands[0], Say)
    assert commands[0].fields[39] == code
    assert (DayChanged("0229") in commands) is (code == "00")


def test_a_key_change_is_given_on_with_both_keys_and_their_checks() -> None:
    given = golden("host-ascii-keyexchange-req").fields
    (command,) = ready().handle(Network("0800", given), 5.0, TIME7)
    assert isinstance(command, ChangeKeys)
    expected = {n: v for n, v in golden("host-ascii-keyexchange-resp").fields.items() if n != 39}
    assert (command.mti, dict(command.fields)) == ("0810", expected)
    both = command.zpk + command.zak
    assert "".join(part.hex().upper() for part in both) == given[48]


@pytest.mark.parametrize("keys", ["", "00", "Z" * 76, "0" * 75, "0" * 78])
def test_a_key_change_without_two_keys_is_refused(keys: str) -> None:
    fields = {7: TIME7, 11: "2", 70: "161"} | ({48: keys} if keys else {})
    (command,) = ready().handle(Network("0800", fields), 5.0, TIME7)
    assert isinstance(command, Say)
    assert command.fields[39] == "30"


def test_signed_off_by_the_acquirer_it_signs_on_again_after_a_while() -> None:
    session = ready()
    fields = {7: TIME7, 11: "900002", 70: "002"}
    assert session.handle(Network("0800", fields), 1.0, TIME7) == [
        Say("0810", {**fields, 39: "00"}),
        SignedOff(),
    ]
    assert session.handle(Tick(), SIGN_ON_AGAIN_S, TIME7) == []
    assert session.handle(Tick(), 1 + SIGN_ON_AGAIN_S, TIME7) == [say("001", 2)]
    assert session.handle(answer(say("001", 2)), 12.0, TIME7) == [SignedOn()]


def test_signed_off_it_signs_on_as_soon_as_the_acquirer_does() -> None:
    session = ready()
    session.handle(Network("0800", {7: TIME7, 11: "1", 70: "002"}), 1.0, TIME7)
    commands = session.handle(Network("0800", {7: TIME7, 11: "2", 70: "001"}), 2.0, TIME7)
    assert commands[1:] == [say("001", 2)]


def test_its_numbers_lie_above_the_leased_ones_and_come_round() -> None:
    session = Session(103, echo_s=0.0)
    seen = []
    (command,) = session.handle(Opened(), 0.0, TIME7)
    for moment in range(1, 1001):
        assert isinstance(command, Say)
        seen.append(command.fields[11])
        session.handle(answer(command), moment, TIME7)
        (command,) = session.handle(Tick(), moment, TIME7)
    assert len(set(seen)) == 1000
    assert all("903000" <= stan <= "903999" for stan in seen)


def test_a_new_connection_goes_on_counting() -> None:
    first = ready()
    second = Session(3, echo_s=60.0, said=first.said)
    assert second.handle(Opened(), 0.0, TIME7) == [say("001", 2)]


def test_network_messages_are_told_from_payments_by_their_class() -> None:
    assert [is_network(mti) for mti in ("0800", "0810", "0620", "0630", "0200", "")] == [
        *(True, True, True),
        *(False, False, False),
    ]
