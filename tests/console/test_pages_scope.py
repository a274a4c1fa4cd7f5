"""The scope that is looked at: chosen on its page, held against the right on every other."""

from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, furnished, person
from tests.store.house import MID, transaction, worker

OTHER = {
    "mid": OTHER_MID,
    "name": "Other",
    "mcc": "5812",
    "city": "Ningbo",
    "routes": [{"acquirer": "alpha"}],
    "outlet": "Elsewhere",
}


async def test_lists_show_the_scope_and_a_forged_cookie_shows_nothing_more(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1))
    admin = await person(office, Role.PLATFORM_ADMIN)
    owner = await person(office, Role.MERCHANT_OWNER)
    assert (await admin.send("POST", "/v1/merchants", OTHER, key="a")).status == 201
    place = {"mid": MID, "name": "Quay", "city": "Ningbo"}
    own = (await admin.send("POST", "/v1/outlets", place, key="b")).json["id"]
    outlets = (await admin.get(f"/v1/outlets?mid={OTHER_MID}")).json["data"]
    page = await admin.get("/scope?next=/merchants")
    assert page.text.count("data-row") == 2
    chosen = await admin.post("/scope", {"scope": OTHER_MID, "next": "/merchants"})
    assert (chosen.status, chosen.headers["location"]) == (303, "/merchants")
    assert (await admin.get("/merchants")).text.count("data-row") == 1
    assert "data-row" not in (await admin.get("/payments")).text
    assert len((await admin.get("/export/payments")).text.splitlines()) == 1
    assert OTHER_MID in (await admin.get("/")).text
    assert len((await admin.get("/v1/payments")).json["data"]) == 1  # the API knows no scope
    assert (await admin.get(f"/merchants/{MID}")).status == 200
    await admin.post("/scope", {"scope": f"{MID}/{own}", "next": "//elsewhere.example"})
    assert "data-row" not in (await admin.get("/payments")).text  # nothing was sold there
    assert (await admin.get("/exceptions")).status == 200
    assert (await admin.get("/reports/R01")).status == 200
    await admin.post("/scope", {"scope": ""})
    assert "data-row" in (await admin.get("/payments")).text
    for forged in (OTHER_MID, f"{MID}/{outlets[0]['id']}", f"{OTHER_MID}/{own}", "x"):
        assert (await owner.post("/scope", {"scope": forged})).status == 404
        owner.cookies["pointsman_scope"] = forged
        seen = await owner.get("/payments")
        assert seen.text.count("data-row") == 1
        assert (await owner.get("/merchants")).text.count("data-row") == 1
        assert "Other" not in (await owner.get("/exceptions")).text
    away = await owner.post("/scope", {"scope": MID, "next": "//elsewhere.example"})
    assert away.headers["location"] == "/"
