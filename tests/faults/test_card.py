"""The card adds up blocks, keeps them, and tells violations where there are any."""

import json
from pathlib import Path

from tests.faults.block import BlockReport
from tests.faults.card import FILE, PAGE, add_up, record


def report(**more: dict[str, int]) -> BlockReport:
    found = BlockReport(
        seed=1,
        theme="mixed",
        seconds=30.0,
        faults={"kill -9 worker": 2, "kill -9 postgres": 1, "pause hsm": 1},
        unseen={"restart postgres fast": 1},
        kills=3,
        back_s=[1.0, 2.0, 4.0],
        serving_s=[1.5],
        violations=more.get("violations", {}),
        where={},
    )
    found.approvals = 100
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
    assert "2.0 s, 4.0 s" in page
