"""Whether the switch's totals of a settlement date are what its acquirer counts (0500, 0520).

A core. Money and its numbers must agree wherever nothing waits for people; how many inquiries and
holds there were may differ, since an answer that was lost is nobody's harm. What a host counts is
host_totals.py of the simulators, when dates are reconciled world.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pointsman.sim.host_rows import HostRow, HostTotals
from pointsman.sim.world.testimony import JournalRow

MONEY: Final = (74, 76, 77, 86, 88, 89, 97)
"""Numbers and amounts of credits, debits and voids, and what is owed in all (ISO 8583:1987)."""


def judge(
    acquirers: Mapping[str, Sequence[HostRow]], journal: Sequence[JournalRow]
) -> Iterator[tuple[str, str]]:
    """Yield the dates on which switch and acquirer count other money."""
    doubtful = {row.acquirer for row in journal if row.parked or row.decided}
    for name, rows in acquirers.items():
        for row in rows:
            if not isinstance(row, HostTotals) or name in doubtful:
                continue
            said, ours = dict(row.said), dict(row.ours)
            for field in MONEY:
                if said.get(field) != ours.get(field):
                    told = f"{said.get(field)} of {row.date}, counted {ours.get(field)}"
                    yield "P24", f"{name} was told {told} (field {field})"
