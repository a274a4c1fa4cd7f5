"""The recorded campaign: its sums, what it was to meet, and what it broke and was mended."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from pointsman.sim.world import campaign, crashes

RECORD = Path(__file__).parents[2] / "docs" / "simulation.json"
MENDED = {
    100119: "a terminal believed a 96 to one copy and forgot the other",
    2796100658: "a reversal was filed in a batch that another worker had closed",
    1922490008: "the simulated office asked for ever for a refund that was refused",
    1922490056: "the same",
    1922490081: "simulated people let a payment stand that the acquirer counts with another amount",
    2295399546: "a refund of the office heard A0: another had put a new MAC key in its place",
    2295402363: "a simulated terminal told totals of a batch of which it had forgotten a part",
    2295402377: "the same",
}
"""Seeds that broke a promise in their piece, and why none does any more."""


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:  # Any: JSON
    found: dict[str, Any] = msgspec.json.decode(RECORD.read_bytes())
    return found


def test_pieces_add_up(record: dict[str, Any]) -> None:
    pieces = record["pieces"]
    for name in ("transactions", "messages", "crashes", "power_cuts", "violations"):
        assert record[name] == sum(piece[name] for piece in pieces)
    assert record["seeds"] == sum(piece["last"] - piece["first"] + 1 for piece in pieces)
    assert all(piece["commit"] for piece in pieces)
    # Of some pieces the lines alone were kept: their types, edges and states are not counted.
    lines = sum(one["transactions"] for one in pieces if not one.get("tables", True))
    assert record["transactions"] == sum(record["kinds"].values()) + lines
    seeds = [seed for piece in pieces for seed in range(piece["first"], piece["last"] + 1)]
    assert len(set(seeds)) == len(seeds), "a seed was counted twice"


def test_every_fault_flow_and_rare_event_was_met(record: dict[str, Any]) -> None:
    assert list(campaign.missing(record)) == []


def test_what_broke_is_mended_and_named(record: dict[str, Any]) -> None:
    broken = {seed for piece in record["pieces"] for seed in piece["broken"]}
    assert broken == set(MENDED)


def test_flows_survived_every_crash_that_is_recorded(record: dict[str, Any]) -> None:
    points = record["crash_points"]
    assert set(crashes.PAIRS) <= set(points) <= set(crashes.FLOWS)
    assert all(one["broken"] == 0 and one["points"] > 0 for one in points.values())
    assert all(points[flow]["pairs"] > 0 for flow in crashes.PAIRS)


def test_every_planted_bug_was_caught(record: dict[str, Any]) -> None:
    planted = record["planted"]
    assert planted["caught"] == planted["bugs"] == len(planted["seeds"])
    assert max(planted["seeds"].values()) <= 50
