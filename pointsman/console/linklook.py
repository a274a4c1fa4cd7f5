"""What the workers' metrics say of each link to an acquirer: its three lamps and its figures.

A core: texts in the form that Prometheus reads in, values out (text exposition format 0.0.4). Who
fetches them is lamps.py; the families are those of pointsman/metric_families.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

SILENT_AFTER_ECHOES: Final = 2.5
"""A link that said nothing for so many echo intervals does not answer."""

Label = tuple[str, str]  # acquirer and link


@dataclass(frozen=True, slots=True)
class Link:
    """One link as its worker sees it; `silent_s` is None before the first message."""

    acquirer: str
    name: str
    connected: bool
    signed_on: bool
    silent_s: float | None
    connects: int
    messages: int
    unmatched: int
    echo_failures: int
    echo_ms: int | None  # mean of its echoes

    def state(self, echo_s: float) -> str:
        """Return the state in one word."""
        if not self.connected:
            return "cut_off"
        if not self.signed_on:
            return "not_signed_on"
        if self.silent_s is None or self.silent_s > echo_s * SILENT_AFTER_ECHOES:
            return "silent"
        return "answering"


@dataclass(frozen=True, slots=True)
class Line:
    """One acquirer over all workers: what is in flight, and how long it took to answer."""

    acquirer: str
    in_flight: int
    answered: int
    mean_ms: int | None


def read(texts: Iterable[str], now_s: float) -> tuple[list[Link], list[Line]]:
    """Return the links and acquirers that these metrics pages tell of; `now_s` is Unix time."""
    found: dict[str, dict[Label, float]] = {}
    for text in texts:
        for name, label, value in _samples(text):
            of = found.setdefault(name, {})
            of[label] = (
                max(value, of[label])
                if "timestamp" in name and label in of
                else (of.get(label, 0.0) + value)
            )
    links = [_link(label, found, now_s) for label in sorted(found.get("up", {}))]
    return links, [_line(label, found) for label in sorted(found.get("in_flight", {}))]


def is_readable(text: str) -> bool:
    """Say whether this is a page of metrics."""
    try:
        for _ in _samples(text):
            pass
    except ValueError:
        return False
    return True


_OF_LINK: Final[Mapping[str, str]] = {
    "pointsman_link_up": "up",
    "pointsman_link_signed_on": "signed_on",
    "pointsman_link_connects_total": "connects",
    "pointsman_link_messages_total": "messages",
    "pointsman_link_unmatched_responses_total": "unmatched",
    "pointsman_link_echo_failures_total": "echo_failures",
    "pointsman_link_echo_duration_seconds_sum": "echo_sum",
    "pointsman_link_echo_duration_seconds_count": "echo_count",
    "pointsman_in_flight_requests": "in_flight",
    "pointsman_upstream_duration_seconds_sum": "upstream_sum",
    "pointsman_upstream_duration_seconds_count": "upstream_count",
}
_LAST = "pointsman_link_last_message_timestamp_seconds"
_NO_ACQUIRER = "none"  # of requests that reached none


def _samples(text: str) -> Iterator[tuple[str, Label, float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            acquirer = sample.labels.get("acquirer", "")
            label = (acquirer, sample.labels.get("link", ""))
            if acquirer in ("", _NO_ACQUIRER):
                continue
            if sample.name == _LAST and sample.labels.get("direction") == "in":
                yield "last_timestamp", label, sample.value
            elif sample.name in _OF_LINK:
                yield _OF_LINK[sample.name], label, sample.value


def _link(label: Label, found: Mapping[str, Mapping[Label, float]], now_s: float) -> Link:
    def of(name: str) -> float:
        return found.get(name, {}).get(label, 0.0)

    last = of("last_timestamp")
    return Link(
        *label,
        connected=of("up") > 0,
        signed_on=of("signed_on") > 0,
        silent_s=max(0.0, now_s - last) if last else None,
        connects=int(of("connects")),
        messages=int(of("messages")),
        unmatched=int(of("unmatched")),
        echo_failures=int(of("echo_failures")),
        echo_ms=_mean_ms(of("echo_sum"), of("echo_count")),
    )


def _line(label: Label, found: Mapping[str, Mapping[Label, float]]) -> Line:
    count = found.get("upstream_count", {}).get(label, 0.0)
    mean = _mean_ms(found.get("upstream_sum", {}).get(label, 0.0), count)
    return Line(label[0], int(found["in_flight"][label]), int(count), mean)


def _mean_ms(sum_s: float, count: float) -> int | None:
    return round(1000 * sum_s / count) if count else None
