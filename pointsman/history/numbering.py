"""The numbers of the history: RRN and host STAN, counted as the switch counts them.

A shell for `keep` alone, which leases from the store what was used: the house goes on behind it.
How a number becomes a field is switch/numbers.py.
"""

from dataclasses import dataclass, field
from datetime import datetime

from pointsman.switch.numbers import Leases, day_period, host_stan_text, rrn_text


@dataclass(slots=True)
class Numbering:
    """Counts; `used` is the last number by series and period."""

    used: dict[tuple[str, str], int] = field(default_factory=dict)

    def rrn(self, at: datetime) -> str:
        """Return the next field 37 of a moment (UTC)."""
        period = day_period(at)
        return rrn_text(period, self._next("rrn", period)) or ""

    def host_stan(self, acquirer: str, at: datetime) -> str:
        """Return the next field 11 towards an acquirer."""
        period = f"{at.year:04d}"
        return host_stan_text(period, self._next(f"stan/{acquirer}", period)) or ""

    async def keep(self, store: Leases) -> None:
        """Lease what was used: nobody gets it again."""
        for (name, period), number in sorted(self.used.items()):
            await store.lease_numbers(name, period, number)

    def _next(self, name: str, period: str) -> int:
        number = self.used[name, period] = self.used.get((name, period), 0) + 1
        return number
