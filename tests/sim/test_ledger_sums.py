"""Ledgers added up: what is in one file, and all files together."""

from pointsman.sim import ledger_sums
from pointsman.sim.terminal_rows import UndoDue, UndoTried
from tests.sim.test_audit import AT, BATCH, MID, NET, SILENT, TID, sound_world


def test_an_acquirer_is_added_up() -> None:
    sums = ledger_sums.of_acquirer("a.jsonl", sound_world().acquirer)
    assert sums.counts == {"requests approved": 6, "reversals undone": 1}
    assert sums.settled_minor == {f"{MID}/156": NET}
    assert sums.figures()[f"settled {MID}/156"] == NET


def test_terminals_are_added_up() -> None:
    rows = sound_world().terminals
    rows += [
        UndoDue(AT, MID, TID, BATCH, SILENT.stan, "98"),
        UndoTried(AT, MID, TID, BATCH, SILENT.stan, 1, "", False),
        UndoTried(AT, MID, TID, BATCH, SILENT.stan, 2, "00", True),
    ]
    sums = ledger_sums.of_terminals("t.jsonl", rows)
    assert sums.counts == {
        "requests": 6,
        "told approved": 5,
        "told declined": 1,
        "batches closed": 1,
        "reversals due": 1,
        "reversals settled": 1,
    }
    assert sums.settled_minor == {f"{MID}/{TID}": NET}


def test_both_sides_are_told_beside_each_other() -> None:
    world = sound_world()
    found = ledger_sums.together(
        [
            ledger_sums.of_acquirer("a.jsonl", world.acquirer),
            ledger_sums.of_terminals("t.jsonl", world.terminals),
        ]
    )
    assert found["settled_minor"] == {"acquirer": NET, "terminal": NET}
