"""The rows of a site: the store has every verb, and gives back what was written."""

import inspect
from dataclasses import replace

from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.site_rows import SiteStore, StoredSite
from tests.store.house import site


def test_store_has_every_verb_with_the_same_parameters() -> None:
    for name, verb in inspect.getmembers(SiteStore, inspect.isfunction):
        if not name.startswith("_"):
            ours = inspect.signature(getattr(SiteSql, name))
            assert ours.parameters.keys() == inspect.signature(verb).parameters.keys(), name


async def test_site_is_read_back_as_it_was_written_and_only_over_the_version_it_was_made_for(
    database: str,
) -> None:
    pool = Pool(database)
    store: SiteStore = SiteSql(pool)
    empty = await store.stored_site()
    assert (empty.version, empty.merchants) == (0, {})
    change = site()
    assert await store.apply_site(change, 0) == 1
    found = await store.stored_site()
    assert found == StoredSite(
        version=1,
        zone=change.zone,
        cutoff=change.cutoff,
        merchants={row.mid: row for row in change.merchants},
        terminals={
            (row.mid, row.tid): replace(row, batch=found.terminals[row.mid, row.tid].batch)
            for row in change.terminals
        },
        acquirers={row.acquirer.name: row for row in change.acquirers},
        routes=change.routes,
    )
    other = replace(change, merchants=(replace(change.merchants[0], name="Other"),))
    assert await store.apply_site(other, 0) is None
    assert await store.stored_site() == found
    pool.close()
