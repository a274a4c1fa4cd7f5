"""Every check of the smoke run fails when what it asks for is missing."""

from collections import Counter

import pytest

from pointsman.sim.findings import Findings
from pointsman.sim.host_rows import Effect
from pointsman.sim.smoke_report import (
    FAULTS,
    KINDS,
    Counts,
    Events,
    checks,
    count,
    net_minor,
    report,
)
from pointsman.sim.terminal_rows import UndoTried
from tests.sim.test_audit import AT, BATCH, MID, NET, SILENT, TID, reversal, sound_world


def sound() -> tuple[Counts, Findings, Events]:
    counts = Counts(
        approved=9,
        declined=2,
        told_98=1,
        reversed_at_acquirers=1,
        by_kind=Counter(KINDS),
        behaviours=Counter(FAULTS.keys()),
        by_code=Counter({"55": 1}),
    )
    findings = Findings(terminals_minor=NET, journal_minor=NET, acquirers_minor=NET, settlements=6)
    events = Events(
        seconds=30.0,
        worker_kills=[0, 1],
        hsm_kills=1,
        postgres_kills=1,
        drained=True,
        settle_twice_equal=True,
        settlement_balanced=True,
    )
    return counts, findings, events


def test_a_sound_run_is_ok() -> None:
    found = report(*sound(), 2, 7)
    assert found["ok"] is True
    assert found["failed_checks"] == []
    assert found["settled_minor"] == {"terminals": NET, "journal": NET, "acquirers": NET}


def test_a_busy_machine_may_be_given_more_time() -> None:
    counts, findings, events = sound()
    events.seconds, events.within_s = 90.0, 120.0
    assert report(counts, findings, events, 2, 7)["ok"] is True


@pytest.mark.parametrize(
    ("part", "name", "value", "check"),
    [
        (0, "declined", 0, "declined"),
        (0, "told_98", 0, "silence_answered_98"),
        (0, "reversed_at_acquirers", 0, "silence_reversed"),
        (0, "by_kind", Counter(KINDS[1:]), "every_kind_approved"),
        (0, "behaviours", Counter(list(FAULTS)[1:]), "every_fault_met"),
        (0, "by_code", Counter(), "wrong_pin_declined"),
        (0, "by_code", Counter({"55": 1, "25": 1}), "no_false_refusals"),
        (0, "by_code", Counter({"55": 1, "97": 1}), "no_false_refusals"),
        (1, "told_but_missing", 1, "no_told_but_missing"),
        (1, "in_doubt_unreversed", 1, "no_in_doubt_unreversed"),
        (1, "crossed", 1, "no_crossed"),
        (1, "doubled", 1, "no_doubled"),
        (1, "undone_twice", 1, "no_undone_twice"),
        (1, "in_limbo", 1, "no_in_limbo"),
        (1, "wrongly_reversed", 1, "no_wrongly_reversed"),
        (1, "told_without_host", 1, "no_told_without_host"),
        (1, "repeats_wrong", 1, "no_repeats_wrong"),
        (1, "terminals_open", 1, "no_terminals_open"),
        (1, "settlements_unequal", 1, "no_settlements_unequal"),
        (1, "settlements", 0, "batches_closed"),
        (1, "terminals_minor", 0, "something_settled"),
        (1, "acquirers_minor", NET + 1, "three_counts_equal"),
        (2, "worker_kills", [0], "every_worker_killed"),
        (2, "hsm_kills", 0, "hsm_killed"),
        (2, "drained", False, "drained"),
        (2, "parked", 1, "nothing_parked"),
        (2, "settle_twice_equal", False, "settle_twice_equal"),
        (2, "settlement_balanced", False, "settlement_balanced"),
        (2, "leftover_processes", 1, "nothing_left_running"),
        (2, "seconds", 60.0, "in_time"),
        (2, "failure", "the switch is not ready", "no_failure"),
    ],
)
def test_each_check_can_fail(part: int, name: str, value: object, check: str) -> None:
    parts = counts, findings, events = sound()
    setattr(parts[part], name, value)
    held = checks(counts, findings, events, 2)
    assert held[check] is False
    told = report(counts, findings, events, 2, 7)
    assert told["ok"] is False
    assert (check in str(told["failure"])) is not bool(events.failure)
    assert events.failure in str(told["failure"])


def test_every_check_has_its_failing_case() -> None:
    cases = {case[3] for case in test_each_check_can_fail.pytestmark[0].args[1]}  # type: ignore[attr-defined]  # pytest puts it there
    assert cases == set(checks(*sound(), 2))


def test_figures_come_from_the_rows() -> None:
    world = sound_world()
    world.terminals.append(UndoTried(AT, MID, TID, BATCH, SILENT.stan, 1, "00", True))
    counts = count(world.terminals, [world.acquirer])
    assert (counts.approved, counts.declined, counts.told_98) == (5, 0, 1)
    assert counts.by_kind == Counter({"sale swipe": 2, "refund": 2, "void": 1})
    assert counts.reversed_at_acquirers == 1
    assert counts.reversals_of_terminals == 1
    assert counts.behaviours == Counter({"answer": 6})
    again = count([], [[reversal(SILENT, Effect.AGAIN)]])
    assert again.reversed_at_acquirers == 0


def test_the_journals_sum_is_over_all_currencies() -> None:
    assert net_minor([{"net_minor": 5}, {"net_minor": -2}]) == 3
