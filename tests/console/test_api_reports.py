"""Routes of reports: names of files are safe in a header, expired links say so."""

from pointsman.console.api_reports import attached
from pointsman.console.rights import Role
from pointsman.store.pool import Pool
from tests.console.browser import furnished, person
from tests.store.house import transaction, worker


def test_a_files_name_cannot_break_the_header() -> None:
    answer = attached('a"b\r\nx: 报.csv', "text/csv", b"1")
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''a%22b%0D%0Ax%3A%20%E6%8A%A5.csv"
    )


async def test_a_link_that_has_died_says_so(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1))
    admin = await person(office, Role.PLATFORM_ADMIN)
    headers = {
        "content-type": "application/json",
        "x-csrf-token": "proof of every form here",
        "idempotency-key": "k",
    }
    body = b'{"report": "R04", "format": "xlsx"}'
    run = (await admin.ask("POST", "/v1/report_runs", body, headers)).json["id"]
    await office.exports.make_next()
    assert (await admin.get(f"/v1/report_runs/{run}/file")).status == 200
    owner = Pool(database)
    await owner.rows("update report_runs set expires_at = now()")
    owner.close()
    gone = await admin.get(f"/v1/report_runs/{run}/file")
    assert (gone.status, gone.json["code"]) == (410, "export_expired")
    assert (await admin.get(f"/v1/report_runs/{run}")).json["state"] == "expired"
    assert (await admin.get("/v1/report_runs/run_x")).status == 404
    assert (await admin.get("/v1/report_runs?after=eA")).status == 400
