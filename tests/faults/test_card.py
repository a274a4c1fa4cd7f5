"""The card adds up blocks, keeps them, and tells violations where there are any."""

import json
from pathlib import Path

from tests.faults.card import FILE, PAGE, add_up, record
from tests.faults.report import BlockReport


def report(violations: dict[str, int] | None = None) -> BlockReport:
    found = BlockReport.empty(1, "mixed", 30.0)
    for kind in ("kill -9 worker", "kill -9 worker", "kill -9 postgres", "pause hsm"):
        found.struck(kind, seen=True)
    found.struck("restart postgres fast", seen=False)
    found.back_s = [1.0, 2.0, 4.0]
    for name, number in (violations or {}).items():
        found.violated(name, number)
    found.approvals = 100
    found.kinds = {"sale": 7, "international tip": 2}
    found.commit = "0123abc"
    return found


def test_blocks_are_added_up() -> None:
    card = add_up([report(), report()])
    assert (card.blocks, card.kills, card.pauses, card.approvals) == (2, 6, 2, 200)
    assert card.restarts_of_postgres == 2
    assert card.unseen == {"restart postgres fast": 2}


def test_recorded_blocks_stay_and_the_page_is_made_of_them(tmp_path: Path) -> None:
    record(tmp_path, report())
    record(tmp_path, report(violations={"crossed": 2}))
    assert json.loads((tmp_path / FILE).read_text())["kills"] == 6
    page = (tmp_path / PAGE).read_text()
    assert "| **Violations** | **2** |" in page
    assert "| crossed | P8 | 2 |" in page
    assert "| kill -9 worker | 4 | 0 |" in page
    assert "| restart postgres fast | 0 | 2 |" in page
    assert "Counted in 2 blocks" in page
    assert "| international tip | 4 |" in page
    assert "2.0 s, 4.0 s" in page
    assert "on commit 0123abc:" in page
