"""Reconciliations and jobs as the API tells them: to the platform, or to who asked for the run."""

from pointsman.console.rights import Role
from pointsman.store.pool import Pool
from tests.console.browser import OTHER_MID, furnished, person

SETTLED = "2026-11-20"
OURS = (
    '{"debit_count": 3, "debit_minor": 4200, "void_count": 1, "void_minor": 200,'
    ' "credit_count": 1, "credit_minor": 1000, "inquiry_count": 2, "hold_count": 0}'
)


async def reconciled(url: str, day: str) -> None:
    """Keep one date that an acquirer counts differently, and one that is due."""
    pool = Pool(url)
    await pool.rows(
        "insert into reconciliations (acquirer, settlement_date, currency, state, totals, theirs,"
        " attempts, code, answered_at)"
        " values ('alpha', %s::date, '156', 'differs', %s::jsonb, '{\"88\": \"000000004100\"}',"
        " 1, '95', now())",
        (day, OURS),
    )
    await pool.rows(
        "insert into reconciliations (acquirer, settlement_date, currency)"
        " values ('alpha', %s::date + 1, '156')",
        (day,),
    )
    pool.close()


async def test_both_sides_of_a_settlement_date_are_told_to_the_platform_alone(
    database: str,
) -> None:
    office = await furnished(database)
    await reconciled(database, SETTLED)
    risk = await person(office, Role.RISK)
    listed = (await risk.get("/v1/reconciliations?include=total")).json
    assert [(one["settlement_date"], one["state"]) for one in listed["data"]] == [
        ("2026-11-21", "due"),
        (SETTLED, "differs"),
    ]
    assert listed["total"] == {"count": 2, "exact": True}
    assert listed["data"][0]["ours"] is None
    one = (await risk.get(f"/v1/reconciliations/alpha/{SETTLED}/CNY")).json
    assert one == listed["data"][1]
    assert one["ours"]["debits"] == {
        "count": 3,
        "sum": {"amount": 4200, "currency": "CNY", "text": "42.00"},
    }
    assert one["ours"]["net"]["amount"] == 4200 - 200 - 1000
    assert (one["theirs"], one["response_code"]) == ({"88": "000000004100"}, "95")
    for path in ("beta/2026-11-20/CNY", "alpha/2026-11-19/CNY", f"alpha/{SETTLED}/JPY"):
        assert (await risk.get(f"/v1/reconciliations/{path}")).status == 404, path
    assert (await risk.get("/v1/reconciliations/alpha/soon/CNY")).status == 422
    differing = (await risk.get("/v1/reconciliations?state=differs,refused")).json["data"]
    assert [item["settlement_date"] for item in differing] == [SETTLED]
    owner = await person(office, Role.MERCHANT_OWNER)
    assert (await owner.get("/v1/reconciliations")).status == 403


async def test_what_was_answered_with_202_is_a_job_until_its_result_is_there(
    database: str,
) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    begun = await owner.send("POST", "/v1/report_runs", {"report": "R01"}, key="r")
    assert begun.status == 202
    place = begun.headers["location"]
    job = (await owner.get(place)).json
    assert job["state"] in {"queued", "running", "done"}
    assert job["result"] == f"/v1/report_runs/{begun.json['id']}"
    assert (await owner.get("/v1/jobs")).json["data"] == [(await owner.get(place)).json]
    assert (await stranger.get(place)).status == 404
    assert (await stranger.get("/v1/jobs")).json["data"] == []
    await office.exports.make_next()
    done = (await owner.get(place)).json
    assert done["state"] in {"failed", "done"}
    assert (await owner.get(done["result"])).json["state"] == done["state"]
    assert (await owner.get("/v1/jobs/job_00000000000000000000000000")).status == 404
