"""Numbers of the history are counted by period, and leased when all is written."""

from datetime import UTC, datetime

from pointsman.history.numbering import Numbering

AT = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)


async def test_what_was_used_is_leased() -> None:
    numbers = Numbering()
    assert numbers.rrn(AT) == "606900000001"
    assert numbers.rrn(AT) == "606900000002"
    assert numbers.rrn(datetime(2026, 3, 11, tzinfo=UTC)) == "607000000001"
    assert numbers.host_stan("alpha", AT) == "000001"
    assert numbers.host_stan("beta", AT) == "000001"
    leased: list[tuple[str, str, int]] = []

    class Leases:
        async def lease_numbers(self, name: str, period: str, count: int) -> int:
            leased.append((name, period, count))
            return 1

    await numbers.keep(Leases())
    assert leased == [
        ("rrn", "6069", 2),
        ("rrn", "6070", 1),
        ("stan/alpha", "2026", 1),
        ("stan/beta", "2026", 1),
    ]
