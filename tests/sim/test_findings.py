"""What an audit says: a fault has a place, and one is enough."""

from pointsman.sim.findings import NAMES_MAX, Findings


def test_nothing_found_is_right_where_the_sums_agree() -> None:
    found = Findings(terminals_minor=5, journal_minor=5, acquirers_minor=5)
    assert found.ok
    assert not Findings(terminals_minor=5, journal_minor=5, acquirers_minor=4).ok


def test_every_fault_counts_and_the_first_are_named() -> None:
    found = Findings()
    for number in range(NAMES_MAX + 5):
        found.fault("doubled", ("m", str(number)))
    assert found.faults["doubled"] == NAMES_MAX + 5
    assert len(found.names["doubled"]) == NAMES_MAX
    assert not found.ok
    assert found.faults.keys() >= found.names.keys()
