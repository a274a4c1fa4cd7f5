"""The town and the site file speak of the same terminals; every state is there."""

from collections import Counter

from pointsman.history.town import DAYS, MERCHANTS, VISITORS, Fate, at_rest
from pointsman.sim.live import VISITOR_TID
from pointsman.site.file import parse
from tests.history.town import SITE, town


def test_twelve_merchants_twenty_outlets_sixty_terminals_three_acquirers() -> None:
    site, places = parse(SITE), town()
    assert len(site.acquirers) == 3
    assert len(site.merchants) == 12
    assert len(places) == len(site.terminals) == 60
    assert len({(place.mid, place.outlet.name) for place in places}) == 20
    assert sum(len(outlets) for _, outlets in MERCHANTS.values()) == 20
    assert len({place.serial for place in places}) == 60


def test_every_fate_is_there_and_only_the_living_are_simulated() -> None:
    places = town()
    fates = Counter(place.fate for place in places)
    assert set(fates) == set(Fate)
    assert {place.tid for place in places if place.fate is not Fate.LIVE} == at_rest()
    assert VISITORS == VISITOR_TID
    assert VISITORS in at_rest()


def test_who_is_out_of_use_is_not_active_in_the_site() -> None:
    terminals = parse(SITE).terminals
    for place in town():
        out = place.fate in {Fate.SUSPENDED, Fate.RETIRED}
        assert terminals[place.mid, place.tid].active is not out


def test_who_is_silent_stopped_days_ago() -> None:
    for place in town():
        worked = [place.works_on(day) for day in range(DAYS)]
        match place.fate:
            case Fate.LIVE | Fate.RESTING:
                assert all(worked)
            case Fate.NEW:
                assert not any(worked)
            case Fate.SILENT | Fate.SUSPENDED | Fate.RETIRED:
                assert worked[0]
                assert not worked[-1]
