"""What stands in the house that is walked through, beside its days of payments.

One of everything that a screen decides on: a refund that waits for a second person, a message that
is parked, a merchant that wants to join, an outlet, two operators.
"""

from pointsman.console import demo_approval, passwords
from pointsman.console.app import make_app, make_office
from pointsman.console.demo_people import PASSWORD, SECRET
from pointsman.console.office import Office
from pointsman.console.seal import NONCE_SIZE, Seal
from pointsman.store import console_people_acts as acts
from pointsman.store.console_rows import GrantRow
from tests.console.browser import EFFECTS, KEY, Browser
from tests.store.house import import_site, transaction, unknown, worker

SECOND_OPERATOR = "second"
APPLICANT = {
    "name": "Hill Noodles",
    "mcc": "5812",
    "city": "Shanghai",
    "login": "noodles.owner",
    "contact": "noodles@hill.example",
}


async def furnish_more(url: str) -> None:
    """Put it there."""
    async with worker(url) as house:
        sale = transaction(950, amount=4200)
        await house.intend(sale)
        await house.conclude(unknown(sale))
        await house.records.owed_parked(sale.id, "06")
    office = make_office(url, KEY, EFFECTS, mode="demo")
    try:
        assert await demo_approval.make(office) is not None
        await _second_operator(office)
        answer = await Browser(make_app(office)).send("POST", "/v1/applications", APPLICANT)
        assert answer.status == 201, answer.text
    finally:
        office.pool.close()


async def first_link(url: str) -> str:
    """Return the path of the first administrator's link to a house that sold nothing yet."""
    await import_site(url)
    office = make_office(url, KEY, EFFECTS, mode="demo")
    try:
        grant = GrantRow("platform_admin", "platform", "")
        return "/welcome/" + await office.signing.invite("first", "test", "", grant)
    finally:
        office.pool.close()


async def _second_operator(office: Office) -> None:
    user_id, nonce = EFFECTS.new_id(), EFFECTS.random_bytes(NONCE_SIZE)
    hashed = await passwords.hashed(PASSWORD)
    async with office.pool.act() as act:
        await acts.new_user(
            act,
            user_id=user_id,
            login=SECOND_OPERATOR,
            name="Sara Second",
            password_hash=hashed,
            totp=(Seal(KEY).close(SECRET, user_id, nonce), 0),
            recovery_hashes=[],
            grant=GrantRow("operator", "platform", ""),
            given_by="test",
        )
