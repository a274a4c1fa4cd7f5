"""The matrix: every route, asked by every role, of its own and of another tenant."""

import re
from datetime import UTC, datetime

import pytest
from fastapi.routing import APIRoute

from pointsman.console import ids
from pointsman.console.app import make_app
from pointsman.console.frame import Frame
from pointsman.console.onboarding import OUTLET
from pointsman.console.payments import PREFIX
from pointsman.console.rights import SCOPES, Grant, Role, Scope
from pointsman.console.rights import reach as reach_of
from pointsman.console.routes import ROUTES, Row
from pointsman.store.console_runs import new_run
from pointsman.store.pool import Pool
from tests.console.browser import EFFECTS, OTHER_MID, Answer, Browser, furnished, own_scope, person
from tests.store.house import BATCH, MID, TIDS, transaction, worker

_OPEN = (
    *("/health/", "/metrics", "/openapi.json", "/sign-in", "/welcome/", "/language/"),
    *("/v1/applications", "/register"),
)
OF_A_TENANT = {"mid", "tid", "run_id", "payment_id"}


def grants_of(role: Role) -> list[Grant]:
    row = own_scope(role)
    return [Grant(Role(row.role), Scope(row.scope), row.mid)]


async def test_every_route_has_a_row_and_every_row_a_route(database: str) -> None:
    office = await furnished(database)
    frame = make_app(office)
    assert isinstance(frame, Frame)
    routes = getattr(frame._app, "routes", [])
    found = {
        (method, route.path)
        for route in routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    heads = {("HEAD", row.path) for row in ROUTES.values() if row.is_headed}
    assert found == set(ROUTES) | heads
    others = {route.path for route in routes if not isinstance(route, APIRoute)}
    assert others == {"/static"}


async def test_every_role_meets_exactly_its_rights_on_every_route(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        paid = transaction(1)
        await house.approve(paid)
    day = datetime.now(UTC).date().isoformat()
    run_id = EFFECTS.new_id()
    async with office.pool.act() as act:
        await new_run(
            act,
            run_id=run_id,
            report="R01",
            layout="csv",
            parameters={},
            mids=[MID],
            made_by="somebody",
        )
    names = {
        "{mid}": MID,
        "{tid}": TIDS[0],
        "{report}": "R01",
        "{run_id}": ids.encode("run", run_id),
        "{payment_id}": ids.encode(PREFIX, paid.id),
        "{business_date}": day,
    }
    for role in Role:
        own = await person(office, role)
        other = await person(office, role, OTHER_MID)
        for row in ROUTES.values():
            if row.public or row.path == "/sign-out":
                continue
            await _asked(row, role, own, other, names)
    stranger = Browser(make_app(office))
    for row in ROUTES.values():
        if not row.public:
            answer = await stranger.ask(row.method, _path(row, names))
            assert answer.status in {401, 303}, row


async def test_staff_of_an_outlet_meet_its_part_of_the_merchant_on_every_route(
    database: str,
) -> None:
    """Every route with names of the own outlet, then with those of the one beside it."""
    office = await furnished(database)
    owner = Pool(database)
    ours, beside = bytes(15) + b"1", bytes(15) + b"2"
    for raw, tid in ((ours, TIDS[0]), (beside, TIDS[1])):
        await owner.rows(
            "insert into outlets (id, mid, name, city, address) values (%s, %s, %s, '', '')",
            (raw, MID, f"Outlet {tid}"),
        )
        await owner.rows(
            "select place_terminal(%s, %s, %s, '', now() - interval '1 day')", (MID, tid, raw)
        )
    async with worker(database) as house:
        paid = [transaction(number + 1, tid=TIDS[number]) for number in range(2)]
        for one in paid:
            await house.approve(one)
    owner.close()
    staff = await person(office, Role.MERCHANT_STAFF, MID, ours)
    whole = await person(office, Role.MERCHANT_STAFF, MID)
    grants = [Grant(Role.MERCHANT_STAFF, Scope.OUTLET, MID, outlet=ours)]
    sides = [
        {
            "{mid}": MID,
            "{tid}": TIDS[number],
            "{report}": "R01",
            "{payment_id}": ids.encode(PREFIX, paid[number].id),
            "{outlet_id}": ids.encode(OUTLET, raw),
            "{batch}": BATCH,
        }
        for number, raw in enumerate((ours, beside))
    ]
    compared = 0
    for row in ROUTES.values():
        if row.public or row.path == "/sign-out":
            continue
        own, theirs = (_path(row, names) for names in sides)
        held = row.resource is None or reach_of(grants, row.resource, row.verb) is not None
        if row.method != "GET":
            answer = await _ask(staff, row, theirs)
            assert held or answer.status == 403, row
            if held and own != theirs:
                assert answer.status == 404, (row, answer.text[:200])
            continue
        answer = await staff.get(own)
        if not held:
            assert answer.status == 403, row
            continue
        assert answer.status not in {401, 403, 500, 503}, (row, answer.text[:200])
        assert TIDS[1] not in answer.text, row
        assert ids.encode(PREFIX, paid[1].id) not in answer.text, row
        if own != theirs and (await whole.get(theirs)).status == 200:
            compared += 1
            assert (await staff.get(theirs)).status == 404, row
    assert compared >= 8


async def _asked(row: Row, role: Role, own: Browser, other: Browser, names: dict[str, str]) -> None:
    held = row.resource is None or reach_of(grants_of(role), row.resource, row.verb) is not None
    path = _path(row, names)
    answer = await _ask(own, row, path)
    if held:
        assert answer.status not in {401, 403, 500, 503}, (role, row, answer.text[:200])
    else:
        assert answer.status == 403, (role, row)
    if held and row.method == "GET" and Scope.PLATFORM not in SCOPES[role]:
        theirs = await other.get(path)
        if set(re.findall("{([a-z_]+)}", row.path)) & OF_A_TENANT:
            assert theirs.status == 404, (role, row)
        else:
            assert MID not in theirs.text, (role, row)


async def _ask(browser: Browser, row: Row, path: str) -> Answer:
    if row.method == "GET":
        return await browser.get(path)
    if row.path.startswith("/v1/"):
        return await browser.send(row.method, path, {}, key="matrix")
    return await browser.post(path)


def _path(row: Row, names: dict[str, str]) -> str:
    path = row.path
    for name, value in names.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize("row", ROUTES.values(), ids=lambda row: f"{row.method} {row.path}")
def test_what_is_open_to_everybody_is_a_door_or_says_nothing_of_anybody(row: Row) -> None:
    if row.public:
        assert row.path.startswith(_OPEN)
