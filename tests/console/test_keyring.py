"""API keys: within the maker's rights, from where they may be used, dead when revoked."""

from collections.abc import Mapping

from pointsman.console.office import Office
from pointsman.console.rights import Role
from tests.console.browser import EFFECTS, OTHER_MID, Answer, Browser, furnished, person
from tests.store.house import MID

KEY = {
    "name": "till",
    "role": "merchant_viewer",
    "mid": MID,
    "scopes": ["transactions:view", "refunds:view"],
}


async def make(browser: Browser, **more: object) -> Answer:
    body: Mapping[str, object] = {**KEY, **more}
    return await browser.send(
        "POST", "/v1/api_keys", body, key=EFFECTS.new_id().hex() if more else "one"
    )


def machine(office_browser: Browser, secret: str, address: str = "192.0.2.7") -> Browser:
    headers = {"authorization": f"Bearer {secret}"}
    return Browser(office_browser.app, headers=headers, address=address)


async def test_a_key_holds_its_scopes_alone_and_is_told_once(database: str) -> None:
    office: Office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    made = await make(owner)
    assert made.status == 201, made.text
    secret = made.json["key"]
    assert secret.startswith("ak_test_")
    till = machine(owner, secret)
    assert (await till.get("/v1/payments")).status == 200
    assert (await till.get("/v1/merchants")).status == 403
    assert (await till.send("POST", "/v1/session:step_up", {"code": "000000"})).status == 409
    assert "key" not in (await make(owner)).json
    assert secret not in (await owner.get("/v1/api_keys")).text
    assert secret not in (await owner.get("/v1/audit_events")).text
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    target = f"/v1/api_keys/{made.json['id']}:revoke"
    assert (await stranger.send("POST", target, {})).status == 404
    assert (await owner.send("POST", target, {})).status == 200
    assert (await till.get("/v1/payments")).status == 401
    assert (await owner.send("POST", target, {})).status == 409


async def test_a_key_never_holds_more_than_its_maker(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    admin = await person(office, Role.PLATFORM_ADMIN)
    assert (await make(owner, mid=OTHER_MID)).status == 403
    platform = {"role": "operator", "mid": "", "scopes": ["refunds:manage"]}
    assert (await make(owner, **platform)).status == 403
    # An administrator appoints people, but has no refunds to give to a machine.
    refused = await make(admin, **platform)
    assert (refused.status, refused.json["detail"].rpartition(": ")[2]) == (403, "refunds:manage")
    assert (await make(admin, role="operator", mid="", scopes=["links:view"])).status == 201
    beyond = await make(owner, scopes=["transactions:manage", "refunds:view", "keys:view"])
    assert beyond.status == 422
    assert beyond.json["errors"][0]["detail"].endswith("have keys:view, transactions:manage")
    assert (await make(owner, scopes=["nothing:view"])).status == 422
    assert (await make(owner, addresses=["10.0.0.0/99"])).status == 422


async def test_a_key_is_used_from_where_it_may_be(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    secret = (await make(owner, addresses=["198.51.100.0/24"])).json["key"]
    wrong = await machine(owner, secret).get("/v1/payments")
    assert (wrong.status, wrong.json["code"]) == (403, "ip_not_allowed")
    assert (await machine(owner, secret, "198.51.100.9").get("/v1/payments")).status == 200
