"""What a wanted grant means: scopes by role and outlet, outlets of the merchant alone."""

import pytest

from pointsman.console import ids
from pointsman.console.granting import not_given, outlet_of, scope_of
from pointsman.console.onboarding import OUTLET
from pointsman.console.problems import Problem
from pointsman.console.rights import Grant, Role, Scope
from pointsman.store.pool import Pool
from tests.console.browser import OTHER_MID, furnished
from tests.console.test_staffing import somebody
from tests.store.house import MID

ID = bytes(15) + b"1"


async def outlet(database: str) -> str:
    owner = Pool(database)
    await owner.rows(
        "insert into outlets (id, mid, name, city, address) values (%s, %s, 'Bund', '', '')",
        (ID, MID),
    )
    owner.close()
    return ids.encode(OUTLET, ID)


def test_a_scope_follows_from_role_and_outlet() -> None:
    assert scope_of("operator", "") is Scope.PLATFORM
    assert scope_of("merchant_staff", "") is Scope.MERCHANT
    assert scope_of("merchant_staff", "out_x") is Scope.OUTLET


def test_a_refusal_names_the_rights_that_are_missing() -> None:
    owner = (Grant(Role.MERCHANT_OWNER, Scope.MERCHANT, MID),)
    elsewhere = not_given(owner, Role.MERCHANT_VIEWER, OTHER_MID)
    assert "transactions:view" in elsewhere.detail
    assert "users:manage" in elsewhere.detail
    operator = not_given((Grant(Role.OPERATOR, Scope.PLATFORM),), Role.RISK, "")
    assert "audit:view" in operator.detail
    assert "transactions:view" not in operator.detail
    # All is held, and the role is not one of this scope: no right would help.
    assert ":" not in not_given(owner, Role.MERCHANT_VIEWER, MID).detail


async def test_an_outlet_is_one_of_the_merchant(database: str) -> None:
    office = await furnished(database)
    named = await outlet(database)
    async with office.pool.act() as act:
        assert await outlet_of(act, MID, "") == b""
        assert await outlet_of(act, MID, named) == ID
        for mid, text in ((OTHER_MID, named), (MID, "out_x"), (MID, ids.encode(OUTLET, bytes(16)))):
            with pytest.raises(Problem):
                await outlet_of(act, mid, text)


async def test_an_owner_gives_an_outlet_to_its_staff_and_takes_it(database: str) -> None:
    office = await furnished(database)
    named = await outlet(database)
    owner, _ = await somebody(office, Role.MERCHANT_OWNER)
    _, viewer_id = await somebody(office, Role.MERCHANT_VIEWER)
    stranger, _ = await somebody(office, Role.MERCHANT_OWNER, OTHER_MID)
    wanted = {"role": "merchant_staff", "mid": MID, "outlet": named}
    target = f"/v1/users/{viewer_id}"
    given = await owner.send("POST", f"{target}:give_role", wanted, key="give")
    assert given.status == 200, given.text
    shown = (await owner.get("/v1/users")).json["data"]
    grants = next(one["grants"] for one in shown if one["id"] == viewer_id)
    assert {"role": "merchant_staff", "scope": "outlet", "mid": MID, "outlet": named} in grants
    wrong = {**wanted, "role": "merchant_viewer"}
    assert (await owner.send("POST", f"{target}:give_role", wrong, key="w")).status == 403
    assert (await stranger.send("POST", f"{target}:give_role", wanted, key="s")).status == 404
    assert (await owner.send("POST", f"{target}:take_role", wanted)).status == 200
    invited = {**wanted, "login": "corner@tea.example"}
    made = await owner.send("POST", "/v1/invitations", invited, key="invite")
    assert made.status == 201, made.text
    key = {"name": "Till", "role": "merchant_staff", "scopes": ["transactions:view"]}
    admin, _ = await somebody(office, Role.PLATFORM_ADMIN)
    whole = await admin.send("POST", "/v1/api_keys", {**key, "mid": MID, "outlet": named}, key="k")
    assert whole.status == 201, whole.text
