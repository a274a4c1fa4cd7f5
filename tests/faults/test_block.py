"""A short block on real processes: workers, HSM, clerk and PostgreSQL are killed under load.

The long campaign is `make reliability`; this one shows on every run of the tests that the house
comes back and that the harness sees what it does.
"""

import trio

from tests.faults.block import Block
from tests.faults.draw import Theme

SECONDS = 8.0


def test_killed_processes_come_back_and_no_promise_is_broken() -> None:
    said: list[str] = []
    report = trio.run(Block(Theme.KILLS, 7, SECONDS, said.append).run)
    assert report.failure == "", said
    assert report.violations == {}, report.where
    assert report.kills > 0
    assert sum(report.faults.values()) == len(report.back_s)
    assert report.approvals > 0
