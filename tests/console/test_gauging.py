"""Gauges: terminals and batches are counted by state, late figures by their age."""

import trio

from pointsman.cli.asking import everywhere
from pointsman.console.gauging import TERMINAL_STATES, Gauging
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.store.console_figures import Figures
from pointsman.store.pool import Pool
from tests.console.browser import furnished, person
from tests.reports.day import close_day, open_day
from tests.store.house import MID, TIDS, transaction, worker


def value(office: Office, name: str, **labels: str) -> float | None:
    return office.metrics.registry.get_sample_value(name, labels)


async def test_terminals_are_counted_as_their_list_counts_them(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1, tid=TIDS[0]))
    await office.changing.set_active(everywhere({}), MID, TIDS[1], active=False)
    await Gauging(office).look()
    admin = await person(office, Role.PLATFORM_ADMIN)
    for state in TERMINAL_STATES:
        listed = (await admin.get(f"/v1/terminals?state={state}&include=total")).json["total"]
        assert value(office, "pointsman_terminals", state=state) == listed["count"], state
    assert value(office, "pointsman_terminals", state="online") == 1
    assert value(office, "pointsman_terminals", state="suspended") == 1


async def test_a_batch_whose_totals_disagree_is_counted_for_a_day(database: str) -> None:
    office = await furnished(database)
    gauging, owner = Gauging(office), Pool(database)
    await gauging.look()
    assert value(office, "pointsman_batches", state="open") == len(TIDS)
    assert value(office, "pointsman_batches", state="unbalanced") == 0
    await owner.rows(
        "update batches set state = 'closed', closed_at = now(), result = 'unbalanced-open'"
        " where mid = %s and tid = %s",
        (MID, TIDS[0]),
    )
    await gauging.look()
    assert value(office, "pointsman_batches", state="open") == len(TIDS) - 1
    assert value(office, "pointsman_batches", state="unbalanced") == 1
    await owner.rows("update batches set closed_at = now() - interval '25 hours'")
    owner.close()
    await gauging.look()
    assert value(office, "pointsman_batches", state="unbalanced") == 0


async def test_decisions_that_wait_are_counted_by_kind_and_age(database: str) -> None:
    office = await furnished(database)
    gauging, owner = Gauging(office), Pool(database)
    await gauging.look()
    assert value(office, "pointsman_approvals_pending", kind="refund") == 0
    assert value(office, "pointsman_approvals_oldest_age_seconds") == 0
    await person(office, Role.PLATFORM_ADMIN)
    await owner.rows(
        "insert into approvals (id, kind, object_id, summary, asked_by, asked_name, asked_at)"
        " select '\\x01', 'refund', 'x', '{}', id, 'A', now() - interval '2 hours'"
        " from users limit 1"
    )
    await gauging.look()
    assert value(office, "pointsman_approvals_pending", kind="refund") == 1
    assert value(office, "pointsman_approvals_pending", kind="grant") == 0
    assert (value(office, "pointsman_approvals_oldest_age_seconds") or 0) >= 7200
    await owner.rows("update approvals set state = 'rejected'")
    owner.close()
    await gauging.look()
    assert value(office, "pointsman_approvals_pending", kind="refund") == 0


async def test_a_closed_day_without_figures_is_late_until_it_has_them(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1))
        day = await open_day(database)
        await close_day(database, day)
    gauging = Gauging(office)
    await gauging.look()
    await trio.sleep(0.02)
    await gauging.look()
    lag_s = value(office, "pointsman_projection_lag_seconds", projection="day_figures")
    assert lag_s is not None
    assert lag_s >= 0.02
    await Figures(office.pool).figure(day)
    await gauging.look()
    assert value(office, "pointsman_projection_lag_seconds", projection="day_figures") == 0
