"""Over a made past: R01 = the sum of R02 = what was posted = the API, day by day, in any zone.

Days have a cut-off of their own, one is an hour short or long, and refunds come days after their
payments. What is held against the reports is the journal, read here by plain statements and loops.
"""

from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pointsman.console.app import make_office
from pointsman.console.rights import Role
from pointsman.store.pool import Pool
from tests.console.browser import EFFECTS, KEY, Browser, person
from tests.history.town import When, made

BERLIN, NEW_YORK, SHANGHAI = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Shanghai")
)
DAYS = 4
POSTED = "select sum(signed_minor)::bigint from postings where business_date = %s"
HOURS = """
select to_char(created_at at time zone %(zone)s, 'HH24'), count(*) from transactions
where money = 'debit' and business_date between %(begin)s and %(end)s group by 1
"""


async def lines_of(admin: Browser, begin: date, end: date) -> list[dict[str, Any]]:  # Any: JSON
    """Return every line of R02, hour by hour so that each answer is whole."""
    found = []
    for hour in range(24):
        path = f"/v1/reports/R02/result?from={begin}&to={end}&hour={hour}"
        answer = (await admin.get(path)).json
        assert not answer["truncated"]
        found += answer["rows"]
    return found


async def net_of(admin: Browser, report: str, begin: date, end: date, by: str = "") -> int:
    more = f"&by={by}" if by else ""
    answer = (await admin.get(f"/v1/reports/{report}/result?from={begin}&to={end}{more}")).json
    assert answer["manifest"]["adds_up"]
    (total,) = answer["totals"]
    minor = sum(row["net"]["amount"] for row in answer["rows"])
    assert total["net"]["amount"] == minor
    return int(minor)


@pytest.mark.parametrize(
    "when",
    [
        When(datetime(2026, 3, 31, 13, tzinfo=UTC), BERLIN, time(4)),  # 29 March: 23 hours
        When(datetime(2026, 11, 3, 19, tzinfo=UTC), NEW_YORK, time(0)),  # 1 November: 25 hours
        When(datetime(2026, 3, 10, 6, 30, tzinfo=UTC), SHANGHAI, time(23)),
    ],
    ids=["Berlin", "New York", "Shanghai"],
)
async def test_every_way_to_a_days_net_is_the_same(
    database: str, tmp_path: Path, when: When
) -> None:
    await made(database, tmp_path, DAYS, when=when)
    office, journal = make_office(database, KEY, EFFECTS, mode="test"), Pool(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    known = await journal.rows("select business_date, state from business_days order by 1")
    days = [day for day, _ in known]
    assert len(days) == DAYS
    sums = {}
    for day, state in known:
        lines = await lines_of(admin, day, day)
        sums[day] = sum(line["counted"]["amount"] for line in lines)
        assert len({line["id"] for line in lines}) == len(lines) > 100
        for report in ("R01", "R05"):
            assert await net_of(admin, report, day, day) == sums[day], (day, report)
        if state == "closed":
            assert sums[day] == await journal.value(POSTED, (day,))
            cycle = (await admin.get(f"/v1/settlement_cycles/{day}")).json
            assert [one["amount"] for one in cycle["net"]] == [sums[day]]
    begin, end = days[0], days[-1]
    for by in ("day", "week", "month", "merchant"):
        assert await net_of(admin, "R01", begin, end, by) == sum(sums.values()), by
    await hours_are_those_of_the_zone(admin, journal, when, begin, end)
    back = (await admin.get(f"/v1/reports/R12/result?from={begin}&to={end}")).json["rows"]
    later = [one for one in back if one["original_date"] < one["business_date"]]
    assert later, "a refund comes days after its payment"
    assert all(one["counted"]["amount"] < 0 for one in later if one["state"] == "approved")
    journal.close()
    office.pool.close()


async def hours_are_those_of_the_zone(
    admin: Browser, journal: Pool, when: When, begin: date, end: date
) -> None:
    """An hour of the clock is one row, also where it came twice."""
    path = f"/v1/statistics?by=hour&from={begin}&to={end}"
    rows = (await admin.get(path)).json["rows"]
    attempts = {row["hour"]: row["attempts"] for row in rows if row["attempts"]}
    counted = await journal.rows(HOURS, {"zone": str(when.zone), "begin": begin, "end": end})
    assert attempts == dict(counted)
    nets: Counter[str] = Counter()
    for line in await lines_of(admin, begin, end):
        at = datetime.fromisoformat(line["time"]).astimezone(when.zone)
        nets[f"{at:%H}"] += line["counted"]["amount"]
    assert {row["hour"]: row["net"]["amount"] for row in rows} == dict(nets)
