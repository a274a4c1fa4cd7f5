"""Refused cards and limits by forms: the same acts as over the API, decided by a second person."""

import re

from pointsman.console.rights import Role
from tests.console.browser import furnished, person
from tests.console.test_pages_money import once
from tests.console.test_refunding import paid
from tests.store.house import MID

LIMITS = f"/merchants/{MID}/limits"


async def test_a_card_is_refused_by_its_payment_and_accepted_again_by_two(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database)
    operator = await person(office, Role.OPERATOR)
    admin = await person(office, Role.PLATFORM_ADMIN)
    empty = (await operator.get("/blacklist")).text
    assert "No card is refused" in empty
    form = {"act": "add", "payment": payment, "answer": "43", "reason": "stolen"}
    made = await operator.post("/blacklist", form | {"once": once(empty)})
    assert "The card is refused from now on." in made.text
    assert "622848******0019" in made.text
    card = re.search('name="card" value="(crd_[^"]+)"', made.text)
    assert card is not None
    form = {"act": "remove", "card": card[1], "reason": "found", "once": once(made.text)}
    asked = await operator.post("/blacklist", form)
    assert "A second person must approve this." in asked.text
    page = (await admin.get("/approvals")).text
    approval = re.search('name="approval" value="([^"]+)"', page)
    assert approval is not None
    form = {"approval": approval[1], "act": "approve", "reason": ""}
    assert (await admin.post("/approvals", form)).status == 303
    assert "No card is refused" in (await operator.get("/blacklist")).text
    wrong = await operator.post("/blacklist", {"act": "add", "payment": "pay_1", "once": "x" * 16})
    assert wrong.status == 422
    owner = await person(office, Role.MERCHANT_OWNER)
    assert 'href="/blacklist"' not in (await owner.get("/")).text


async def test_limits_are_asked_for_in_whole_sums_and_others_stay(database: str) -> None:
    office = await furnished(database)
    operator = await person(office, Role.OPERATOR)
    admin = await person(office, Role.PLATFORM_ADMIN)
    page = (await operator.get(LIMITS)).text
    assert "Nothing limits this merchant." in page
    tag = re.search('name="tag" value="([^"]+)"', page)
    assert tag is not None
    old = tag[1].replace("&#34;", '"')
    form = {"tag": old, "day_minor_max": "5,000.00", "day_count_max": "40", "reason": "contract"}
    asked = await operator.post(LIMITS, form | {"once": once(page)})
    assert "A second person must approve this." in asked.text
    approvals = (await admin.get("/approvals")).text
    approval = re.search('name="approval" value="([^"]+)"', approvals)
    assert approval is not None
    assert (
        await admin.post("/approvals", {"approval": approval[1], "act": "approve"})
    ).status == 303
    found = (await operator.get(f"/v1{LIMITS}")).json
    assert found["rules"] == {"day_minor_max": 500_000, "day_count_max": 40}
    text = (await operator.get(LIMITS)).text
    assert "5,000.00" in text
    late = await operator.post(LIMITS, form | {"once": once(text), "day_count_max": "41"})
    assert late.status == 412
    wrong = await operator.post(LIMITS, form | {"once": once(text), "day_minor_max": "a lot"})
    assert wrong.status == 422
    risk = await person(office, Role.RISK)
    assert "Ask for others" not in (await risk.get(LIMITS)).text
