"""One payment's life, event by event, without HSM, database or socket."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.hsm.commands import HsmUnavailable, Inbound, Outbound, OutboundDone
from pointsman.routing.table import Choice, NoRoute
from pointsman.store.records import (
    BatchNotOpen,
    Card,
    Concluded,
    Conflicting,
    Guard,
    GuardFailed,
    Money,
    NotConcluded,
    NotDurable,
    Recorded,
    State,
    Tombstone,
    Transaction,
)
from pointsman.switch.requests import Refusal
from pointsman.switch.steps import (
    AskHsm,
    Claim,
    Command,
    Conclude,
    DebtSettled,
    Event,
    FindOriginal,
    Finish,
    FirstSettled,
    HostAnswered,
    HostNotSent,
    HostSilent,
    Intend,
    Join,
    OriginalSought,
    OweLater,
    Promote,
    Reply,
    RereadTerminal,
    Send,
    Step,
    StoreAway,
    TerminalReread,
)
from pointsman.switch.transaction import PaymentLife
from tests.switch.lives import (
    ALPHA,
    PENDING,
    POS,
    TERMINAL,
    TODAY,
    TOKEN,
    approved_sale,
    desk,
    host_answer,
    inbound,
    life,
    message,
    outbound,
)

SALE = "cup-sale-swipe-pin-req"


def only(commands: list[Command]) -> Any:  # noqa: ANN401 (the test asserts what it is)
    assert len(commands) == 1
    return commands[0]


def sent(started: PaymentLife) -> None:
    """Bring a sale to where it waits for the acquirer."""
    ask = only(started.start())
    assert isinstance(only(started.on(outbound(ask.request))), Intend)
    assert isinstance(only(started.on(Recorded(TODAY))), Send)


def told(reply: Reply) -> dict[int, str]:
    return dict(POS.decode(reply.body).fields)


def finish(started: PaymentLife, commands: list[Command]) -> dict[int, str]:
    """Sign what is to be told and return its fields."""
    ask = commands[-1]
    assert isinstance(ask, AskHsm)
    reply = only(started.on(inbound(ask.request)))
    assert isinstance(reply, Reply)
    return told(reply)


def test_an_approved_sale_is_committed_sent_committed_and_told() -> None:
    started = life(message(SALE))
    ask = only(started.start())
    assert ask.request.mac is not None
    assert ask.request.seal is not None
    assert ask.request.pin is not None
    intend = only(started.on(outbound(ask.request)))
    assert intend.intent.transaction.state is State.SENDING
    send = only(started.on(Recorded(TODAY)))
    assert (send.acquirer, send.expected.host_stan) == ("alpha", "004711")
    trip_2 = only(started.on(HostAnswered(host_answer())))
    conclude = only(started.on(inbound(trip_2.request)))
    assert conclude.outcome.state is State.APPROVED
    assert conclude.outcome.approved_minor == 10000
    reply = only(started.on(Concluded(tell=True)))
    assert reply.approves == started.desk.id
    fields = told(reply)
    assert (fields[39], fields[38], fields[37]) == ("00", "A1B2C3", "607400000120")
    assert fields[2] == "6226388000000095"
    assert fields[64] == b"0A1B2C3D".hex().upper()
    assert fields[63] == "CUP"


def test_what_is_journaled_holds_no_track_no_pin_and_no_card_number() -> None:
    started = life(message("cup-sale-chip-pin-req"), lent=desk(pan="6216261000000000018"))
    ask = only(started.start())
    intend = only(started.on(outbound(ask.request)))
    record = intend.intent.transaction
    assert record.card.masked == "621626******0018"
    written = repr(record)
    for secret in ("6216261000000000018", "23E7B088028B2710", "D3012"):
        assert secret not in written
    assert not {"2", "14", "35", "52", "55"} & record.host.keys()


def test_a_decline_is_told_as_the_acquirer_said_it() -> None:
    started = life(message(SALE))
    sent(started)
    trip_2 = only(started.on(HostAnswered(host_answer("51"))))
    conclude = only(started.on(inbound(trip_2.request)))
    assert conclude.outcome.state is State.DECLINED
    reply = only(started.on(Concluded(tell=True)))
    assert reply.approves is None
    fields = told(reply)
    assert fields[39] == "51"
    assert 63 not in fields
    assert 38 not in fields


def test_silence_is_owed_a_reversal_before_98_is_told() -> None:
    started = life(message(SALE))
    sent(started)
    conclude = only(started.on(HostSilent()))
    assert (conclude.outcome.state, conclude.outcome.owe) == (State.UNKNOWN, True)
    assert finish(started, started.on(Concluded(tell=True)))[39] == "98"


def test_an_answer_with_a_wrong_mac_is_treated_as_silence() -> None:
    started = life(message(SALE))
    sent(started)
    trip_2 = only(started.on(HostAnswered(host_answer())))
    conclude = only(started.on(inbound(trip_2.request, mac_ok=False)))
    assert (conclude.outcome.state, conclude.outcome.owe) == (State.UNKNOWN, True)
    assert finish(started, started.on(Concluded(tell=True)))[39] == "98"


def test_a_partial_approval_is_refused_to_a_terminal_that_cannot_take_it() -> None:
    started = life(message(SALE))  # its field 60 has no 60.6
    sent(started)
    conclude = only(started.on(HostAnswered(host_answer("10", f4="000000005000"))))
    assert (conclude.outcome.state, conclude.outcome.owe) == (State.UNKNOWN, True)


def test_a_partial_approval_replaces_the_amount_for_a_terminal_that_can_take_it() -> None:
    started = life(message(SALE, f60="22000012000601"))
    sent(started)
    trip_2 = only(started.on(HostAnswered(host_answer("10", f4="000000005000"))))
    conclude = only(started.on(inbound(trip_2.request)))
    assert conclude.outcome.approved_minor == 5000
    reply = only(started.on(Concluded(tell=True)))
    assert told(reply)[4] == "000000005000"


def test_what_was_never_sent_is_91_and_owes_nothing() -> None:
    started = life(message(SALE))
    sent(started)
    conclude = only(started.on(HostNotSent("stale")))
    assert (conclude.outcome.state, conclude.outcome.owe) == (State.FAILED, False)
    assert finish(started, started.on(Concluded(tell=True)))[39] == "91"


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (Conflicting(), "94"),
        (Tombstone(), "12"),
        (BatchNotOpen(), "77"),
        (NotDurable("away"), "96"),
        (GuardFailed("12"), "12"),
    ],
)
def test_what_the_intent_met_is_told_and_nothing_is_sent(result: Event, code: str) -> None:
    started = life(message(SALE))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    assert finish(started, started.on(result))[39] == code
    # A rule's no is no technical failure: alarms count those.
    assert started.result() == (State.FAILED if code == "96" else State.REFUSED, 0)


def test_a_refusal_is_recorded_so_that_a_repeat_gets_the_same() -> None:
    started = life(message(SALE), refusal=Refusal("54", 14, "expired"))
    ask = only(started.start())
    assert ask.request.host is None
    intend = only(started.on(outbound(ask.request)))
    assert intend.intent.transaction.state is State.REFUSED
    assert intend.intent.transaction.answer["39"] == "54"
    assert finish(started, started.on(Recorded(TODAY)))[39] == "54"


def test_no_route_is_a_refusal_with_its_code() -> None:
    started = life(message(SALE), lent=desk(route=NoRoute("91", "down")))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    assert finish(started, started.on(Recorded(TODAY)))[39] == "91"


def test_a_request_without_mac_is_a0_and_the_answer_has_none() -> None:
    started = life(message(SALE, f64=None))
    reply = only(started.start())
    assert reply.code == "A0"
    assert 64 not in told(reply)


def test_a_wrong_mac_reads_the_terminal_again_once_and_is_then_a0() -> None:
    started = life(message(SALE))
    ask = only(started.start())
    assert isinstance(only(started.on(outbound(ask.request, mac_ok=False))), RereadTerminal)
    reply = only(started.on(TerminalReread(TERMINAL)))
    assert reply.code == "A0"


def test_a_mac_under_a_pending_key_set_promotes_it() -> None:
    terminal = replace(TERMINAL, key_sets=(PENDING, *TERMINAL.key_sets))
    started = life(message(SALE), terminal=terminal)
    ask = only(started.start())
    assert ask.request.mac.key == b"tak-2"
    promote, intend = started.on(outbound(ask.request))
    assert promote == Promote(2)
    assert isinstance(intend, Intend)


def test_the_answer_is_signed_under_the_key_set_that_verified() -> None:
    terminal = replace(TERMINAL, key_sets=(PENDING, *TERMINAL.key_sets))
    started = life(message(SALE), terminal=terminal)
    ask = only(started.start())
    again = only(started.on(outbound(ask.request, mac_ok=False)))
    assert again.request.mac.key == b"tak-1"
    only(started.on(outbound(again.request)))
    only(started.on(Recorded(TODAY)))
    trip_2 = only(started.on(HostAnswered(host_answer())))
    assert trip_2.request.make.key == b"tak-1"


def test_a_terminal_that_signed_off_must_sign_in_first() -> None:
    started = life(message(SALE), terminal=replace(TERMINAL, signed_in=False))
    assert isinstance(only(started.start()), RereadTerminal)
    assert only(started.on(TerminalReread(None))).code == "A0"


def test_a_wrong_pin_block_is_refused_with_99_and_not_sent() -> None:
    started = life(message(SALE))
    only(started.start())
    intend = only(started.on(OutboundDone(mac_ok=True, token=b"t" * 16, cipher=b"c", pin_ok=False)))
    assert intend.intent.transaction.state is State.REFUSED
    assert finish(started, started.on(Recorded(TODAY)))[39] == "99"


def test_without_the_hsm_nothing_is_recorded_and_96_is_told_bare() -> None:
    started = life(message(SALE))
    only(started.start())
    reply = only(started.on(HsmUnavailable("down")))
    assert reply.code == "96"
    assert 64 not in told(reply)


def test_the_hsm_lost_after_sending_is_silence() -> None:
    started = life(message(SALE))
    sent(started)
    only(started.on(HostAnswered(host_answer())))
    conclude = only(started.on(HsmUnavailable("down")))
    assert (conclude.outcome.state, conclude.outcome.owe) == (State.UNKNOWN, True)
    only(started.on(Concluded(tell=True)))
    assert isinstance(only(started.on(HsmUnavailable("down"))), Finish)


def test_a_void_finds_its_sale_and_quotes_it() -> None:
    started = life(message("cup-void-req"))
    ask = only(started.start())
    assert ask.request.host is None  # the original is not known yet
    assert isinstance(only(started.on(outbound(ask.request))), FindOriginal)
    sale = approved_sale()
    sale = replace(sale, card=replace(sale.card, token=bytes(range(16))))  # type: ignore[type-var]  # it has one
    prepare = only(started.on(OriginalSought(sale, Choice("alpha", "as the original"))))
    intend = only(started.on(outbound(prepare.request)))
    assert intend.intent.guard == "void"
    assert intend.intent.transaction.original == sale.id
    assert intend.intent.transaction.host["37"] == "101735000120"
    assert intend.intent.transaction.host["90"].startswith("0200004711")


def held() -> Transaction:
    """A pre-authorisation that the golden completion speaks of."""
    sale = approved_sale()
    card = Card(TOKEN, None, "621626", "0018")
    return replace(
        sale, kind="preauth", money=Money.HOLD, card=card, auth_code="778899", business_date=TODAY
    )


def test_a_completion_is_sought_by_card_and_says_how_much_it_may_come_to() -> None:
    lent = desk(pan="6216261000000000018")
    started = life(message("cup-preauth-complete-req"), lent=lent)
    find = only(started.on(outbound(only(started.start()).request)))
    assert find.hold_of == TOKEN
    prepare = only(started.on(OriginalSought(held(), Choice("alpha", "as the original"))))
    intent = only(started.on(outbound(prepare.request))).intent
    assert (intent.guard, intent.ceiling_percent) == (Guard.COMPLETE, 115)
    assert (intent.transaction.kind, intent.transaction.money) == ("completion", Money.DEBIT)
    assert intent.transaction.host["38"] == "778899"


def test_what_is_held_too_long_cannot_be_completed() -> None:
    lent = replace(desk(pan="6216261000000000018"), today=TODAY + timedelta(days=31))
    started = life(message("cup-preauth-complete-req"), lent=lent)
    only(started.on(outbound(only(started.start()).request)))
    intend = only(started.on(OriginalSought(held(), Choice("alpha", "as the original"))))
    assert (intend.intent.guard, intend.intent.transaction.response_code) == (None, "12")


def test_an_advice_is_told_after_its_first_commit_and_never_sent_from_here() -> None:
    started = life(message("cup-offline-sale-advice-req"))
    ask = only(started.start())
    assert (ask.request.pin, ask.request.host) == (None, None)
    record = only(started.on(outbound(ask.request))).intent.transaction
    assert (record.state, record.approved_minor) == (State.APPROVED, 6600)
    assert (record.auth_code, record.reversible) == ("445566", False)
    assert record.host["0"] == "0220"
    fields = finish(started, started.on(Recorded(TODAY)))
    assert (fields[39], fields[38], fields[63], fields[15]) == ("00", "445566", "CUP", "0315")
    settled = started.settled()
    assert settled is not None
    assert settled.state is State.APPROVED


def test_an_advice_whose_guard_fails_is_told_so() -> None:
    started = life(message("cup-tip-adjust-req"))
    only(started.on(outbound(only(started.start()).request)))
    sale = replace(approved_sale(), card=Card(TOKEN, None, "622638", "0095"))
    intend = only(started.on(OriginalSought(sale, Choice("alpha", "as the original"))))
    assert (intend.intent.guard, intend.intent.ceiling_percent) == (Guard.ADJUST, 200)
    assert finish(started, started.on(GuardFailed("64")))[39] == "64"


def test_a_script_result_is_told_and_goes_to_the_acquirer_that_takes_it() -> None:
    for takes, carrier in ((True, "alpha"), (False, "")):
        lent = desk(pan="6216261000000000018")
        acquirer = replace(ALPHA, takes_scripts=takes)
        lent = replace(lent, acquirer_of={"alpha": acquirer}.__getitem__)
        started = life(message("cup-script-result-req"), lent=lent)
        only(started.on(outbound(only(started.start()).request)))
        sale = replace(
            approved_sale(),
            key=replace(started.payment.key, stan="000121"),
            rrn="101735000121",
            card=Card(TOKEN, None, "621626", "0018"),
        )
        record = only(
            started.on(OriginalSought(sale, Choice("alpha", "as the original")))
        ).intent.transaction
        assert (record.state, record.acquirer) == (State.APPROVED, carrier)
        assert record.host["0"] == "0620"
        assert "DF31052000000000" in record.host["55"]


def test_an_inquiry_without_an_answer_is_a_decline_that_owes_nothing() -> None:
    started = life(message("cup-balance-chip-req"), lent=desk(pan="6216261000000000018"))
    sent(started)
    conclude = only(started.on(HostSilent()))
    assert (conclude.outcome.state, conclude.outcome.owe) == (State.DECLINED, False)
    assert finish(started, started.on(Concluded(tell=True)))[39] == "98"


def test_the_balance_is_told() -> None:
    started = life(message("cup-balance-chip-req"), lent=desk(pan="6216261000000000018"))
    sent(started)
    told_54 = "3002156C000001234560"
    trip_2 = only(started.on(HostAnswered(host_answer(f54=told_54))))
    only(started.on(inbound(trip_2.request)))
    reply = only(started.on(Concluded(tell=True)))
    assert told(reply)[54] == told_54


def test_a_void_whose_original_cannot_be_sought_is_96_and_not_recorded() -> None:
    started = life(message("cup-void-req"))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    assert finish(started, started.on(StoreAway()))[39] == "96"
    assert started.record is None


def test_a_terminal_that_cannot_be_read_again_is_96_not_a0() -> None:
    started = life(message(SALE))
    ask = only(started.start())
    only(started.on(outbound(ask.request, mac_ok=False)))
    assert only(started.on(StoreAway())).code == "96"


@pytest.mark.parametrize(
    ("original", "code"),
    [
        (None, "25"),
        (replace(approved_sale(), state=State.DECLINED), "12"),
        (replace(approved_sale(), approved_minor=9999), "64"),
        (replace(approved_sale(), rrn="999999999999"), "25"),
        (replace(approved_sale(), kind="void"), "12"),
    ],
)
def test_a_void_that_does_not_fit_is_refused(original: Any, code: str) -> None:  # noqa: ANN401
    started = life(message("cup-void-req"))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    intend = only(started.on(OriginalSought(original, Choice("alpha", "as the original"))))
    assert intend.intent.transaction.state is State.REFUSED
    assert finish(started, started.on(Recorded(TODAY)))[39] == code


EVENTS: list[Event] = [
    Recorded(TODAY),
    Conflicting(),
    Tombstone(),
    BatchNotOpen(),
    NotDurable("x"),
    GuardFailed("12"),
]


@given(st.data())
@settings(max_examples=100)
def test_nothing_is_sent_before_its_intent_and_nothing_approved_told_before_its_outcome(
    data: st.DataObject,
) -> None:
    """P1, P2: whatever happens at each step, in every order that the house can bring about."""
    started = life(message(SALE))
    durable_intent = durable_approval = False
    replies = 0
    commands = started.start()
    for _ in range(20):
        command = commands[-1]
        for one in commands:
            if isinstance(one, Send):
                assert durable_intent
            if isinstance(one, Reply):
                replies += 1
                if one.approves is not None:
                    assert durable_approval
        if isinstance(command, Reply | Finish):
            break
        event = data.draw(st.sampled_from(_possible(command, started.record)))
        durable_intent = durable_intent or isinstance(event, Recorded)
        if isinstance(event, Concluded) and isinstance(command, Conclude):
            durable_approval = command.outcome.state is State.APPROVED and event.tell
        if isinstance(event, FirstSettled) and event.first is not None:
            durable_approval = event.first.state is State.APPROVED
        commands = started.on(event)
    assert started.step is Step.DONE
    assert replies <= 1


def _possible(command: Command, record: Transaction | None) -> list[Event]:
    match command:
        case AskHsm(Outbound() as request):
            return [
                outbound(request),
                outbound(request, mac_ok=False),
                OutboundDone(mac_ok=True, token=b"t" * 16, cipher=b"c", pin_ok=False),
                HsmUnavailable("x"),
            ]
        case AskHsm(Inbound() as request):
            answers: list[Event] = [inbound(request), HsmUnavailable("x")]
            return answers if request.mac is None else [*answers, inbound(request, mac_ok=False)]
        case Intend():
            return EVENTS
        case Send():
            return [
                HostAnswered(host_answer()),
                HostAnswered(host_answer("05")),
                HostSilent(),
                HostNotSent("x"),
            ]
        case Conclude():
            return [Concluded(tell=True), Concluded(tell=False), NotConcluded("x")]
        case OweLater():
            return [DebtSettled(owed=True), DebtSettled(owed=False)]
        case Join():
            assert record is not None
            kept = replace(record, state=State.APPROVED, answer={"39": "00"})
            declined = replace(record, state=State.DECLINED, answer={"39": "51"})
            return [FirstSettled(None), FirstSettled(kept), FirstSettled(declined)]
        case Claim(first):
            return [FirstSettled(None), FirstSettled(replace(first, taken=True))]
        case RereadTerminal():
            return [TerminalReread(None), TerminalReread(TERMINAL), StoreAway()]
        case _:
            raise AssertionError(command)
