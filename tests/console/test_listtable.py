"""The table of lists: everything it names may be asked, has words, and is on its page."""

import html
import re

from pointsman.console import listing
from pointsman.console.listtable import LOOKS
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.console.routes import ROUTES
from pointsman.console.row import LISTS
from pointsman.console.words import ZH
from tests.console.browser import Browser, furnished, person
from tests.console.test_parking import one_parked
from tests.console.test_reconciled import SETTLED, reconciled
from tests.store.house import MID, transaction, worker

SITE_ALONE = {"acquirers", "links"}
"""Lists whose rows come with a site file or a worker: nothing new appears before a reader."""
OF_WHOLE_LISTS = {"terminals", "batches", "links", "reconciliations"}
"""Lists whose rows have names of several parts: their files are of filters, not of single rows."""


def test_every_list_sorts_and_filters_by_what_its_list_knows() -> None:
    for name, look in LOOKS.items():
        which = LISTS[look.api]
        known = listing.parameters(which)
        assert {one.name for one in look.filters} <= set(known), name
        assert {one.field for one in look.columns if one.field} <= set(listing.sorts(which)), name
        assert not look.pick or look.pick in known
        assert look.usual.lstrip("-") in {one.field for one in look.columns} | {"mid", "created"}


def test_every_list_has_a_page_with_its_parameters_that_sends_back_to_itself() -> None:
    for name, look in LOOKS.items():
        wanted = set(listing.parameters(LISTS[look.api]))
        assert wanted <= ROUTES["GET", f"/{name}"].parameters
        if ("POST", f"/{name}") in ROUTES:
            assert wanted <= ROUTES["POST", f"/{name}"].parameters


def test_every_word_of_the_table_is_in_the_catalogue() -> None:
    said = {look.title for look in LOOKS.values()} | {
        w for look in LOOKS.values() for w in look.never
    }
    said |= {one.words for look in LOOKS.values() for one in look.columns}
    said |= {one.words for look in LOOKS.values() for one in look.filters}
    assert said - {"#", "RRN", "STAN"} - set(ZH) == set()


async def something_of_everything(office: Office, database: str) -> Browser:
    """Put a row into every list; return an administrator's browser."""
    admin = await person(office, Role.PLATFORM_ADMIN)
    await one_parked(database)
    await reconciled(database, SETTLED)
    wanted = {"login": "ann@tea.example", "role": "operator"}
    key = {"name": "till", "role": "operator", "scopes": ["transactions:view"], "days": 1}
    shop = {
        "name": "New Shop",
        "mcc": "5812",
        "city": "Shanghai",
        "country": "CN",
        "login": "newshop",
        "contact": "call us",
    }
    for path, body in (
        ("/v1/invitations", wanted),
        ("/v1/api_keys", key),
        ("/v1/applications", shop),
        ("/v1/report_runs", {"report": "R12"}),
    ):
        answer = await admin.send("POST", path, body, key=path)
        assert answer.status < 300, answer.text
    owner = await person(office, Role.MERCHANT_OWNER)
    async with worker(database) as house:
        sale = await house.approve(transaction(2, amount=500_000))
    listed = (await owner.get("/v1/payments?state=approved")).json["data"]
    assert sale.amount_minor == 500_000
    refused = {"payment": listed[0]["id"], "code": "41", "reason": "lost"}
    answer = await admin.send("POST", "/v1/blacklist", refused, key="card")
    assert answer.status == 201, answer.text
    refund = {"payment": listed[0]["id"], "amount": 300_000, "reason": "returned"}
    answer = await owner.send("POST", "/v1/refunds", refund, key="refund")
    assert answer.status == 202, answer.text
    return admin


async def test_every_list_has_all_that_a_list_has(database: str) -> None:
    office = await furnished(database)
    admin = await something_of_everything(office, database)
    for name, look in LOOKS.items():
        text = (await admin.get(f"/{name}")).text
        assert "data-filters" in text, name
        assert text.count("data-row") >= 1, name
        for tool in ("data-views", "data-columns", "data-density-set", "data-print", "data-bulk"):
            assert tool in text, (name, tool)
        assert re.search(r"as of [0-9]{2}:[0-9]{2}:[0-9]{2}", text), name
        assert ("data-newer=" in text) is (name not in SITE_ALONE), name
        assert bool(look.pick) is (name not in OF_WHOLE_LISTS), name
        heads = [html.unescape(head) for head in re.findall('class="sorter" href="([^"]+)"', text)]
        assert len(heads) == sum(bool(one.field) and not one.bounded for one in look.columns), name
        for head in heads:
            assert (await admin.get(head)).status == 200, head
        for layout in ("csv", "xlsx"):
            assert f"/export/{name}?format={layout}" in text, name
            assert (await admin.get(f"/export/{name}?format={layout}")).status == 200, name
        kept = {"list": name, "name": "mine", "query": "limit=5"}
        assert (await admin.send("POST", "/v1/views:save", kept)).status < 300, name


async def test_what_came_since_a_page_was_made_is_counted_without_its_reader(
    database: str,
) -> None:
    office = await furnished(database)
    admin = await something_of_everything(office, database)
    asked = {}
    for name, look in LOOKS.items():
        if name in SITE_ALONE:
            continue
        text = (await admin.get(f"/{name}")).text
        found = re.search('data-newer="([^"]+)" data-newer-since="([^"]+)"', text)
        assert found, name
        address = f"{found[1]}?{html.unescape(found[2])}&limit=1&include=total"
        answer = await admin.get(address)
        assert answer.status == 200, address
        assert answer.json["total"] == {"count": 0, "exact": True}, look.title
        asked[name] = address
    async with worker(database) as house:
        await house.intend(transaction(3, amount=100))
    assert (await admin.get(asked["payments"])).json["total"]["count"] == 1
    page = (await admin.get(f"/payments?mid={MID}")).text
    assert 'class="chips"' in page
    assert "Take this filter away: MID" in page
