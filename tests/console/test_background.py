"""The console's own tasks: closed days are figured, runs are made, without anybody asking."""

import trio

from pointsman.console import background
from pointsman.console.rights import Role
from pointsman.store.console_figures import Figures
from tests.console.browser import furnished, person
from tests.reports.day import close_day, open_day
from tests.store.house import transaction, worker


async def test_days_are_figured_and_runs_are_made_by_themselves(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1))
        day = await open_day(database)
        await close_day(database, day)
    admin = await person(office, Role.PLATFORM_ADMIN)
    headers = {
        "content-type": "application/json",
        "x-csrf-token": "proof of every form here",
        "idempotency-key": "k",
    }
    figures = Figures(office.pool)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(background.run, office)
        run = (await admin.ask("POST", "/v1/report_runs", b'{"report": "R01"}', headers)).json
        with trio.fail_after(10):
            while (await admin.get(f"/v1/report_runs/{run['id']}")).json["state"] != "done":  # noqa: ASYNC110  # as its reader does
                await trio.sleep(0.02)
            while await figures.unfigured(day, day):  # noqa: ASYNC110  # a row, no event
                await trio.sleep(0.02)
        nursery.cancel_scope.cancel()
