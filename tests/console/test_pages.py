"""The pages: every one in both languages without a card number, invitations, hostile names."""

import re
from html import unescape

import pytest

from pointsman.console import ids
from pointsman.console.pages import address
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Role
from pointsman.store.pool import Pool
from tests.console.browser import OTHER_MID, furnished, person
from tests.store.house import MID, transaction, worker

PAGES = (
    "/",
    "/payments",
    "/merchants",
    "/terminals",
    "/batches",
    "/settlement",
    "/links",
    "/users",
)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_every_page_is_whole_in_its_language(database: str, language: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        paid = transaction(7)
        await house.approve(paid)
    admin = await person(office, Role.PLATFORM_ADMIN)
    admin.cookies["pointsman_language"] = language
    payment = "/payments/" + ids.encode(PREFIX, paid.id)
    for path in (*PAGES, "/audit", payment, f"/merchants/{MID}", "/payments?state=failed"):
        page = await admin.get(path)
        assert page.status == 200, path
        assert f'lang="{language}"' in page.text
        assert "style=" not in page.text
        assert "onclick" not in page.text
    story = await admin.get(payment)
    assert "622848****0019" in story.text
    assert "token" not in story.text


async def test_a_day_leads_to_its_statement(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(7))
    owner = await person(office, Role.MERCHANT_OWNER)
    days = (await owner.get("/settlement")).text
    sums = re.findall(r'href="([^"]+)">Sums of each day', days)[0]
    assert '<td class="num">10.00</td>' in (await owner.get(unescape(sums))).text
    day = re.findall(r'href="(/settlement/[0-9-]+)"', days)[0]
    files = re.findall(r'href="(/reports/R01/file[^"]+)"', (await owner.get(day)).text)
    assert len(files) == 3
    statement = await owner.get(unescape(files[0]))
    lines = statement.body.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert MID in lines[1]


async def test_who_is_refused_keeps_their_pages(database: str) -> None:
    office = await furnished(database)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    for path, status in (("/users", 403), ("/payments?colour=red", 400), ("/payments/pay_0", 404)):
        page = await viewer.get(path)
        assert page.status == status
        assert 'id="nav"' in page.text
        assert 'href="/users"' not in page.text


async def test_a_script_in_a_merchants_name_is_text(database: str) -> None:
    office = await furnished(database)
    pool = Pool(database)
    await pool.rows("update merchants set name = %s", ("<script>alert(1)</script>\"'>",))
    pool.close()
    admin = await person(office, Role.PLATFORM_ADMIN)
    for path in ("/merchants", f"/merchants/{MID}", "/terminals", "/batches"):
        page = await admin.get(path)
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


async def test_an_owner_invites_for_the_own_merchant_only(database: str) -> None:
    office = await furnished(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    form = {"login": "cashier", "role": "merchant_staff", "mid": MID}
    done = await owner.post("/users", form | {"once": "a"})
    assert done.status == 200
    assert "http://console/welcome/" in done.text
    for more, status in (
        ({"mid": OTHER_MID}, 403),
        ({"role": "operator", "mid": ""}, 403),
        ({"role": "emperor"}, 422),
    ):
        assert (await owner.post("/users", form | {"once": "b"} | more)).status == status
    admin = await person(office, Role.PLATFORM_ADMIN)
    trail = (await admin.get("/v1/audit_events")).json["data"]
    assert [(row["act"], row["result"]) for row in trail[:3]] == [
        ("users:grant", "refused"),
        ("users:grant", "refused"),
        ("users:invite", "done"),
    ]


async def test_an_altered_trail_is_found_on_its_page(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    viewer = await person(office, Role.MERCHANT_VIEWER)
    for _ in range(3):
        await viewer.get("/v1/users")
    assert "The chain is whole" in (await admin.post("/audit")).text
    pool = Pool(database)
    await pool.rows("alter table audit_events disable trigger audit_events_only_added")
    await pool.rows("update audit_events set actor = 'nobody' where sequence = 2")
    pool.close()
    assert "The chain is broken at 2" in (await admin.post("/audit")).text


def test_an_address_keeps_filters_and_begins_at_the_first_page() -> None:
    given = {"state": "online", "mid": "1", "after": "x", "limit": "5", "sort": "tid"}
    assert address("/terminals", given) == "/terminals?state=online&mid=1&sort=tid"
    assert address("/terminals", given, without="state") == "/terminals?mid=1&sort=tid"
    changed = address("/terminals", given, without="sort", sort="-tid")
    assert changed == "/terminals?state=online&mid=1&sort=-tid"
    assert address("/terminals", {"after": "x"}) == "/terminals"
