"""Outlets page by page; bindings that belong to others are not told."""

from pointsman.console.rights import Role
from tests.console.browser import furnished, person
from tests.store.house import MID, TIDS


async def test_outlets_come_in_pages_and_only_once(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    for number in range(5):
        body = {"mid": MID, "name": f"Outlet {number}", "city": "Shanghai"}
        assert (await admin.send("POST", "/v1/outlets", body, key=str(number))).status == 201
    names, target = [], "/v1/outlets?limit=2"
    while True:
        page = (await admin.get(target)).json
        names += [one["name"] for one in page["data"]]
        if not page["page"]["has_more"]:
            break
        target = f"/v1/outlets?limit=2&after={page['page']['next']}"
    assert names == [f"Outlet {number}" for number in range(5)]
    assert (await admin.get("/v1/outlets?after=x")).status == 400


async def test_a_terminal_of_the_site_file_has_no_history_yet(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    target = f"/v1/terminals/{MID}/{TIDS[0]}/bindings"
    assert (await admin.get(target)).json == {"data": []}
