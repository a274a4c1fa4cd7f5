"""What one worker knows of the site: versions replace each other whole, terminals are re-read."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pointsman.effects import Effects
from pointsman.store.parties import Directory, Route, Terminal
from pointsman.switch import siteview
from pointsman.switch.responses import Moment
from pointsman.switch.siteview import SiteView, is_past
from tests.switch.lives import ALPHA, MERCHANT, TERMINAL

NEW_YEAR = datetime(2026, 12, 31, 17, 30, 5, tzinfo=UTC)


@dataclass
class Series:
    """A number series that may have run dry; also a link that may be down."""

    number: str | None = "000042"
    usable: bool = True

    def take(self) -> str | None:
        return self.number


def view(*, links: dict[str, Any] | None = None, series: Series | None = None) -> SiteView:
    numbers = series or Series()
    made = SiteView(
        Effects(now=lambda: NEW_YEAR),
        links=links or {},
        stans={"alpha": numbers},
        rrns=numbers,
    )
    made.update(Directory(1, {MERCHANT.mid: MERCHANT}, {"alpha": ALPHA}, {}))
    return made


@pytest.mark.parametrize(("acquirer", "home"), [("alpha", "alpha"), ("gone", ""), (None, "")])
def test_a_merchants_first_acquirer_is_its_home(acquirer: str | None, home: str) -> None:
    made = view()
    routes = {} if acquirer is None else {MERCHANT.mid: (Route(MERCHANT.mid, acquirer, 1),)}
    made.update(Directory(2, {MERCHANT.mid: MERCHANT}, {"alpha": ALPHA}, routes))
    assert made.home(MERCHANT.mid) == home


def test_a_new_version_of_the_site_forgets_the_terminals_of_the_old() -> None:
    site = view()
    site.remember(TERMINAL)
    assert site.known(TERMINAL.mid, TERMINAL.tid) is TERMINAL
    site.update(Directory(2, {}, {}, {}))
    assert site.known(TERMINAL.mid, TERMINAL.tid) is None
    assert site.merchant(MERCHANT.mid) is None


def test_a_terminal_that_may_have_changed_is_read_again() -> None:
    site = view()
    site.remember(TERMINAL)
    site.forget(TERMINAL.mid, TERMINAL.tid)
    site.forget(TERMINAL.mid, "never seen")
    assert site.known(TERMINAL.mid, TERMINAL.tid) is None


def test_beyond_the_limit_the_oldest_terminal_is_forgotten_first() -> None:
    site = view()
    terminals: list[Terminal] = [
        replace(TERMINAL, tid=f"{number:08d}") for number in range(siteview.TERMINALS_KEPT_MAX + 1)
    ]
    for terminal in terminals:
        site.remember(terminal)
    assert site.known(TERMINAL.mid, terminals[0].tid) is None
    assert site.known(TERMINAL.mid, terminals[1].tid) is terminals[1]
    assert site.known(TERMINAL.mid, terminals[-1].tid) is terminals[-1]


def test_an_inactive_merchant_is_known_and_does_no_new_business() -> None:
    site = view()
    assert site.active_merchant(MERCHANT.mid) == MERCHANT
    asleep = replace(MERCHANT, active=False)
    site.update(Directory(2, {MERCHANT.mid: asleep}, {}, {}))
    assert site.active_merchant(MERCHANT.mid) is None
    assert site.merchant(MERCHANT.mid) == asleep


@pytest.mark.parametrize(
    ("zone", "time", "day", "today"),
    [
        ("Asia/Shanghai", "013005", "0101", date(2027, 1, 1)),
        ("America/New_York", "123005", "1231", date(2026, 12, 31)),
    ],
)
def test_local_time_is_the_sites_and_field_7_is_utc(
    zone: str, time: str, day: str, today: date
) -> None:
    site = view()
    site.update(Directory(2, {}, {}, {}, zone=zone))
    assert site.moment() == Moment(time, day, "1231173005")
    assert site.today() == today


def test_without_numbers_there_is_none_to_give() -> None:
    site = view(series=Series(None))
    assert site.rrn() == ""
    assert site.host_stan("alpha") is None
    assert site.host_stan("nobody") is None
    assert view().host_stan("alpha") == "000042"


def test_an_acquirer_is_usable_if_it_has_a_link_that_takes_requests() -> None:
    site = view(links={"alpha": Series(), "beta": Series(usable=False)})
    assert [site.usable(name) for name in ("alpha", "beta", "gamma")] == [True, False, False]


@pytest.mark.parametrize(
    ("said", "today", "past"),
    [
        ("1123", date(2026, 11, 23), False),
        ("1124", date(2026, 11, 23), False),
        ("1122", date(2026, 11, 23), False),
        ("1121", date(2026, 11, 23), True),
        ("1231", date(2027, 1, 1), False),
        ("1230", date(2027, 1, 1), True),
        ("0101", date(2026, 12, 31), False),
        ("0229", date(2027, 3, 1), False),
        ("0229", date(2028, 3, 2), True),
    ],
)
def test_a_settlement_date_is_the_nearest_to_today_and_used_until_the_day_after(
    said: str, today: date, past: bool
) -> None:
    assert is_past(said, today) is past


def test_a_date_that_is_long_over_is_said_to_nobody() -> None:
    dates = {"alpha": "0101", "beta": "1229"}  # it is the first of January in Shanghai
    site = SiteView(Effects(now=lambda: NEW_YEAR), links={}, stans={}, rrns=Series(), dates=dates)
    assert (site.settlement_date("alpha"), site.settlement_date("beta")) == ("0101", "")
    assert site.settlement_date("none") == ""
