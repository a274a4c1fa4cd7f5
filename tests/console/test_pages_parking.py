"""The page of exceptions: a decision by its button, the second person's carries it out."""

from pointsman.console.rights import Role
from tests.console.browser import furnished, person
from tests.console.test_parking import one_parked


async def test_a_parked_message_is_decided_on_its_page(database: str) -> None:
    office = await furnished(database)
    payment = await one_parked(database)
    ann, bob = [await person(office, Role.OPERATOR) for _ in range(2)]
    assert 'value="not-done"' in (await ann.get("/exceptions")).text
    owner = await person(office, Role.MERCHANT_OWNER)
    assert 'value="not-done"' not in (await owner.get("/exceptions")).text
    form = {"payment": payment, "act": "retry", "reason": "asked the host"}
    assert 'role="status"' in (await ann.post("/exceptions", form)).text
    assert 'role="alert"' not in (await bob.post("/exceptions", form)).text
    assert (await bob.post("/exceptions", form | {"act": "nothing"})).status == 422
    assert 'value="not-done"' not in (await ann.get("/exceptions")).text
