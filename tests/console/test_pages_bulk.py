"""Acts on what was selected: each by itself, filters kept, and files of single rows."""

from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, furnished, person
from tests.store.house import MID, TIDS


async def test_many_terminals_are_switched_and_those_of_others_are_not(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    picks = f"{MID}/{TIDS[0]},{MID}/{TIDS[1]},{OTHER_MID}/{TIDS[2]}"
    answer = await owner.post("/terminals?state=suspended", {"act": "suspend", "picks": picks})
    assert answer.status == 200
    assert "2 changed" in answer.text
    assert OTHER_MID in answer.text  # told as left out
    assert answer.text.count("data-row") == 2  # the list has the filter it had
    one = {"act": "activate", "mid": MID, "tid": TIDS[0]}
    back = await owner.post("/terminals?state=suspended", one)
    assert (back.status, back.headers["location"]) == (303, "/terminals?state=suspended")
    assert (await owner.post("/terminals", {"act": "suspend"})).status == 422
    many = ",".join(f"{MID}/{TIDS[0]}" for _ in range(501))
    assert (await owner.post("/terminals", {"act": "suspend", "picks": many})).status == 422


async def test_merchants_are_switched_by_who_may_alone(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    operator = await person(office, Role.OPERATOR)
    form = {"act": "suspend", "picks": MID}
    assert (await operator.post("/merchants", form)).status == 403
    answer = await admin.post("/merchants?state=suspended", form)
    assert answer.text.count("data-row") == 1
    assert (await admin.get(f"/v1/merchants/{MID}")).json["state"] == "suspended"
    assert (await admin.post("/merchants", {"act": "suspend", "picks": ""})).status == 422


async def test_keys_that_were_selected_are_revoked_together(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    body = {"name": "till", "role": "operator", "scopes": ["transactions:view"]}
    made = [await admin.send("POST", "/v1/api_keys", body, key=str(n)) for n in range(2)]
    picks = ",".join(one.json["id"] for one in made)
    answer = await admin.post("/keys?state=active", {"act": "revoke", "picks": picks})
    assert answer.status == 200
    assert "data-row" not in answer.text
    states = [one["state"] for one in (await admin.get("/v1/api_keys")).json["data"]]
    assert states == ["closed", "closed"]


async def test_a_file_of_single_rows_has_those_alone(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    rows = (await admin.get("/v1/audit_events")).json["data"]
    await admin.post("/merchants", {"act": "suspend", "picks": MID})
    newest = (await admin.get("/v1/audit_events")).json["data"][0]["sequence"]
    for path, picks in (("merchants", MID), ("audit", str(newest))):
        made = await admin.post(f"/export/{path}", {"picks": picks, "format": "csv"})
        assert (made.status, len(made.text.splitlines())) == (200, 2), made.text
    assert (await admin.post("/export/audit", {"picks": ""})).status == 422
    assert (await admin.post("/export/audit", {"picks": "x"})).status == 422
    assert len(rows) < newest + 1


async def test_who_may_not_act_sees_no_column_for_it(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    heads = [(await one.get("/terminals")).text.count("<th ") for one in (owner, viewer)]
    cells = [(await one.get("/terminals")).text.count("<td") for one in (owner, viewer)]
    assert heads[0] - heads[1] == 1
    assert (cells[0] - cells[1]) % 20 == 0
    assert cells[0] > cells[1]
