"""Limits and refused cards as rows: written where nothing changed since, listed by a payment."""

from pointsman.store import console_policies
from pointsman.store.console_policies import ListedNow
from pointsman.store.console_pool import ConsolePool
from pointsman.store.parties import Rules
from tests.store.house import MID, import_site, transaction, worker


async def test_rules_are_written_where_they_are_as_they_were_read(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    async with pool.act() as act:
        before = await console_policies.limits(act, MID)
        assert before is not None
        version = (await act.rows("select version from site"))[0][0]
        rules = Rules(day_count_max=5)
        assert await console_policies.change_rules(act, MID, before.raw, rules) is None
        assert await console_policies.change_rules(act, MID, before.raw, rules) == "changed"
        assert await console_policies.change_rules(act, "0" * 15, "{}", rules) == "missing"
        found = await console_policies.limits(act, MID)
        assert found is not None
        assert found.rules == rules
        assert (await act.rows("select version from site"))[0][0] == version + 1
        assert await console_policies.limits(act, "0" * 15) is None
    pool.close()


async def test_a_card_is_listed_by_its_token_and_each_change_is_journaled(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    masked = "622848******0019"
    async with pool.act() as act:
        entry = await console_policies.list_token(act, b"one", "41", masked)
        assert entry is not None
        assert await console_policies.list_token(act, b"one", "41", masked) is None
        assert await console_policies.list_token(act, b"one", "43", masked) == entry
        assert await console_policies.unlist_token(act, b"two") is None
        assert await console_policies.unlist_token(act, b"one") == entry
    count = await pool.value("select count(*) from shown_events where kind = 'blacklist'")
    assert count == 3
    pool.close()


async def test_a_card_is_listed_by_its_payment_and_named_by_a_hash(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = transaction(1)
        await house.approve(sale)
    pool = ConsolePool(database)
    async with pool.act() as act:
        first = await console_policies.list_card(act, sale.id, "41")
        assert first.wrong is None
        assert first.id is not None
        again = await console_policies.list_card(act, sale.id, "41")
        assert again.wrong == "listed"
        other = await console_policies.list_card(act, sale.id, "43")
        assert (other.wrong, other.id) == (None, first.id)
        card = await console_policies.card(act, first.id)
        assert card is not None
        assert (card.code, card.masked) == ("43", first.masked)
        missing = await console_policies.list_card(act, bytes(16), "41")
        assert missing == ListedNow("missing", None, None)  # type: ignore[arg-type]  # no card
        assert await console_policies.unlist_card(act, first.id)
        assert not await console_policies.unlist_card(act, first.id)
        assert await console_policies.card(act, first.id) is None
        assert not await console_policies.waits(act, "limits", MID)
    pool.close()
