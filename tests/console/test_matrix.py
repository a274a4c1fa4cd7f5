"""The matrix of tenants: every route that names something of a merchant, asked by every role of
another merchant, reading and changing, is not found; without the right it is not allowed."""

import re

from pointsman.console.rights import SCOPES, Role, Scope
from pointsman.console.rights import reach as reach_of
from pointsman.console.routes import ROUTES, Row
from tests.console.browser import OTHER_MID, Answer, Browser, furnished, person
from tests.console.test_hostile import bodies, everything, filled
from tests.console.test_routes import grants_of

OF_A_TENANT = {
    *("mid", "tid", "batch", "payment_id", "refund_id", "approval_id", "outlet_id"),
    *("key_id", "run_id", "job_id", "user_id", "letter_id"),
}
OF_THE_PLATFORM = {"acquirer", "settlement_date", "currency", "application_id", "card_id"}
OF_NOBODY = {"business_date", "report", "form", "language", "token"}
NOWHERE = {
    "mid": "000000000000000",
    "tid": "00000000",
    **{
        f"{name}_id": f"{name[:3]}_{'0' * 26}"
        for name in ("refund", "outlet", "run", "job", "letter", "key", "payment")
    },
    "approval_id": "apr_" + "0" * 26,
    "user_id": "usr_" + "0" * 26,
}
"""Names of nothing: what another merchant has must not be told from what nobody has."""
MERCHANTS = [role for role in Role if Scope.PLATFORM not in SCOPES[role]]


def names_in(row: Row) -> set[str]:
    return set(re.findall("{([a-z_]+)}", row.path))


def test_each_name_in_an_address_is_known_to_be_of_a_tenant_or_not() -> None:
    for row in ROUTES.values():
        assert names_in(row) <= OF_A_TENANT | OF_THE_PLATFORM | OF_NOBODY, row


async def asked(browser: Browser, row: Row, target: str, body: dict[str, object]) -> Answer:
    if row.method == "GET":
        return await browser.get(target)
    if row.path.startswith("/v1/"):
        return await browser.send(row.method, target, body, key="matrix", if_match='"x"')
    return await browser.post(target)


async def test_no_role_of_another_merchant_meets_anything_of_this_one(database: str) -> None:
    office = await furnished(database)
    names = await everything(office, database)
    names["job_id"] = names["run_id"].replace("run_", "job_")
    of_ours = [row for row in ROUTES.values() if not row.public and names_in(row) & OF_A_TENANT]
    known = await bodies(await person(office, Role.PLATFORM_ADMIN))
    tried = 0
    for role in MERCHANTS:
        stranger = await person(office, role, OTHER_MID)
        for row in of_ours:
            held = row.resource is None or reach_of(grants_of(role), row.resource, row.verb)
            target = filled(row.path, names)
            answer = await asked(stranger, row, target, known.get((row.method, row.path), {}))
            # A form of a page that lacks its fields is told so before anything is looked for.
            of_a_form = {422} if row.method == "POST" and not row.path.startswith("/v1/") else set()
            wanted = {404, *of_a_form} if held else {403}
            assert answer.status in wanted, (role, row, answer.text[:300])
            nowhere = filled(row.path, {**names, **NOWHERE})
            same = await asked(stranger, row, nowhere, known.get((row.method, row.path), {}))
            assert same.status == answer.status, (role, row)
            assert names["mid"] not in answer.text.replace(target, ""), (role, row)
            tried += 1
    assert tried == len(MERCHANTS) * len(of_ours)
    assert tried > 120


async def test_who_has_no_session_meets_nothing_at_all(database: str) -> None:
    office = await furnished(database)
    stranger = Browser((await person(office, Role.PLATFORM_ADMIN)).app)
    for row in ROUTES.values():
        if row.public:
            continue
        answer = await asked(stranger, row, filled(row.path, {}), {})
        wanted = {401} if row.path.startswith("/v1/") else {401, 303}
        assert answer.status in wanted, (row, answer.status)
