"""The lists of what is watched: asked as the console's role, within reach, in every order."""

import pytest

from pointsman.store import listing
from pointsman.store.console_lists import Lists
from pointsman.store.console_pool import ConsolePool
from pointsman.store.listing import Listing, Wanted, Within
from pointsman.store.watch_listings import NOTED_KINDS, OWED_KINDS, WATCH_LISTINGS
from tests.store.house import MID, import_site, worker
from tests.store.test_parked_sql import parked


def wanted(which: Listing) -> Wanted:
    usual = which.usual
    return Wanted((), usual.removeprefix("-"), usual.startswith("-"), 50)


async def test_what_is_parked_stands_once_and_for_its_merchant_alone(database: str) -> None:
    await import_site(database)
    which = WATCH_LISTINGS["exceptions"]
    async with worker(database) as house:
        sale = await parked(house, 1)
        pool = ConsolePool(database)
        lists = Lists(pool)
        for within, count in ((None, 1), ([MID], 1), (["other"], 0)):
            rows = await lists.page(which, wanted(which), Within(within))
            assert [row[1] for row in rows] == [sale.id] * count
        pool.close()


async def test_links_are_the_sessions_of_acquirers_with_their_holders(database: str) -> None:
    await import_site(database)
    async with worker(database):
        pool = ConsolePool(database)
        which = WATCH_LISTINGS["links"]
        rows = await Lists(pool).page(which, wanted(which), Within(None))
        assert [row[:2] + row[3:5] for row in rows] == [("alpha", 0, 0, 0)]
        assert await Lists(pool).page(which, wanted(which), Within(["other"])) == []
        assert len(await Lists(pool).page(which, wanted(which), Within([MID]))) == 1
        pool.close()


@pytest.mark.parametrize("name", sorted(WATCH_LISTINGS))
async def test_every_order_and_choice_is_understood_by_the_database(
    database: str, name: str
) -> None:
    await import_site(database)
    which = WATCH_LISTINGS[name]
    pool = ConsolePool(database)
    for field, one in which.fields.items():
        if one.order:
            await Lists(pool).page(which, Wanted((), field, True, 2), Within([MID], [bytes(16)]))
        for word in one.choices:
            asked = (listing.Condition(field, listing.Operator.IS, (word,)),)
            usual = which.usual.removeprefix("-")
            await Lists(pool).page(which, Wanted(asked, usual, False, 2), Within(None))
    pool.close()


def test_kinds_of_exceptions_are_words_of_their_own() -> None:
    assert not set(OWED_KINDS) & set(NOTED_KINDS)
