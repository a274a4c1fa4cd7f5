"""Links in metrics: three lamps, figures over all workers, and what nobody told is nothing."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from pointsman.console import linklook
from pointsman.metrics import Metrics

ECHO_S = 60.0


def page(link: str = "alpha/0", *, up: float = 1, signed_on: float = 1, last: float = 1000) -> str:
    registry = CollectorRegistry()
    metrics = Metrics(registry, ["alpha"])
    labels = ("alpha", link)
    metrics.link_up.labels(*labels).set(up)
    metrics.link_signed_on.labels(*labels).set(signed_on)
    metrics.link_last_message_timestamp.labels(*labels, "in").set(last)
    metrics.link_last_message_timestamp.labels(*labels, "out").set(last + 500)
    metrics.link_connects.labels(*labels).inc(3)
    metrics.upstream_duration.labels("alpha").observe(0.2)
    metrics.upstream_duration.labels("alpha").observe(0.4)
    return generate_latest(registry).decode()


@pytest.mark.parametrize(
    ("up", "signed_on", "now", "state"),
    [
        (1, 1, 1010, "answering"),
        (1, 1, 1151, "silent"),
        (1, 0, 1010, "not_signed_on"),
        (0, 0, 1010, "cut_off"),
    ],
)
def test_a_link_is_as_its_lamps(up: int, signed_on: int, now: float, state: str) -> None:
    (link,), _ = linklook.read([page(up=up, signed_on=signed_on)], now)
    assert link.state(ECHO_S) == state
    assert link.connects == 3


def test_a_message_that_was_sent_is_no_answer() -> None:
    (link,), _ = linklook.read([page(last=1000)], 1200)
    assert link.silent_s == 200


def test_links_of_all_workers_stand_beside_each_other() -> None:
    links, (line,) = linklook.read([page("alpha/0"), page("alpha/1", up=0)], 1010)
    assert [one.name for one in links] == ["alpha/0", "alpha/1"]
    assert (line.answered, line.mean_ms) == (4, 300)


def test_a_link_told_by_two_workers_is_one_with_its_newest_message() -> None:
    (link,), _ = linklook.read([page(last=1000), page(last=1005)], 1010)
    assert link.silent_s == 5


def test_no_pages_tell_no_links() -> None:
    assert linklook.read([], 0) == ([], [])
