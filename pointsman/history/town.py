"""The town of the demo: its merchants' habits, their outlets, and how each terminal fares.

A core. Names, keys and routes are the site file's (sim/demo_town.toml); here stands what a site
file does not say: when people come, what they pay, where a terminal stands. What happens on a day
is story.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

DAYS = 90
"""Business days of the history: all but the last are closed."""
PREFIX = "8981000533100"
VISITORS = "12345678"
"""The terminal that is left to the visitor."""


class Fate(Enum):
    """How a terminal fares."""

    LIVE = auto()  # pays in the history and goes on paying
    RESTING = auto()  # paid minutes ago, and is silent now
    SILENT = auto()  # has not been heard of for days
    NEW = auto()  # never paid
    SUSPENDED = auto()
    RETIRED = auto()  # its device was taken away


@dataclass(frozen=True, slots=True)
class Outlet:
    """One place of a merchant, and how many of its terminals stand there, in the order of TIDs."""

    name: str
    city: str
    address: str
    terminals: int


@dataclass(frozen=True, slots=True)
class Habits:
    """When people come (weights of the local hours from 7 to 21) and what they pay."""

    hours: tuple[int, ...]
    low_minor: int
    high_minor: int
    per_day: int  # payments of one terminal on a usual day
    weekend_percent: int
    by_code_percent: int  # of payments that are made with a payment code


OPENS = 7
"""The first local hour of `Habits.hours`; the last is 21."""
_MEALS = (1, 3, 3, 2, 4, 10, 9, 3, 2, 3, 6, 11, 10, 5, 2)
_MORNING = (9, 12, 9, 6, 5, 6, 5, 4, 4, 3, 3, 2, 1, 0, 0)
_SHOP = (0, 1, 3, 6, 7, 6, 6, 7, 8, 8, 8, 8, 7, 6, 2)
_EVENING = (0, 0, 0, 1, 2, 3, 4, 4, 5, 5, 7, 10, 12, 9, 4)
_HOTEL = (8, 10, 9, 8, 5, 3, 3, 5, 6, 5, 4, 3, 3, 2, 1)
_TOURS = (1, 6, 10, 10, 8, 5, 7, 8, 7, 5, 2, 0, 0, 0, 0)

_TEA = Habits(_MEALS, 1_800, 16_800, 9, 150, 35)
_BOOKS = Habits(_SHOP, 1_500, 24_000, 7, 160, 30)
_MARKET = Habits(_SHOP, 1_200, 38_000, 12, 125, 30)
_ROOMS = Habits(_HOTEL, 28_000, 168_000, 5, 140, 5)
_PHARMACY = Habits(_SHOP, 900, 26_000, 8, 85, 25)
_COFFEE = Habits(_MORNING, 1_600, 7_800, 13, 90, 55)
_OUTDOOR = Habits(_SHOP, 9_900, 249_000, 5, 170, 10)
_BAKERY = Habits(_MORNING, 600, 6_200, 12, 110, 50)
_CINEMA = Habits(_EVENING, 4_500, 19_800, 9, 190, 40)
_ELECTRONICS = Habits(_SHOP, 4_900, 689_000, 5, 140, 10)
_BOATS = Habits(_TOURS, 6_000, 48_000, 6, 230, 35)
_NOODLES = Habits(_MEALS, 1_400, 9_600, 12, 115, 55)

MERCHANTS: Mapping[str, tuple[Habits, tuple[Outlet, ...]]] = {
    "01": (_TEA, (Outlet("Bund", "Shanghai", "18 Zhongshan Road East", 4),
                  Outlet("Xintiandi", "Shanghai", "181 Taicang Road", 3))),
    "02": (_BOOKS, (Outlet("Wangfujing", "Beijing", "235 Wangfujing Street", 3),
                    Outlet("Haidian", "Beijing", "36 Haidian West Street", 2))),
    "03": (_MARKET, (Outlet("Tianhe", "Guangzhou", "208 Tianhe Road", 5),
                     Outlet("Yuexiu", "Guangzhou", "63 Beijing Road", 4),
                     Outlet("Baiyun", "Guangzhou", "866 Baiyun Avenue", 3))),
    "04": (_ROOMS, (Outlet("West Lake", "Hangzhou", "12 Hubin Road", 4),)),
    "05": (_PHARMACY, (Outlet("Xuanwu", "Nanjing", "70 Zhujiang Road", 2),
                       Outlet("Gulou", "Nanjing", "9 Zhongshan North Road", 2))),
    "06": (_COFFEE, (Outlet("Kuanzhai", "Chengdu", "25 Kuan Alley", 2),
                     Outlet("Taikoo", "Chengdu", "8 Middle Shamao Street", 2),
                     Outlet("Airport", "Chengdu", "Terminal 2, level 3", 2))),
    "07": (_OUTDOOR, (Outlet("Nanshan", "Shenzhen", "88 Nanhai Avenue", 3),)),
    "08": (_BAKERY, (Outlet("Guanqian", "Suzhou", "91 Guanqian Street", 2),
                     Outlet("Station", "Suzhou", "27 Suzhan Road", 2))),
    "09": (_CINEMA, (Outlet("Hanjie", "Wuhan", "171 Chu River Han Street", 4),)),
    "10": (_ELECTRONICS, (Outlet("Huaqiangbei", "Shenzhen", "1002 Huaqiang North Road", 4),)),
    "11": (_BOATS, (Outlet("Pier One", "Suzhou", "10 Pingjiang Road", 3),)),
    "12": (_NOODLES, (Outlet("Bell Tower", "Xi'an", "1 West Street", 4),)),
}  # fmt: skip
"""Habits and outlets by the last two digits of the MID."""

_FATES: Mapping[str, Fate] = {
    VISITORS: Fate.SILENT,
    "02000004": Fate.SILENT,
    "05000004": Fate.SILENT,
    "09000004": Fate.SILENT,
    "11000003": Fate.SILENT,
    "01000007": Fate.RESTING,
    "08000004": Fate.RESTING,
    "03000012": Fate.NEW,
    "06000006": Fate.NEW,
    "07000003": Fate.NEW,
    "12000004": Fate.NEW,
    "03000010": Fate.SUSPENDED,
    "10000004": Fate.SUSPENDED,
    "04000004": Fate.SUSPENDED,
    "03000011": Fate.RETIRED,
    "02000005": Fate.RETIRED,
}
SILENT_DAYS = 3  # a silent terminal's last payment lies so far back at least
SUSPENDED_DAY, RETIRED_DAY = 71, 38


@dataclass(frozen=True, slots=True)
class Place:
    """One terminal: whose, where it stands, and how it fares."""

    number: int
    mid: str
    tid: str
    habits: Habits
    outlet: Outlet
    fate: Fate

    @property
    def serial(self) -> str:
        """The number on its back."""
        return f"PM{self.number:06d}"

    def works_on(self, day: int) -> bool:
        """Say whether it pays on this day of the history (0 is the oldest)."""
        match self.fate:
            case Fate.NEW:
                return False
            case Fate.SUSPENDED:
                return day < SUSPENDED_DAY
            case Fate.RETIRED:
                return day < RETIRED_DAY
            case Fate.SILENT:
                return day < DAYS - SILENT_DAYS - self.number % 5
            case Fate.LIVE | Fate.RESTING:
                return True


def places(terminals: Mapping[str, list[str]]) -> list[Place]:
    """Return every terminal of a site (TIDs by MID) with its place in town."""
    found: list[Place] = []
    for mid, tids in sorted(terminals.items()):
        habits, outlets = MERCHANTS[mid.removeprefix(PREFIX)]
        stands = [outlet for outlet in outlets for _ in range(outlet.terminals)]
        for tid, outlet in zip(sorted(tids), stands, strict=True):
            fate = _FATES.get(tid, Fate.LIVE)
            found.append(Place(len(found) + 1, mid, tid, habits, outlet, fate))
    return found


def at_rest() -> frozenset[str]:
    """Return the TIDs that no simulator runs: left to the visitor, silent, new, out of use."""
    return frozenset(_FATES)
