"""The table of types: every row is found by its message, by nothing else, and makes sense."""

import re
from pathlib import Path

import pytest

from pointsman import console
from pointsman.reports.states import KINDS
from pointsman.site.tables import FORBIDDEN
from pointsman.store.records import Guard, Money
from pointsman.switch.flows import (
    FLOW_BY_NAME,
    FLOWS,
    Ceiling,
    Find,
    Flow,
    Order,
    Silence,
    answer_mti,
    find,
    request_mti,
)
from tests.codecs.golden import golden

GOLDEN = {
    "cup-balance-chip-req": "balance",
    "cup-sale-swipe-pin-req": "sale",
    "cup-sale-manual-req": "sale",
    "cup-void-req": "void",
    "cup-refund-req": "refund",
    "cup-preauth-req": "preauth",
    "cup-preauth-cancel-req": "preauth-cancel",
    "cup-preauth-complete-req": "completion",
    "cup-preauth-complete-advice-req": "completion-advice",
    "cup-preauth-complete-cancel-req": "completion-cancel",
    "cup-offline-sale-advice-req": "offline",
    "cup-offline-adjust-req": "adjust",
    "cup-tip-adjust-req": "tip",
    "cup-instalment-sale-req": "instalment",
    "cup-script-result-req": "script-result",
    "cup-qr-c2b-sale-req": "sale",
    "cup-qr-void-req": "void",
    "cup-qr-refund-req": "refund",
}


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_row_is_found_by_its_own_message(flow: Flow) -> None:
    for condition in flow.conditions:
        assert find(flow.mti, flow.processing_code, condition, flow.type_code) is flow
        assert find(flow.mti, flow.processing_code, condition, "99") is None
        assert find("0500", flow.processing_code, condition, flow.type_code) is None


@pytest.mark.parametrize(("name", "kind"), GOLDEN.items())
def test_golden_requests_are_the_types_that_they_are(name: str, kind: str) -> None:
    given = golden(name)
    fields = given.fields
    found = find(given.mti, fields[3], fields[25], fields[60][:2])
    assert found is FLOW_BY_NAME[kind]
    assert set(found.required) <= fields.keys()


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_a_row_does_not_contradict_itself(flow: Flow) -> None:
    assert flow.refers <= FLOW_BY_NAME.keys()
    assert bool(flow.refers) is flow.follows
    assert (flow.find is Find.HOLD) <= (flow.needs_card and {38, 61} <= set(flow.required))
    # What is told before it is sent is an advice upstream, and never undone.
    assert flow.told_first <= (flow.upstream_mti[2] == "2" and flow.silence is Silence.REPEAT)
    # What may have moved something is undone or sent on; only an inquiry is forgotten.
    assert (flow.silence is Silence.FORGET) == (flow.money is Money.NONE and not flow.follows)
    assert (flow.ceiling is Ceiling.COMPLETION) == (flow.guard is Guard.COMPLETE)
    assert (flow.money is Money.REPLACES) == (flow.guard is Guard.ADJUST)
    on_holds = {Guard.EXTEND, Guard.CANCEL, Guard.COMPLETE}
    for name in flow.refers if flow.guard is not Guard.NOTE else ():
        assert (FLOW_BY_NAME[name].money is Money.HOLD) == (flow.guard in on_holds)


def test_a_merchant_may_be_forbidden_every_type_and_nothing_else_but_two_ways() -> None:
    assert {flow.name for flow in FLOWS} == set(FORBIDDEN) - {"manual", "fallback"}


def test_reports_have_words_for_every_type_that_is_journaled() -> None:
    told = {flow.name for flow in FLOWS if flow.order not in (Order.ASKS, Order.CLOSES)}
    assert set(KINDS) == told


def test_the_office_offers_to_refund_what_a_refund_may_follow() -> None:
    page = (Path(console.__file__).parent / "templates" / "payment_acts.html").read_text("utf-8")
    listed = re.search(r"found\.kind in \(([^)]*)\)", page)
    assert listed is not None
    assert set(re.findall(r'"([^"]+)"', listed[1])) == FLOW_BY_NAME["refund-request"].refers


def test_a_repeat_is_the_same_type_and_has_the_same_answer() -> None:
    assert request_mti("0201") == "0200"
    assert answer_mti("0200") == answer_mti("0201") == "0210"
    assert answer_mti("0220") == "0230"
    assert answer_mti("0820") == "0830"
