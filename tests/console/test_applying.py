"""Merchants register themselves: strangers apply, the platform decides once."""

from pointsman.console.rights import Role
from pointsman.store.console_applications import OPEN_MAX
from tests.console.browser import Browser, furnished, person

WANT = {
    "name": "<img src=x onerror=alert(1)>",
    "mcc": "5812",
    "city": "Shanghai",
    "login": "tea.owner",
    "contact": "tea@example.com",
}
TAKEN = {"mid": "898100053318888", "routes": [{"acquirer": "alpha"}]}


async def test_an_application_becomes_a_merchant_with_its_first_person(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    operator = await person(office, Role.OPERATOR)
    stranger = Browser(admin.app, address="203.0.113.9")
    made = await stranger.send("POST", "/v1/applications", WANT)
    assert made.status == 201, made.text
    target = f"/v1/applications/{made.json['id']}"
    more = await stranger.send("POST", "/v1/applications", WANT | {"state": "approved"})
    assert more.status == 422
    assert (await owner.get("/v1/applications")).status == 404
    assert (await operator.send("POST", f"{target}:approve", TAKEN, key="a")).status == 403
    taken = await admin.send("POST", f"{target}:approve", TAKEN, key="a")
    assert taken.status == 201, taken.text
    assert (await stranger.get(taken.json["link"])).status == 200
    assert (await admin.get("/v1/merchants/898100053318888")).json["state"] == "active"
    again = await admin.send("POST", f"{target}:approve", TAKEN, key="b")
    assert (again.status, again.json["code"]) == (409, "already_decided")
    assert (await admin.send("POST", f"{target}:reject", {})).status == 409


async def test_strangers_cannot_fill_the_table(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    stranger = Browser(admin.app, address="203.0.113.9")
    statuses = [(await stranger.send("POST", "/v1/applications", WANT)).status for _ in range(25)]
    assert statuses.count(201) == 20
    assert statuses[-1] == 429
    async with office.pool.act() as act:
        await act.rows(
            "insert into applications (id, name, mcc, city, country, currency, login, contact,"
            " address) select sha256(n::text::bytea), 'a', '1', 'b', 'CN', 'CNY', 'c', 'd', ''"
            " from generate_series(1, %s) n",
            (OPEN_MAX,),
        )
    other = Browser(admin.app, address="203.0.113.10")
    assert (await other.send("POST", "/v1/applications", WANT)).status == 429
