"""The demo's files: what is replaced is replaced once, and no run meets a cut-off."""

import tomllib
from datetime import UTC, datetime, time
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from pointsman.config import parse
from pointsman.settlement.end_of_day import business_date, ends_at
from pointsman.sim.demo_texts import ABROAD, settings, site_text, terminal_groups, without_cutoff

SITE = resources.files("pointsman.sim").joinpath("demo_site.toml").read_text()
ZONE = ZoneInfo("Asia/Shanghai")


def test_settings_are_understood_by_the_house() -> None:
    text = settings(3, 2.0, 4.0, 6.0, 1.0, free_ports=True)
    config = parse(text, {})
    assert (config.workers.count, config.terminals.port, config.timers.host_s) == (3, 0, 2.0)


def test_an_acquirer_is_dialled_where_it_is_and_its_requests_live_as_long_as_told() -> None:
    text = site_text(SITE, {"127.0.0.1:9101": "127.0.0.1:4711"}, {"127.0.0.1:9101": 3.0})
    acquirers = tomllib.loads(text)["acquirers"]
    assert acquirers["alpha"]["address"] == "127.0.0.1:4711"
    assert acquirers["alpha"]["request_life_s"] == 3.0
    assert acquirers["beta"]["address"] == "127.0.0.1:9102"


@pytest.mark.parametrize("hour", range(24))
def test_a_short_run_meets_no_cutoff_at_any_hour(hour: int) -> None:
    """From 23 to 24 o'clock the open day was tomorrow's, and could not be closed."""
    text = without_cutoff(SITE, "23:00", hour)
    cutoff = time.fromisoformat(tomllib.loads(text)["cutoff"])
    for minute in (0, 30, 59):
        now = datetime(2026, 11, 22, hour, minute, tzinfo=ZONE).astimezone(UTC)
        day = business_date(now, cutoff, ZONE)
        assert day <= now.astimezone(ZONE).date()
        assert (ends_at(day, cutoff, ZONE) - now).total_seconds() > 3600


def test_terminals_of_a_site_have_processes_by_connection_and_dialect() -> None:
    of = {"a": {"tmk": "00"}, "b": {"tmk": "00", "mac": "x9.19"}, "c": {"format": "nii-bcd"}}
    groups = terminal_groups({"m": {"terminals": {**of, "d": {"tmk": "00"}}}}, {"d"})
    assert groups == {
        "stay": [{"mid": "m", "tid": "a", "tmk": "00", "mac": "cup-ecb"}],
        "per-message": [{"mid": "m", "tid": "b", "tmk": "00", "mac": "x9.19"}],
        ABROAD: [{"mid": "m", "tid": "c"}],
    }
