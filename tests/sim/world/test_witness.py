"""What the witness calls a broken promise, at each event; and what it leaves alone."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, HostTotals, Outcome, Work
from pointsman.sim.world.witness import Witness
from tests.sim.world.witnesses import BATCH, DONE, KEY, MID, STAN, TID, TOLD

TIME, HOST_STAN = KEY.split("-")
ROW: dict[str, Any] = {  # Any: a row of JSON
    "id": "one",
    "mid": MID,
    "tid": TID,
    "batch": BATCH,
    "stan": STAN,
    "kind": "sale",
    "state": "sending",
    "undo": "none",
    "incarnation": 1,
    "acquirer": "alpha",
    "details": {"host_time": TIME, "host_stan": HOST_STAN},
}
REVERSAL = HostReversal(
    "", "r1", "0420", KEY, 1000, MID, TID, "R1", "98", Effect.UNDONE, "00", "answer"
)
QUERY = structs.replace(DONE, work=Work.QUERY, original=KEY, key="q1")


def heard(*, alive: bool = True, **changes: object) -> Witness:
    """A witness that has heard of one sale that is being sent."""
    witness = Witness(lambda: 10.0, lambda _incarnation: alive, patience_s=30.0)
    witness.committed("intent", {**ROW, **changes})
    return witness


def moved(witness: Witness, event: str, **changes: object) -> Witness:
    witness.committed(event, {**ROW, **changes})
    return witness


def promises(witness: Witness) -> list[str]:
    return [promise for promise, _ in witness.violations]


def at_host(witness: Witness, *rows: HostRequest | HostReversal | HostTotals) -> Witness:
    for row in rows:
        witness.host_heard("alpha", row)
    return witness


def test_a_request_with_its_intent_goes_out_once() -> None:
    assert promises(at_host(heard(), DONE)) == []
    assert promises(at_host(heard(), DONE, DONE)) == ["P5"]
    assert promises(at_host(heard(), structs.replace(DONE, mti="0201"))) == [], "a repeat"
    assert promises(at_host(heard(), structs.replace(DONE, key="other"))) == ["P1"]


def test_keys_and_host_numbers_are_given_once() -> None:
    assert promises(moved(heard(), "intent", id="two")) == ["P5", "P5"]
    assert promises(moved(heard(), "intent", id="two", stan="9", acquirer="beta")) == []


@pytest.mark.parametrize(
    ("state", "told", "broken"),
    [("approved", True, []), ("unknown", True, ["P6"]), ("declined", False, [])],
)
def test_only_what_is_approved_is_told_so(state: str, told: bool, broken: list[str]) -> None:
    witness = moved(heard(), "outcome", state=state)
    witness.told(structs.replace(TOLD, approved=told))
    assert promises(witness) == broken


def test_an_approval_of_nothing_is_a_finding() -> None:
    witness = heard()
    witness.told(structs.replace(TOLD, stan="000009"))
    assert promises(witness) == ["P2"]


def test_a_reversal_is_owed_and_keeps_its_numbers() -> None:
    owed = moved(heard(), "in-doubt", state="unknown", undo="owed")
    assert promises(at_host(owed, REVERSAL, REVERSAL)) == []
    assert promises(at_host(owed, structs.replace(REVERSAL, key="r2"))) == ["P4"]
    assert promises(at_host(heard(), REVERSAL)) == ["P7"]
    assert promises(at_host(heard(), structs.replace(REVERSAL, original="none"))) == ["P8"]


def test_recovery_leaves_the_rows_of_the_living_alone() -> None:
    for alive, broken in ((True, ["P7"]), (False, [])):
        witness = heard(alive=alive)
        witness.recovering = True
        moved(witness, "in-doubt", state="unknown", undo="owed")
        assert promises(witness) == broken
        assert witness.rare["recovered in doubt"] == 1


def test_what_was_told_not_to_be_durable_is_not_in_doubt_later() -> None:
    witness = heard()
    witness.intended("one", "NotDurable")
    assert promises(moved(witness, "in-doubt", state="unknown")) == ["P20"]


def test_what_is_told_to_be_durable_is() -> None:
    witness = heard()
    witness.intended("one", "Recorded")
    witness.concluded("one", "sending")
    assert promises(witness) == []
    witness.intended("two", "Recorded")
    witness.concluded("one", "approved")
    assert promises(witness) == ["P1", "P2"]


def test_a_final_state_does_not_move() -> None:
    declined = moved(heard(), "outcome", state="declined")
    assert promises(moved(declined, "outcome", state="approved")) == ["P3"]


def test_an_order_is_asked_about_and_closed_but_not_once_it_is_paid() -> None:
    order = heard(kind="wallet-order")
    assert promises(at_host(order, DONE, QUERY, QUERY)) == []
    assert order.rare["an order was found to be paid"] == 2
    moved(order, "outcome", kind="wallet-order", state="unknown")
    closings = (REVERSAL, structs.replace(REVERSAL, key="r2", effect=Effect.AGAIN))
    assert promises(at_host(order, *closings)) == [], "each closing has numbers of its own"
    moved(order, "owed-answered", kind="wallet-order", state="approved")
    at_host(order, structs.replace(REVERSAL, effect=Effect.PAID))
    assert promises(order) == []
    assert promises(at_host(order, REVERSAL)) == ["P7"]
    assert promises(at_host(heard(), QUERY)) == ["P1"], "a question about what is no order"


def test_a_worker_that_is_away_for_long_is_a_finding() -> None:
    witness = heard()
    witness.back_after(89.0)
    assert promises(witness) == []
    witness.back_after(91.0)
    assert (promises(witness), witness.back_s) == (["P21"], 91.0)


def counts(witness: Witness) -> dict[str, int]:
    return {name: count for name, count in witness.rare.items() if count}


@pytest.mark.parametrize(
    ("act", "rare"),
    [
        (lambda w: moved(w, "guard-41", state="refused"), "a listed card was refused"),
        (lambda w: moved(w, "claimed"), "a copy was told what another worker had"),
        (
            lambda w: at_host(w, structs.replace(DONE, outcome=Outcome.REFUSED, code="12")),
            "original after its reversal",
        ),
    ],
)
def test_what_is_rare_is_counted(act: Callable[[Witness], Witness], rare: str) -> None:
    assert counts(act(heard())) == {rare: 1}


def test_a_fault_is_counted_for_what_is_under_way() -> None:
    witness = heard()
    witness.struck("reset")
    moved(witness, "outcome", state="approved")
    witness.struck("reset")
    assert witness.fault_states == {"reset x sending": 1}


def test_an_acquirer_is_asked_about_codes_whose_customer_must_confirm_and_no_others() -> None:
    waiting = structs.replace(DONE, behaviour="confirm", code="09")
    not_yet = structs.replace(QUERY, outcome=Outcome.DECLINED, code="09")
    witness = at_host(heard(), waiting, not_yet, QUERY)
    assert promises(witness) == []
    assert witness.rare["a customer was asked, and had not confirmed"] == 1
    assert witness.rare["a customer was asked, and confirmed"] == 1
    assert promises(at_host(heard(), DONE, QUERY)) == ["P1"]
