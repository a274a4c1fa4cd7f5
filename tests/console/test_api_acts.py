"""Acts of the API: what a viewer may not, and what is out of reach is not found."""

from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, furnished, person
from tests.store.house import MID, TIDS


async def test_acts_are_refused_by_right_and_not_found_by_reach(database: str) -> None:
    office = await furnished(database)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    body = {"mid": MID, "reason": "mine"}
    for target in ("/v1/merchants", "/v1/outlets", "/v1/terminals"):
        assert (await viewer.send("POST", target, {}, key="k")).status == 403
    move = f"/v1/terminals/{MID}/{TIDS[0]}:move"
    assert (await viewer.send("POST", move, body, key="k")).status == 403
    assert (await stranger.send("POST", move, body, key="k")).status == 404
    change = await stranger.send("PATCH", f"/v1/merchants/{MID}", {"name": "x"}, if_match='"a"')
    assert change.status == 404
    assert (await stranger.get(f"/v1/outlets?mid={MID}")).json["data"] == []
