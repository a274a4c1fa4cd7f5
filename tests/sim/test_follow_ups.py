"""What follows an earlier request: of the right kind, for an amount that fits."""

import random

import pytest

from pointsman.sim.device import Device
from pointsman.sim.flow_names import Flow
from pointsman.sim.flows import request
from pointsman.sim.follow_ups import FOLLOWING, amount_of, originals
from pointsman.sim.moods import BY_AMOUNT
from pointsman.sim.terminal_rows import Asked, Kind, SignedIn, Told

AT = "2026-03-15T10:17:35.000+00:00"
DRAW = random.Random(7).randrange


def tell(device: Device, asked: Asked) -> None:
    device.apply(asked)
    stan, amount = asked.stan, asked.amount_minor
    device.apply(
        Told(AT, device.mid, device.tid, device.batch, stan, "00", True, amount, "R" + stan, "A1")
    )


def chain(device: Device, flow: Flow) -> Asked:
    """Do what a flow needs first, then the flow; return its request."""
    kind = FOLLOWING[flow][0]
    for _ in range(4):
        asked = request(flow, device, DRAW, AT)
        if asked.what is kind:
            return asked
        tell(device, asked)
        if flow is Flow.VOID_CLOSED:
            device.apply(SignedIn(AT, device.mid, device.tid, "000013", "00"))
    raise AssertionError("it never came to that")


@pytest.mark.parametrize("flow", FOLLOWING)
def test_every_follow_up_comes_about_and_names_what_it_follows(flow: Flow) -> None:
    device = Device("m", "t", batch="000012")
    asked = chain(device, flow)
    original = device.items[asked.original_batch, asked.original_stan]
    assert asked.original_rrn == "R" + asked.original_stan
    assert asked.card == original.asked.card
    assert asked.amount_minor % 100 not in BY_AMOUNT


def test_a_completion_frees_its_hold_when_it_is_cancelled() -> None:
    device = Device("m", "t", batch="000012")
    tell(device, chain(device, Flow.COMPLETION))
    assert originals(Flow.PREAUTH_CANCEL, device) == []
    tell(device, chain(device, Flow.COMPLETION_CANCEL))
    (hold,) = originals(Flow.PREAUTH_CANCEL, device)
    assert hold.asked.what is Kind.PREAUTH


def test_amounts_stay_below_their_ceilings_or_pass_them_on_purpose() -> None:
    device = Device("m", "t", batch="000012")
    tell(device, chain(device, Flow.PREAUTH_MORE))
    (hold,) = originals(Flow.COMPLETION, device)
    held = hold.amount_minor + 5_000
    assert held < amount_of(Flow.COMPLETION, hold) * 100 // 100 <= held * 115 // 100
    assert amount_of(Flow.COMPLETION_OVER, hold) > held * 115 // 100
    assert amount_of(Flow.PREAUTH_CANCEL, hold) == held


def test_a_tip_counts_in_the_totals_and_a_hold_does_not() -> None:
    device = Device("m", "t", batch="000012")
    tip = chain(device, Flow.TIP)
    tell(device, tip)
    tell(device, request(Flow.PREAUTH, device, DRAW, AT))
    totals = [device.totals(domestic=side) for side in (True, False)]
    assert sum(one.debit_minor for one in totals) == tip.amount_minor
    assert sum(one.debit_count for one in totals) == 1


def test_what_its_cashier_is_about_to_cancel_is_not_followed() -> None:
    """Found by real faults: the other lane of a terminal refunded it before its reversal went."""
    device = Device("898100053310001", "12345678")
    sale = request(Flow.REVERSAL, device, random.Random(1).randrange, "now")
    tell(device, sale)
    assert originals(Flow.REFUND, device) == []
    assert originals(Flow.VOID, device) == []
