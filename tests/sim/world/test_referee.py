"""What the referee says of one sale, told truly and told falsely by one witness after another."""

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from pointsman.sim.host_rows import HostRow
from pointsman.sim.terminal_rows import Repeated, TerminalRow, UndoDue
from pointsman.sim.world.referee import Referee
from pointsman.sim.world.testimony import JournalRow, PostedRow, Settlement
from tests.sim.world.witnesses import ASKED, AT, DONE, KEPT, NAME, TOLD

PAID = Settlement((PostedRow("one", "payment", 1000),))


def promises(
    terminals: Sequence[TerminalRow] = (ASKED, TOLD),
    acquirers: Sequence[HostRow] = (DONE,),
    journal: Sequence[JournalRow] = (KEPT,),
    settlement: Settlement = PAID,
) -> set[str]:
    found = Referee(terminals, {"alpha": acquirers}, journal, settlement).judge()
    return {promise for promise, _ in found}


WITNESSES = ("referee", "accounts", "rules", "testimony", "witness")


@pytest.mark.parametrize("name", WITNESSES)
def test_who_judges_imports_nothing_of_those_who_are_judged(name: str) -> None:
    module = import_module(f"pointsman.sim.world.{name}")
    source = Path(str(module.__file__)).read_text("utf-8")
    assert not re.search(r"pointsman\.(switch|store|settlement|hsm|routing)\b", source)


def test_three_true_witnesses_agree() -> None:
    assert promises() == set()


@pytest.mark.parametrize(
    ("changes", "promise"),
    [
        ({"journal": ()}, "P2"),  # told, and not in the journal
        ({"journal": (replace(KEPT, undo="owed", owed="due"),)}, "P3"),
        ({"journal": (replace(KEPT, undo="done"),)}, "P7"),
        ({"journal": (replace(KEPT, approved_minor=900),)}, "P8"),
        ({"terminals": (ASKED,)}, "P3"),  # still waits
        ({"terminals": (ASKED, TOLD, UndoDue(AT, *NAME, "98"))}, "P4"),
        ({"terminals": (ASKED, TOLD, Repeated(AT, *NAME, "51", same=False))}, "P5"),
        ({"acquirers": ()}, "P2"),
        ({"acquirers": (msgspec.structs.replace(DONE, tid="other"),)}, "P8"),
        ({"acquirers": (DONE, msgspec.structs.replace(DONE, key="another"))}, "P1"),
        ({"settlement": Settlement()}, "P10"),
    ],
)
def test_a_false_witness_is_found(changes: dict[str, tuple[object, ...]], promise: str) -> None:
    assert promise in promises(**changes)  # type: ignore[arg-type]  # by name


def test_what_was_told_first_and_refused_is_an_open_item_and_no_money() -> None:
    advice = replace(KEPT, kind="offline", owed="parked", has_exception=True)
    asked = msgspec.structs.replace(ASKED, what="offline", flow="offline")
    refused = msgspec.structs.replace(DONE, outcome="declined", code="05")
    rest = {"terminals": (asked, TOLD), "acquirers": (refused,), "journal": (advice,)}
    listed = Settlement(open_ids=frozenset({"one"}))
    assert promises(**rest, settlement=listed) == set()  # type: ignore[arg-type]  # by name
    assert promises(**rest, settlement=Settlement()) == {"P10"}  # type: ignore[arg-type]  # by name
    assert "P10" in promises(**rest, settlement=PAID)  # type: ignore[arg-type]  # by name
