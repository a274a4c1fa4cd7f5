"""The site as one worker sees it now: merchants, acquirers, terminals that were read, the clock.

Shared by reception, conductor and errands. The site's values are replaced whole when a new version
is read; a terminal is forgotten when something about it may have changed, and read again. Links and
numbers by acquirer are looked up here too.
"""

from calendar import isleap
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pointsman.codecs.codec import Codec, get_codec
from pointsman.effects import Effects
from pointsman.store.parties import Acquirer, Directory, Merchant, Terminal
from pointsman.switch.ports import Link, Numbers
from pointsman.switch.responses import Moment

SETTLEMENT_DATE_AGE_MAX = timedelta(days=1)
"""An acquirer's date of yesterday is still its day; before that its next cut-over did not reach us,
and a request says none: the answer's own date counts."""
TERMINALS_KEPT_MAX = 50_000  # terminals remembered with their keys; the oldest are read again


@lru_cache(maxsize=64)
def is_past(settlement_date: str, today: date) -> bool:
    """Tell whether a date without year (MMDD), taken nearest to `today`, is long over."""
    month, day = int(settlement_date[:2]), int(settlement_date[2:])
    since = min((_days_since(month, day, today, year) for year in (-1, 0, 1)), key=abs)
    return since > SETTLEMENT_DATE_AGE_MAX.days


def _days_since(month: int, day: int, today: date, years: int) -> int:
    year = today.year + years
    last = day if (month, day) != (2, 29) or isleap(year) else 28
    return (today - date(year, month, last)).days


class SiteView:
    """What is known of the site; owned by one worker."""

    def __init__(
        self,
        effects: Effects,
        *,
        links: Mapping[str, Link],
        stans: Mapping[str, Numbers],
        rrns: Numbers,
        dates: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.directory = Directory(0)
        self.links = links
        self._effects = effects
        self._stans = stans
        self._rrns = rrns
        self._dates = dates
        self._terminals: dict[tuple[str, str], Terminal] = {}
        self._zone = ZoneInfo(self.directory.zone)
        self._second: datetime | None = None  # of what `_read_clock` found last
        self._moment = Moment("", "", "")
        self._today = date.min

    def update(self, directory: Directory) -> None:
        """Take over a new version of the site; terminals are read again when they are needed."""
        self.directory = directory
        self._zone = ZoneInfo(directory.zone)
        self._second = None
        self._terminals.clear()

    def known(self, mid: str, tid: str) -> Terminal | None:
        """Return a terminal that was read before, if it is still good to use."""
        return self._terminals.get((mid, tid))

    def remember(self, terminal: Terminal) -> None:
        """Keep a terminal that was read."""
        if len(self._terminals) >= TERMINALS_KEPT_MAX:
            del self._terminals[next(iter(self._terminals))]
        self._terminals[terminal.mid, terminal.tid] = terminal

    def forget(self, mid: str, tid: str) -> None:
        """Read this terminal again when it is next needed."""
        self._terminals.pop((mid, tid), None)

    def active_merchant(self, mid: str) -> Merchant | None:
        """Return a merchant that may do new business."""
        merchant = self.directory.merchants.get(mid)
        return merchant if merchant is not None and merchant.active else None

    def merchant(self, mid: str) -> Merchant | None:
        """Return a merchant, active or not."""
        return self.directory.merchants.get(mid)

    def acquirer(self, name: str) -> Acquirer:
        """Return an acquirer that the site has."""
        return self.directory.acquirers[name]

    def home(self, mid: str) -> str:
        """Return the name of a merchant's first acquirer; empty where it has no route."""
        routes = self.directory.routes.get(mid, ())
        name = routes[0].acquirer if routes else ""
        return name if name in self.directory.acquirers else ""

    def host_codec(self, name: str) -> Codec:
        """Return the codec of an acquirer's format."""
        return get_codec(self.directory.acquirers[name].format)

    def host_stan(self, name: str) -> str | None:
        """Return the next field 11 towards this acquirer, or None while there is none."""
        numbers = self._stans.get(name)
        return numbers.take() if numbers is not None else None

    def settlement_date(self, name: str) -> str:
        """Return the settlement date (MMDD) that this acquirer began last; nothing where it is old.

        It has no year: of the dates that it may be the nearest to today is meant (switch-rules 10).
        """
        said = self._dates.get(name, "")
        return said if said and not is_past(said, self.today()) else ""

    def rrn(self) -> str:
        """Return the next retrieval reference number, or nothing while there is none."""
        return self._rrns.take() or ""

    def usable(self, name: str) -> bool:
        """Tell whether this acquirer's link takes a request now."""
        link = self.links.get(name)
        return link is not None and link.usable

    def new_id(self) -> bytes:
        """Return a new transaction id."""
        return self._effects.new_id()

    def moment(self) -> Moment:
        """Return the switch's clock as the wire wants it; local time is the site's zone."""
        self._read_clock()
        return self._moment

    def today(self) -> date:
        """Return the site's calendar date."""
        self._read_clock()
        return self._today

    def _read_clock(self) -> None:
        """Find the second's local time once: every payment asks, and a zone is dear to look up."""
        second = self._effects.now().replace(microsecond=0)
        if second != self._second:
            local = second.astimezone(self._zone)
            self._moment = Moment(f"{local:%H%M%S}", f"{local:%m%d}", f"{second:%m%d%H%M%S}")
            self._today = local.date()
            self._second = second
