"""Parties of the back office: known as its own until a site file names them."""

from dataclasses import replace

import trio

from pointsman.console.rights import Role
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.site_rows import NO_PARTIES, OwnParties
from tests.console.browser import furnished, person
from tests.store.house import MID, site


async def test_what_the_console_made_is_its_own_until_a_file_names_it(database: str) -> None:
    office = await furnished(database)
    admin = await person(office, Role.PLATFORM_ADMIN)
    new = {
        "mid": "898100053317777",
        "name": "New",
        "mcc": "5812",
        "city": "Shanghai",
        "routes": [{"acquirer": "alpha"}],
    }
    assert (await admin.send("POST", "/v1/merchants", new, key="m")).status == 201
    terminal = {"mid": MID, "tid": "00000099"}
    assert (await admin.send("POST", "/v1/terminals", terminal, key="t")).status == 201
    pool = Pool(database)
    sites = SiteSql(pool)
    stored = await sites.stored_site()
    own = OwnParties(frozenset({"898100053317777"}), frozenset({(MID, "00000099")}))
    assert stored.own == own
    assert await sites.apply_site(replace(site(), named=own), stored.version) is not None
    assert (await sites.stored_site()).own == NO_PARTIES
    pool.close()
    await trio.lowlevel.checkpoint()
