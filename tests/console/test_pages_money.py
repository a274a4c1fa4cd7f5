"""Pages of money: a refund by a button, what is wrong beside it, decisions with their buttons."""

import re

from pointsman.console.refunding import USUAL_LIMIT_MINOR
from pointsman.console.rights import Role
from tests.console.browser import furnished, person
from tests.console.test_refunding import ask, paid


def once(text: str) -> str:
    found = re.search('name="once" value="([0-9a-f]{32})"', text)
    assert found is not None
    return found[1]


async def test_a_payment_is_refunded_by_its_button(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    page = (await owner.get(f"/payments/{payment}")).text
    form = {"once": once(page), "amount": "20.00", "reason": "<i>broken</i>"}
    wrong = await owner.post(f"/payments/{payment}/refunds", form)
    assert wrong.status == 422
    assert 'role="alert"' in wrong.text
    assert "<i>broken" not in wrong.text
    odd = await owner.post(f"/payments/{payment}/refunds", form | {"amount": "ten"})
    assert odd.status == 422
    done = await owner.post(f"/payments/{payment}/refunds", form | {"amount": "5.00"})
    assert (done.status, done.headers["location"]) == (303, f"/payments/{payment}#refunds")
    page = (await owner.get(f"/payments/{payment}")).text
    assert "&lt;i&gt;broken&lt;/i&gt;" in page
    viewer = await person(office, Role.MERCHANT_VIEWER)
    assert 'id="refund"' not in (await viewer.get(f"/payments/{payment}")).text


async def test_a_second_person_decides_on_the_page(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database, USUAL_LIMIT_MINOR + 1)
    owner, second = [await person(office, Role.MERCHANT_OWNER) for _ in range(2)]
    empty = (await owner.get("/approvals")).text
    assert 'value="approve"' not in empty
    approval = (await ask(owner, {"payment": payment})).json["approval_id"]
    assert 'value="approve"' not in (await owner.get("/approvals")).text
    assert 'value="approve"' in (await second.get("/approvals")).text
    form = {"approval": approval, "act": "approve"}
    own = await owner.post("/approvals", form)
    assert own.status == 422
    assert 'role="alert"' in own.text
    assert (await second.post("/approvals", form)).status == 303
    assert (await second.post("/approvals", form)).status == 409
