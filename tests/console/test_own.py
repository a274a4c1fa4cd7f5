"""One's own things: nobody else reaches them, days stay relative, secrets are never kept."""

from datetime import date

import pytest

from pointsman.console import own
from pointsman.console.rights import Role
from tests.console.browser import Browser, furnished, person

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("state=declined", "/payments?state=declined"),
        ("kind=void&business_date=2026-11-20", "/payments?kind=void&business_date=2026-12-01"),
        ("business_date=2026-11-19", "/payments?business_date=2026-11-30"),
        ("business_date=2026-10-01", "/payments?business_date=2026-10-01"),
        ("state=declined&after=abc#off=RRN", "/payments?state=declined#off=RRN"),
        ("", "/payments"),
    ],
)  # fmt: skip
def test_a_view_of_today_is_a_view_of_every_today(query: str, address: str) -> None:
    kept = own._relative(query, TODAY)
    assert own._address("payments", kept, date(2026, 12, 1)) == address


async def save(browser: Browser, name: str, query: str) -> int:
    body = {"list": "payments", "name": name, "query": query}
    return (await browser.send("POST", "/v1/views:save", body)).status


async def test_views_are_ones_own(database: str) -> None:
    office = await furnished(database)
    ann, bob = [await person(office, Role.OPERATOR) for _ in range(2)]
    assert await save(ann, "declined", "state=declined") == 200
    assert await save(ann, "declined", "state=failed") == 200  # replaced
    (view,) = (await ann.get("/v1/views?list=payments")).json["data"]
    assert view["address"] == "/payments?state=failed"
    assert (await ann.get("/v1/views?list=terminals")).json["data"] == []
    assert (await bob.get("/v1/views")).json["data"] == []
    name = {"list": "payments", "name": "declined"}
    assert (await bob.send("POST", "/v1/views:remove", name)).status == 404
    assert (await ann.send("POST", "/v1/views:remove", name)).status == 200
    assert (await ann.get("/v1/views")).json["data"] == []


async def test_views_have_bounds(database: str) -> None:
    office = await furnished(database)
    ann = await person(office, Role.OPERATOR)
    for body in (
        {"list": "nothing", "name": "x", "query": ""},
        {"list": "payments", "name": " ", "query": ""},
        {"list": "payments", "name": "x" * 61, "query": ""},
        {"list": "payments", "name": "x", "query": "y" * 2001},
        {"list": "payments", "name": "x", "query": "", "more": 1},
    ):
        assert (await ann.send("POST", "/v1/views:save", body)).status == 422
    for number in range(own.VIEWS_MAX):
        assert await save(ann, str(number), "") == 200
    assert await save(ann, "one more", "") == 422


async def test_a_draft_survives_and_holds_no_secret(database: str) -> None:
    office = await furnished(database)
    ann, bob = [await person(office, Role.OPERATOR) for _ in range(2)]
    fields = {"name": "Half a merchant", "csrf": "x", "code": "123456", "transport_key": "B0096"}
    path = "/v1/drafts/merchant-new"
    assert (await ann.send("POST", f"{path}:save", {"fields": fields})).status == 200
    assert (await ann.get(path)).json["fields"] == {"name": "Half a merchant"}
    assert (await bob.get(path)).json["fields"] == {}
    assert (await ann.send("POST", f"{path}:save", {"fields": {}})).status == 200
    assert (await ann.get(path)).json["fields"] == {}
    many = {str(n): "x" for n in range(own.DRAFT_FIELDS_MAX + 1)}
    assert (await ann.send("POST", f"{path}:save", {"fields": many})).status == 422
    bad = {"fields": {"name": "x" * (own.DRAFT_VALUE_MAX + 1)}}
    assert (await ann.send("POST", f"{path}:save", bad)).status == 422


async def test_the_profile_tells_where_one_is_signed_in(database: str) -> None:
    office = await furnished(database)
    ann = await person(office, Role.RISK)
    found = (await ann.get("/v1/profile")).json
    assert found["grants"] == [{"role": "risk", "scope": "platform", "mid": ""}]
    (session,) = found["sessions"]
    assert session["this"] is True
    form = {"act": "end", "session": session["id"]}
    assert (await ann.post("/profile", form)).status in (200, 303, 401)
    assert (await ann.get("/v1/profile")).status == 401
