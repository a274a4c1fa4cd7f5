"""How a message is refused: one answer without a MAC, one line in the log, one count."""

from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.store.parties import Directory
from pointsman.switch.ports import Ask
from pointsman.switch.refusals import Refusals, printable
from pointsman.switch.siteview import SiteView
from tests.codecs.golden import golden
from tests.switch.lives import POS, message
from tests.switch.test_conductor import FRAMING, NOW, Terminals, World

SALE = "cup-sale-swipe-pin-req"


class House:
    """Refusals with what they count, and a connection."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.connection = Terminals()
        site = SiteView(Effects(now=lambda: NOW), links={}, stans={}, rrns=World())
        site.update(Directory(1, {}, {}, {}))
        self.refusals = Refusals(site, Metrics(self.registry))

    def ask(self, **changes: str | None) -> Ask:
        envelope = FRAMING.open(FRAMING.reader().feed(golden(SALE).wire)[0])
        return Ask(self.connection, envelope, message(SALE, **changes), 0.0, POS)

    def count(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def test_a_refused_message_is_answered_without_mac_and_counted() -> None:
    house = House()
    with capture_logs() as lines:
        house.refusals.bare(house.ask(), "97", "terminal unknown")
    [answer] = house.connection.answers
    assert answer.mti == "0210"
    assert (answer[39], answer[11], answer[41]) == ("97", golden(SALE).fields[11], "12345678")
    assert not {2, 35, 52, 64} & set(answer.fields)
    assert house.count("pointsman_responses_total", acquirer="none", response_code="97") == 1
    [line] = lines
    assert (line["event"], line["code"], line["reason"]) == (
        "request_refused",
        "97",
        "terminal unknown",
    )


def test_no_line_holds_what_the_card_said() -> None:
    house = House()
    with capture_logs() as lines:
        house.refusals.bare(house.ask(), "30", "field 3 is missing")
    fields = golden(SALE).fields
    told = repr(lines)
    assert not [number for number in (35, 52, 64) if fields[number] in told]
    assert fields[35].partition("D")[0] not in told


def test_a_wrong_mac_is_counted_as_such_too() -> None:
    house = House()
    house.refusals.bare(house.ask(), "A0", "MAC is wrong")
    house.refusals.bare(house.ask(), "30", "something else")
    name = "pointsman_mac_failures_total"
    [family] = [found for found in house.registry.collect() if found.name == name[: -len("_total")]]
    assert [one.value for one in family.samples if one.labels["side"] == "terminal"] == [1]


def test_what_can_have_no_answer_is_dropped_and_counted() -> None:
    house = House()
    house.refusals.dropped(house.connection, "identity", "0200")
    assert (house.connection.dropped, house.connection.answers) == (1, [])
    errors = house.count("pointsman_terminal_errors_total", listener="pos", reason="format")
    assert errors == 1


def test_an_identity_with_line_breaks_makes_no_second_line() -> None:
    assert printable("1234\n567é") == "1234.567."
    assert printable("12345678") == "12345678"


def test_those_who_find_no_room_are_answered_each_and_told_of_once_a_second() -> None:
    house = House()
    with capture_logs() as lines:
        for _ in range(3):
            house.refusals.turned_away(house.ask())
    assert [answer[39] for answer in house.connection.answers] == ["96"] * 3
    assert house.count("pointsman_responses_total", acquirer="none", response_code="96") == 3
    assert [(line["event"], line["count"]) for line in lines] == [("no_room", 1)]
