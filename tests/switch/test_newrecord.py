"""Whether a follow-up fits its original, and how much it may come to."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pointsman.store.records import Card, RequestKey, State, Transaction
from pointsman.switch import newrecord
from pointsman.switch.flows import FLOW_BY_NAME
from pointsman.switch.requests import Payment
from tests.switch.lives import ALPHA, MERCHANT, TODAY, TOKEN, approved_sale, message, payment


def original(kind: str, **changes: object) -> Transaction:
    card = Card(TOKEN, None, "621626", "0018")
    sale = replace(approved_sale(), kind=kind, card=card, business_date=TODAY)
    return replace(sale, **changes)  # type: ignore[arg-type]  # fields of a transaction


@pytest.mark.parametrize(
    ("request_name", "kind", "code"),
    [
        ("cup-void-req", "sale", None),
        ("cup-void-req", "offline", None),
        ("cup-void-req", "completion", "12"),
        ("cup-refund-req", "completion", None),
        ("cup-refund-req", "preauth", "12"),
        ("cup-preauth-complete-req", "preauth", None),
        ("cup-preauth-complete-req", "sale", "12"),
        ("cup-preauth-cancel-req", "completion", "12"),
        ("cup-preauth-complete-cancel-req", "completion-advice", None),
        ("cup-offline-adjust-req", "offline", None),
        ("cup-offline-adjust-req", "sale", "12"),
        ("cup-tip-adjust-req", "sale", None),
        ("cup-tip-adjust-req", "offline", "12"),
    ],
)
def test_a_follow_up_speaks_of_its_own_kinds_alone(
    request_name: str, kind: str, code: str | None
) -> None:
    given = payment(message(request_name))
    rrn = given.original.rrn if given.original else ""
    found = original(kind, rrn=rrn, approved_minor=given.amount_minor)
    refusal = newrecord.misfit(given, named_by(given, found), TOKEN)
    assert (None if refusal is None else refusal.code) == code


@pytest.mark.parametrize(
    ("request_name", "code"),
    [("cup-void-req", "25"), ("cup-tip-adjust-req", "25"), ("cup-refund-req", None)],
)
def test_only_a_refund_may_speak_of_another_terminals_sale(
    request_name: str, code: str | None
) -> None:
    given = payment(message(request_name))
    rrn = given.original.rrn if given.original else ""
    named = named_by(given, original("sale", rrn=rrn, approved_minor=given.amount_minor))
    found = replace(named, key=replace(named.key, tid="99999999"))
    refusal = newrecord.misfit(given, found, TOKEN)
    assert (None if refusal is None else refusal.code) == code


def named_by(given: Payment, found: Transaction) -> Transaction:
    """Return the original under the key that field 61 of the request names."""
    if given.original is None:
        return found
    key = RequestKey(given.key.mid, given.key.tid, given.original.batch, given.original.stan)
    return replace(found, key=key)


def test_a_void_is_of_the_whole_and_a_completion_need_not_be() -> None:
    void = payment(message("cup-void-req"))
    assert void.original is not None
    refusal = newrecord.misfit(
        void, original("sale", rrn=void.original.rrn, approved_minor=1), TOKEN
    )
    assert refusal is not None
    assert refusal.code == "64"
    completion = payment(message("cup-preauth-complete-req"))
    assert newrecord.misfit(completion, original("preauth", approved_minor=1), TOKEN) is None


def test_what_is_held_lapses_after_its_days() -> None:
    completion = FLOW_BY_NAME["completion"]
    held = original("preauth")

    def lapsed(today: date) -> bool:
        return newrecord.has_lapsed(completion, held, ALPHA, today)

    assert not lapsed(TODAY + timedelta(days=30))
    assert lapsed(TODAY + timedelta(days=31))
    sale = original("sale")
    assert not newrecord.has_lapsed(FLOW_BY_NAME["refund"], sale, ALPHA, TODAY + timedelta(400))


def test_ceilings_come_from_the_site() -> None:
    acquirer = replace(ALPHA, completion_percent=120)
    merchant = replace(MERCHANT, tip_percent=25)

    def percent(name: str) -> int:
        return newrecord.ceiling_percent(FLOW_BY_NAME[name], acquirer, merchant)

    assert (percent("completion"), percent("completion-advice")) == (120, 120)
    assert percent("tip") == 125
    assert (percent("refund"), percent("adjust"), percent("sale")) == (0, 0, 0)


def test_an_original_in_doubt_is_not_followed() -> None:
    void = payment(message("cup-void-req"))
    assert void.original is not None
    doubtful = original("sale", state=State.UNKNOWN, rrn=void.original.rrn)
    refusal = newrecord.misfit(void, doubtful, TOKEN)
    assert refusal is not None
    assert refusal.code == "12"
