"""The end of a payment: what is told when its outcome is durable or not, and to its copies."""

from dataclasses import replace
from typing import Any

import pytest

from pointsman.store.records import (
    Concluded,
    NotConcluded,
    Repeated,
    State,
    Undo,
)
from pointsman.switch.steps import (
    Claim,
    DebtSettled,
    Finish,
    FirstSettled,
    HostAnswered,
    Join,
    OweLater,
)
from tests.switch.lives import (
    approved_sale,
    host_answer,
    inbound,
    life,
    message,
    outbound,
)
from tests.switch.test_transaction import SALE, finish, only, sent, told


def test_a_reversal_that_arrived_meanwhile_leaves_nobody_to_tell() -> None:
    started = life(message(SALE))
    sent(started)
    trip_2 = only(started.on(HostAnswered(host_answer())))
    only(started.on(inbound(trip_2.request)))
    assert isinstance(only(started.on(Concluded(tell=False))), Finish)
    settled = started.settled()
    assert settled is not None
    assert (settled.state, settled.undo) == (State.APPROVED, Undo.OWED)


def test_an_approval_that_is_not_durable_is_not_told_and_its_reversal_is_owed() -> None:
    started = life(message(SALE))
    sent(started)
    trip_2 = only(started.on(HostAnswered(host_answer())))
    only(started.on(inbound(trip_2.request)))
    assert isinstance(only(started.on(NotConcluded("database away"))), OweLater)
    assert finish(started, started.on(DebtSettled(owed=True)))[39] == "98"


def test_what_the_journal_has_after_all_is_told_where_its_undoing_is_not_owed() -> None:
    """98 was told while the lost commit came through: the repeat then heard 00."""
    started = life(message(SALE))
    sent(started)
    record = started.record
    assert record is not None
    trip_2 = only(started.on(HostAnswered(host_answer())))
    only(started.on(inbound(trip_2.request)))
    only(started.on(NotConcluded("the commit's result is not known")))
    assert isinstance(only(started.on(DebtSettled(owed=False))), Join)
    kept = replace(record, state=State.DECLINED, answer={"39": "51"})
    assert finish(started, started.on(FirstSettled(kept)))[39] == "51"
    assert started.settled() == kept


def test_a_repeat_gets_the_stored_answer_under_its_own_keys() -> None:
    started = life(message(SALE))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    first = approved_sale()
    assert only(started.on(Repeated(first))) == Claim(first)
    sign = only(started.on(FirstSettled(replace(first, taken=True))))
    reply = only(started.on(inbound(sign.request)))
    assert reply.approves == first.id
    fields = told(reply)
    assert (fields[39], fields[38], fields[37]) == ("00", "AB1234", "101735000120")


def test_an_approval_that_a_connection_took_is_told_again_without_asking_the_store() -> None:
    started = life(message(SALE))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    first = replace(approved_sale(), taken=True)
    assert finish(started, started.on(Repeated(first)))[39] == "00"


def test_an_approval_that_is_being_undone_meanwhile_is_not_told_to_a_copy() -> None:
    started = life(message(SALE))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    assert only(started.on(Repeated(approved_sale()))) == Claim(approved_sale())
    settled = FirstSettled(replace(approved_sale(), undo=Undo.OWED))
    assert finish(started, started.on(settled))[39] == "98"


@pytest.mark.parametrize(
    "first",
    [
        replace(approved_sale(), state=State.UNKNOWN),
        replace(approved_sale(), undo=Undo.OWED),
        replace(approved_sale(), undo=Undo.DONE),
    ],
)
def test_a_repeat_of_what_is_in_doubt_or_undone_is_98(first: Any) -> None:  # noqa: ANN401
    started = life(message(SALE))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    assert finish(started, started.on(Repeated(first)))[39] == "98"


def test_a_repeat_joins_a_first_copy_in_flight() -> None:
    started = life(message(SALE))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    first = replace(approved_sale(), state=State.SENDING)
    assert only(started.on(Repeated(first))) == Join(first.id)
    assert (
        finish(started, started.on(FirstSettled(replace(approved_sale(), taken=True))))[39] == "00"
    )


@pytest.mark.parametrize("first", [None, replace(approved_sale(), state=State.SENDING)])
def test_a_repeat_whose_first_copy_has_no_end_hears_nothing(first: Any) -> None:  # noqa: ANN401
    """P4: 98 says that the switch undoes it, and nothing is owed yet; the terminal asks again."""
    started = life(message(SALE))
    ask = only(started.start())
    only(started.on(outbound(ask.request)))
    only(started.on(Repeated(replace(approved_sale(), state=State.SENDING))))
    assert started.on(FirstSettled(first)) == [Finish()]
