"""A refused message: one line in the log, one count, and the answer that carries no MAC.

Used wherever a message is refused before anything is known to be genuine (terminal-protocol 4), and
for the log line of every other refusal. Never logs what a peer sent but identities and codes.
"""

from pointsman import log
from pointsman.metrics import Metrics
from pointsman.switch import responses
from pointsman.switch.ports import Ask, Asker
from pointsman.switch.responses import Moment
from pointsman.switch.siteview import SiteView


class Refusals:
    """Says no, and notes it; owned by one worker."""

    def __init__(self, site: SiteView, metrics: Metrics) -> None:
        self._site = site
        self._metrics = metrics
        self._turned_away = 0  # for want of room, since the last line that told of it
        self._told_at = Moment("", "", "")

    def turned_away(self, ask: Ask) -> None:
        """Answer 96 for want of room: counted each time, logged once a second.

        Beyond saturation a line for each would take the time of those who are served.
        """
        self._turned_away += 1
        moment = self._site.moment()
        if moment != self._told_at:
            log.get().warning("no_room", count=self._turned_away)
            self._told_at, self._turned_away = moment, 0
        self._metrics.responses.labels("none", responses.MALFUNCTION).inc()
        self._answer(ask, responses.MALFUNCTION)

    def bare(self, ask: Ask, code: str, reason: str) -> None:
        """Answer without a MAC; log one line."""
        self.note(ask, code, reason)
        self._answer(ask, code)

    def _answer(self, ask: Ask, code: str) -> None:
        told = responses.told_by_us(code, self._site.moment())
        mti, fields = responses.bare_answer(ask.message.mti, ask.message.fields, told)
        ask.answer(ask.codec.encode(mti, fields), code)

    def note(self, ask: Ask, code: str, reason: str, number: int | None = None) -> None:
        """Write the one log line of a refused message, and count it."""
        log.get().info(
            "request_refused",
            code=code,
            reason=reason,
            field=number or 0,
            mti=ask.message.mti,
            mid=printable(ask.mid),
            tid=printable(ask.tid),
            stan=ask.message.get(11) or "",
        )
        self._metrics.responses.labels("none", code).inc()
        if code == responses.WRONG_MAC:
            self._metrics.mac_failures.labels("terminal", "none").inc()

    def dropped(self, connection: Asker, reason: str, mti: str = "") -> None:
        """Drop a message that can have no answer."""
        self._metrics.terminal_errors.labels(connection.listener, "format").inc()
        log.get().info("message_dropped", listener=connection.listener, reason=reason, mti=mti)
        connection.drop()


def printable(text: str) -> str:
    """Return an identity for the log: what is no letter or digit becomes a point."""
    return "".join(one if one.isascii() and one.isalnum() else "." for one in text)
