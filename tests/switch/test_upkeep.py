"""The clerk's upkeep: days are prepared and said to be missing, old keys go bit by bit."""

from dataclasses import dataclass, field
from datetime import date

import pytest
import structlog.testing
from prometheus_client import CollectorRegistry

from pointsman import log
from pointsman.metrics import ClerkMetrics
from pointsman.store.day import KEYS_KEPT
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.upkeep import (
    BATCHES_AT_ONCE,
    CHANGES_AT_ONCE,
    DAYS_AHEAD,
    TURNS_MAX,
    JournalUpkeep,
)
from tests.settlement.days import DAY, MemoryDays


@dataclass
class Store:
    """What is ready, and how many keys go at each turn."""

    ready: int | None = DAYS_AHEAD
    keys: list[int] = field(default_factory=list)
    asked: list[tuple[date, int]] = field(default_factory=list)
    changes: int = 0

    async def prepare_days(self, count: int) -> int | None:
        assert count == DAYS_AHEAD
        return self.ready

    async def fold_limits(self, count: int) -> int:
        folded = min(self.changes, count)
        self.changes -= folded
        return folded

    async def purge_keys(self, before: date, batches: int) -> int:
        self.asked.append((before, batches))
        return self.keys.pop(0) if self.keys else 0


def upkeep(store: Store) -> tuple[JournalUpkeep, CollectorRegistry]:
    log.setup("clerk")  # so that a field outside the allow-list raises
    registry = CollectorRegistry()
    return JournalUpkeep(MemoryDays(), store, ClerkMetrics(registry)), registry


@pytest.mark.parametrize(("ready", "told"), [(7, []), (2, ["days_not_prepared"])])
async def test_days_without_a_place_are_told(ready: int, told: list[str]) -> None:
    jobs, registry = upkeep(Store(ready))
    with structlog.testing.capture_logs() as lines:
        await jobs.prepare()
    assert [line["event"] for line in lines] == told
    assert registry.get_sample_value("pointsman_event_days_ahead") == ready


async def test_before_a_site_is_imported_nothing_is_told() -> None:
    jobs, registry = upkeep(Store(None))
    with structlog.testing.capture_logs() as lines:
        await jobs.prepare()
    assert lines == []
    assert registry.get_sample_value("pointsman_event_days_ahead") == 0


async def test_all_changes_are_added_to_the_sums_of_limits() -> None:
    store = Store(changes=2 * CHANGES_AT_ONCE)
    jobs, _ = upkeep(store)
    await jobs.fold()
    assert store.changes == 0


async def test_old_keys_go_until_none_is_left() -> None:
    store = Store(keys=[900, 40])
    jobs, _ = upkeep(store)
    with structlog.testing.capture_logs() as lines:
        await jobs.purge()
        await jobs.purge()
    assert store.asked == [(DAY - KEYS_KEPT, BATCHES_AT_ONCE)] * 4
    assert [(line["event"], line["count"]) for line in lines] == [("keys_purged", 940)]


async def test_one_run_ends() -> None:
    store = Store(keys=[1] * (TURNS_MAX + 5))
    await upkeep(store)[0].purge()
    assert len(store.asked) == TURNS_MAX


async def test_a_store_that_is_away_fails_the_job() -> None:
    class Away(Store):
        async def prepare_days(self, count: int) -> int | None:
            raise StoreUnavailableError("away")

    with pytest.raises(StoreUnavailableError):
        await upkeep(Away())[0].prepare()
