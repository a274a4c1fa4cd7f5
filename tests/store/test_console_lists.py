"""Pages of lists from the database: in order, from a place, counted up to a bound."""

from pointsman.store.console_listings import PAYMENTS, TERMINALS
from pointsman.store.console_lists import Lists
from pointsman.store.console_pool import ConsolePool
from pointsman.store.listing import Condition, Operator, Wanted, Within
from tests.store.house import MID, TIDS, import_site, transaction, worker


async def test_pages_go_both_ways_and_counts_have_a_bound(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    lists = Lists(pool)
    by_tid = Wanted((Condition("mid", Operator.IS, (MID,)),), "tid", False, 2)
    day = dict.fromkeys(("day_id", "online_id", "idle_id"), b"")
    by_tid = Wanted(by_tid.conditions, "tid", False, 2, values=day)
    first = await lists.page(TERMINALS, by_tid, Within(None))
    assert [row[2] for row in first] == list(TIDS[:2])
    place = tuple(first[1][-3:-1])
    back = Wanted(by_tid.conditions, "tid", False, 2, place=place, backwards=True)
    assert [row[2] for row in await lists.page(TERMINALS, back, Within(None))] == [TIDS[0]]
    assert await lists.count(TERMINALS, by_tid, Within(None)) == len(TIDS)
    assert await lists.count(TERMINALS, by_tid, Within([])) == 0
    pool.close()


async def test_the_search_by_an_acquirers_number_is_found_by_its_index(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    async with worker(database) as house:
        await house.approve(transaction(7))
    wanted = Wanted((), "created", True, 5, more="t.details ->> 'host_stan' = '000007'")
    assert len(await Lists(pool).page(PAYMENTS, wanted, Within([MID]))) == 1
    pool.close()
