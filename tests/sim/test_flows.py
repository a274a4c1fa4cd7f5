"""Which request a flow begins with; amounts that the acquirer's table names, and others."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.sim.device import Device
from pointsman.sim.flow_names import Flow
from pointsman.sim.flows import WEIGHTS, FlowError, choose, parse_flows, request
from pointsman.sim.issuer import DECLINES
from pointsman.sim.moods import BY_AMOUNT, Behaviour
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin, Told

AT = "2026-03-15T10:17:35.000+00:00"
BEHAVIOURS = {
    Flow.SILENT: Behaviour.SILENT,
    Flow.DELAYED: Behaviour.DELAY,
    Flow.LATE: Behaviour.LATE,
    Flow.TWICE: Behaviour.TWICE,
    Flow.DROPPED: Behaviour.DROP,
    Flow.WRONG_MAC: Behaviour.BAD_MAC,
    Flow.OTHER_AMOUNT: Behaviour.OTHER_AMOUNT,
}
SALES = [flow for flow in Flow if flow.startswith("sale-")]


def device_with_sale(amount: int = 10_000) -> Device:
    device = Device("898100053310001", "12345678", batch="000012")
    sale = Asked(
        at=AT,
        mid=device.mid,
        tid=device.tid,
        batch=device.batch,
        stan=device.next_stan(),
        flow="sale-qr",
        what=Kind.SALE,
        entry=Entry.QR,
        amount_minor=amount,
        currency="156",
        payment_code="6200000000000000001",
    )
    device.apply(sale)
    told = Told(AT, sale.mid, sale.tid, sale.batch, sale.stan, "00", True, amount, "R1", "A1")
    device.apply(told)
    return device


@given(st.sampled_from(SALES), st.integers(0, 10**6))
@settings(max_examples=100)
def test_plain_sales_have_amounts_that_no_table_names(flow: Flow, seed: int) -> None:
    draw = random.Random(seed).randrange
    asked = request(flow, Device("m", "t"), draw, AT)
    assert asked.amount_minor % 100 not in DECLINES
    assert asked.amount_minor % 100 not in BY_AMOUNT
    assert asked.pin is not Pin.WRONG
    assert asked.entry.value == flow.removeprefix("sale-")
    assert bool(asked.card) is (asked.entry is not Entry.QR)


@pytest.mark.parametrize(("flow", "behaviour"), BEHAVIOURS.items())
def test_a_flow_with_a_failing_host_has_the_amount_for_it(flow: Flow, behaviour: Behaviour) -> None:
    asked = request(flow, Device("m", "t"), random.Random(7).randrange, AT)
    assert BY_AMOUNT[asked.amount_minor % 100] is behaviour


def test_declined_flows_have_their_reason() -> None:
    draw = random.Random(7).randrange
    assert request(Flow.DECLINED, Device("m", "t"), draw, AT).amount_minor % 100 in DECLINES
    assert request(Flow.LOST_CARD, Device("m", "t"), draw, AT).card == "union-lost"
    assert request(Flow.WRONG_PIN, Device("m", "t"), draw, AT).pin is Pin.WRONG


def test_follow_ups_name_their_sale() -> None:
    draw = random.Random(7).randrange
    void = request(Flow.VOID, device_with_sale(), draw, AT)
    assert (void.what, void.amount_minor) == (Kind.VOID, 10_000)
    assert (void.original_stan, void.original_rrn, void.original_auth) == ("000001", "R1", "A1")
    assert request(Flow.REFUND, device_with_sale(), draw, AT).amount_minor == 10_000


@given(st.integers(1, 50_000))
@settings(max_examples=50)
def test_a_part_is_some_of_it_and_never_a_loud_amount(amount: int) -> None:
    draw = random.Random(amount).randrange
    part = request(Flow.REFUND_PART, device_with_sale(amount), draw, AT).amount_minor
    assert 0 < part <= amount
    assert part == amount or part % 100 not in BY_AMOUNT


def test_an_advance_of_cash_may_be_voided_and_given_back() -> None:
    device = Device("m", "t", batch="000012")
    draw = random.Random(7).randrange
    cash = request(Flow.CASH, device, draw, AT)
    assert (cash.what, cash.entry) == (Kind.CASH, Entry.CHIP)
    device.apply(cash)
    told = Told(AT, "m", "t", "000012", cash.stan, "00", True, cash.amount_minor, "R1", "A1")
    device.apply(told)
    for flow in (Flow.VOID, Flow.REFUND_PART):
        assert request(flow, device, draw, AT).original_stan == cash.stan
    assert device.totals(domestic=True).debit_count + device.totals(domestic=False).debit_count


@pytest.mark.parametrize("flow", [Flow.VOID, Flow.REFUND, Flow.REFUND_PART])
def test_without_a_sale_a_follow_up_becomes_one(flow: Flow) -> None:
    asked = request(flow, Device("m", "t"), random.Random(7).randrange, AT)
    assert (asked.what, asked.flow) == (Kind.SALE, "sale-swipe")


def test_flows_are_read_with_weights() -> None:
    assert parse_flows("sale-swipe, void:3,silent") == {
        Flow.SALE_SWIPE: WEIGHTS[Flow.SALE_SWIPE],
        Flow.VOID: 3,
        Flow.SILENT: 1,
    }


@pytest.mark.parametrize("text", ["", "sale", "void:x", "void:0", "void:-1"])
def test_what_is_no_flow_is_refused(text: str) -> None:
    with pytest.raises(FlowError):
        parse_flows(text)


def test_flows_are_drawn_by_weight() -> None:
    weights = {Flow.ECHO: 1, Flow.VOID: 3}
    drawn = [choose(weights, lambda _, at=at: at) for at in range(4)]  # type: ignore[misc]  # default
    assert drawn == [Flow.ECHO, Flow.VOID, Flow.VOID, Flow.VOID]
