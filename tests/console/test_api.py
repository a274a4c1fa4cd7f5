"""The API's description, its problems in both languages, and its health."""

import pytest

from pointsman.console import problems
from pointsman.console.app import make_app, make_office
from pointsman.console.rights import Role
from pointsman.console.routes import ROUTES
from tests.console.browser import EFFECTS, KEY, Browser, furnished, person


async def test_description_names_every_route_of_the_api_and_its_right(database: str) -> None:
    browser = Browser(make_app(await furnished(database)))
    found = (await browser.get("/openapi.json")).json
    assert found["openapi"].startswith("3.1")
    wanted = {row.path for row in ROUTES.values() if row.path.startswith("/v1/")}
    assert wanted <= set(found["paths"])
    assert not [path for path in found["paths"] if path.startswith("/payments")]
    payments = found["paths"]["/v1/payments"]["get"]
    assert payments["x-right"] == "transactions:view"
    assert "q" in {parameter["name"] for parameter in payments["parameters"]}
    operations = [one["operationId"] for path in found["paths"].values() for one in path.values()]
    assert len(set(operations)) == len(operations)


async def test_a_problem_is_told_in_the_language_that_was_asked_for(database: str) -> None:
    browser = Browser(make_app(await furnished(database)))
    browser.headers["accept-language"] = "zh-CN,zh;q=0.9"
    answer = await browser.get("/v1/payments")
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["title"] == problems.KINDS[problems.Code.UNAUTHENTICATED].zh
    assert answer.json["request_id"] == answer.headers["request-id"]


async def test_a_database_that_is_away_is_told_as_such() -> None:
    office = make_office("postgresql:///none?host=/nowhere", KEY, EFFECTS, mode="test")
    browser = Browser(make_app(office), {"pointsman_session": "x"})
    answer = await browser.get("/v1/payments")
    assert answer.status == 503
    assert answer.json["retryable"]
    assert (await browser.get("/health/live")).status == 200
    assert (await browser.get("/health/ready")).status == 503
    assert (await browser.get("/payments")).status == 503


@pytest.mark.parametrize("path", ["/v1/payments", "/v1/terminals", "/v1/audit_events"])
async def test_odd_parameters_are_refused_and_break_nothing(database: str, path: str) -> None:
    admin = await person(await furnished(database), Role.PLATFORM_ADMIN)
    for query in ("limit=-1", "limit=1e3", "limit=%D9%A1", "after=%00", "limit=1&limit=2", "x=1"):
        answer = await admin.get(f"{path}?{query}")
        assert answer.status in {400, 422}, query
