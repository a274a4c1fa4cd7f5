"""Counts of simulated terminals, and the one event of a finished transaction."""

from pointsman.sim.device import Device
from pointsman.sim.flow_names import Flow
from pointsman.sim.tally import Done, Tally
from tests.sim.test_pos_messages import asked

DEVICE = Device("898100053310001", "12345678")


def done(code: str, elapsed_ms: int = 10) -> Done:
    return Done.of(Flow.SALE_SWIPE, DEVICE, asked(), code, elapsed_ms)


def test_a_finished_transaction_shows_the_card_masked() -> None:
    shown = done("00")
    assert (shown.card, shown.amount_minor, shown.approved) == ("622638******0095", 10_000, True)
    assert Done.of(Flow.ECHO, DEVICE, None, "00", 1).card == ""


def test_outcomes_and_times_are_counted() -> None:
    tally = Tally()
    for code, elapsed_ms in (("00", 5), ("00", 7), ("51", 9), ("", 6_000)):
        tally.done(done(code, elapsed_ms))
    tally.reversal(1, "", settled=False)
    tally.reversal(2, "00", settled=True)
    tally.repeat(same=True)
    tally.repeat(same=False)
    tally.settlement("11")
    tally.settlement("12")
    found = tally.summary(owed=1, in_flight=2, unsettled=3)
    assert (found.transactions, found.approved, found.declined, found.unanswered) == (4, 2, 1, 1)
    assert (found.reversals, found.repeats, found.repeats_wrong) == (1, 2, 1)
    assert (found.settlements, found.settlements_unequal) == (2, 1)
    assert (found.owed, found.in_flight, found.unsettled) == (1, 2, 3)
    assert found.by_flow == {"sale-swipe": {"approved": 2, "declined": 1, "unanswered": 1}}
    assert (found.answer_p50_ms, found.answer_p99_ms) == (9, 6_000)


def test_nothing_done_is_told_as_zeros() -> None:
    found = Tally().summary(owed=0, in_flight=0, unsettled=0)
    assert (found.transactions, found.answer_p99_ms) == (0, 0)
