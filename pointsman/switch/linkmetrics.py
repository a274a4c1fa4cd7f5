"""What one acquirer session counts, with its labels bound once.

The names are those of metric_families.py; the values come from acquirers.py. Nothing is decided
here.
"""

from typing import Literal

from pointsman import log
from pointsman.codecs.errors import DecodeError
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.switch.inflight import Unmatched

Direction = Literal["in", "out"]


class LinkMetrics:
    """The metrics of one link; its name is "acquirer/session"."""

    def __init__(self, metrics: Metrics, acquirer: str, link: str, effects: Effects) -> None:
        self.link = link
        labels = (acquirer, link)
        self._labels = labels
        self._now = effects.now
        self._up = metrics.link_up.labels(*labels)
        self._signed_on = metrics.link_signed_on.labels(*labels)
        self._connects = metrics.link_connects.labels(*labels)
        self._disconnects = metrics.link_disconnects
        self._messages = metrics.link_messages
        self._kinds = {
            (direction, digit): self._messages.labels(*labels, direction, f"{digit}xx")
            for direction in ("in", "out")
            for digit in ("01", "02", "04", "08")
        }
        self._bytes_in = metrics.link_bytes.labels(*labels, "in")
        self._bytes_out = metrics.link_bytes.labels(*labels, "out")
        self._last = {
            direction: metrics.link_last_message_timestamp.labels(*labels, direction)
            for direction in ("in", "out")
        }
        self._echo = metrics.link_echo_duration.labels(*labels)
        self._echo_failures = metrics.link_echo_failures.labels(*labels)
        self._unmatched = metrics.link_unmatched_responses.labels(*labels)
        self._upstream = metrics.upstream_duration.labels(acquirer)
        self._up.set(0)
        self._signed_on.set(0)

    def connected(self) -> None:
        """Count a connection that stands."""
        self._connects.inc()
        self._up.set(1)

    def disconnected(self, reason: str) -> None:
        """Count a connection that ended; reasons are our own words, a closed set."""
        self._disconnects.labels(*self._labels, reason).inc()
        self._up.set(0)
        self._signed_on.set(0)

    def signed_on(self, state: bool) -> None:
        """Show whether payments may be carried."""
        self._signed_on.set(int(state))

    def received(self, count: int) -> None:
        """Count bytes that came."""
        self._bytes_in.inc(count)

    def sent(self, count: int) -> None:
        """Count bytes that went."""
        self._bytes_out.inc(count)

    def message(self, direction: Direction, mti: str) -> None:
        """Count a message by its class ("02xx"); classes we do not know are "other"."""
        child = self._kinds.get((direction, mti[:2]))
        if child is None:
            child = self._messages.labels(*self._labels, direction, "other")
        child.inc()
        self._last[direction].set(self._now().timestamp())

    def answered(self, elapsed_s: float) -> None:
        """Observe the time from the last byte sent to the answer."""
        self._upstream.observe(elapsed_s)

    def echoed(self, took_s: float) -> None:
        """Observe an answered echo."""
        self._echo.observe(took_s)

    def echo_missed(self) -> None:
        """Count an echo without an answer."""
        self._echo_failures.inc()

    def nobodys(self, mti: str, unmatched: Unmatched) -> None:
        """Count and log an answer that was given to nobody."""
        self.unmatched()
        log.get().warning(
            "host_answer_unmatched",
            link=self.link,
            reason=unmatched.reason.value,
            mti=mti,
            host_stan=unmatched.expected.host_stan if unmatched.expected else "",
        )

    def unreadable(self, error: DecodeError) -> None:
        """Count and log a message that could not be read."""
        self.unmatched()
        log.get().warning(
            "host_message_unreadable", link=self.link, field=error.field, offset=error.offset
        )

    def unmatched(self) -> None:
        """Count an answer that was given to nobody."""
        self._unmatched.inc()
