"""Where a terminal's frame comes in: opened, decoded, its terminal found, and handed on.

Decides only who may speak: an unknown or inactive terminal is 97, an inactive merchant 03; undoing,
settling and copies of what was answered need neither to be active (switch-rules 9). Payments go to
the conductor, everything else to the errands.
"""

from collections.abc import Callable

from msgspec import structs

from pointsman import log
from pointsman.codecs.codec import Codec
from pointsman.codecs.errors import DecodeError
from pointsman.codecs.framing import Envelope
from pointsman.metrics import Metrics
from pointsman.store.parties import Terminal
from pointsman.switch import dialects, reading, responses
from pointsman.switch.flows import WALLET_TYPES
from pointsman.switch.lookups import Away, Lookups
from pointsman.switch.ports import Ask, Asker, Errands, Payments, Translation
from pointsman.switch.refusals import Refusals
from pointsman.switch.requests import Payment, Refusal, Request, SignIn
from pointsman.switch.siteview import SiteView

_REQUEST_CLASSES = frozenset("1234568")  # second digit of an MTI that a terminal may send
_INACTIVE_MERCHANT = "03"
_ANSWERABLE = (11, 41, 42)  # with these fields, what cannot be read otherwise is answered 30


class Reception:
    """The door for frames; owned by one worker. Set `draining` to refuse what is new."""

    def __init__(
        self,
        *,
        site: SiteView,
        clock: Callable[[], float],
        lookups: Lookups,
        refusals: Refusals,
        payments: Payments,
        errands: Errands,
        nii: Translation,
        metrics: Metrics,
    ) -> None:
        self.draining = False
        self._site = site
        self._clock = clock
        self._lookups = lookups
        self._refusals = refusals
        self._payments = payments
        self._errands = errands
        self._nii = nii
        self._metrics = metrics

    def on_frame(self, connection: Asker, frame: bytes) -> None:
        """Take one frame; it is answered, or dropped with a line in the log."""
        try:
            envelope = connection.framing.open(frame)
        except DecodeError as fault:
            self._note_fault(connection, fault)
            connection.drop()
            return
        codec = dialects.codec_of(envelope)
        try:
            message = codec.decode(envelope.body)
        except DecodeError as fault:
            self._on_fault(connection, envelope, codec, fault)
            return
        if not _is_request(message.mti):
            self._refusals.dropped(connection, "message type", message.mti)
            return
        if 41 not in message or 42 not in message:
            self._refusals.dropped(connection, "identity", message.mti)
            return
        ask = Ask(connection, envelope, message, self._clock(), codec)
        terminal = self._site.known(ask.mid, ask.tid)
        if terminal is not None and terminal.active:
            self._dispatch(ask, terminal)
        else:
            self._lookups.terminal(ask.mid, ask.tid, lambda found: self._on_terminal(ask, found))

    def _on_fault(
        self, connection: Asker, envelope: Envelope, codec: Codec, fault: DecodeError
    ) -> None:
        """Answer 30 where the sender can be told, else drop; its connection stays."""
        self._note_fault(connection, fault)
        if not fault.mti or not _is_request(fault.mti):
            connection.drop()
            return
        known = dict(fault.decoded)
        if not known.keys() >= set(_ANSWERABLE):
            try:
                # The fault stands before them: passed over, if its field has an end.
                beyond = codec.peek(envelope.body, _ANSWERABLE)
                known |= {number: beyond[number] for number in _ANSWERABLE if number in beyond}
            except DecodeError:
                pass
        if not known.keys() >= set(_ANSWERABLE):
            connection.drop()
            return
        told = responses.told_by_us(responses.FORMAT, self._site.moment())
        mti, fields = responses.bare_answer(fault.mti, known, told)
        connection.put(connection.framing.reply(envelope, codec.encode(mti, fields)))

    def _note_fault(self, connection: Asker, fault: DecodeError) -> None:
        log.get().info(
            "message_refused",
            listener=connection.listener,
            code=responses.FORMAT,
            mti=fault.mti or "",
            field=fault.field or 0,
            sub=fault.sub or "",
            offset=fault.offset,
            reason=fault.reason,
        )
        self._metrics.terminal_errors.labels(connection.listener, "format").inc()

    def _on_terminal(self, ask: Ask, terminal: Terminal | Away | None) -> None:
        if isinstance(terminal, Away):
            self._refusals.bare(ask, responses.MALFUNCTION, "store away")
            return
        if terminal is None:
            self._refusals.bare(ask, responses.UNKNOWN_TERMINAL, "terminal unknown")
            return
        self._site.remember(terminal)
        self._dispatch(ask, terminal)

    def _dispatch(self, ask: Ask, terminal: Terminal) -> None:
        """Hand on, after a translation where the terminal speaks the international dialect."""
        is_nii = ask.codec is dialects.NII_CODEC
        if (terminal.format == dialects.NII) is not is_nii:
            # One without keys may not speak for one that has some.
            self._refusals.bare(ask, responses.UNKNOWN_TERMINAL, "it speaks another dialect")
        elif not is_nii:
            self._inside(ask, terminal)
        elif not self._nii.begin(ask, terminal, self._inside):
            self._refusals.bare(ask, responses.MALFUNCTION, "too many requests")

    def _inside(self, ask: Ask, terminal: Terminal) -> None:
        request = reading.read(ask.message.mti, ask.message.fields)
        if self._site.merchant(terminal.mid) is None:
            # Its terminal was read just now: our copy of the site is a second older than that.
            self._refusals.bare(ask, responses.MALFUNCTION, "merchant not read yet")
            return
        # Undoing and settling need identity and MAC alone: no state of the parties is asked. So
        # does an advice of what has happened already, and a copy, which the journal knows.
        barred = self._barred(terminal)
        if barred is not None and isinstance(request, Payment):
            if not request.flow.told_first:
                request = structs.replace(request, refusal=barred)
        elif barred is not None and isinstance(request, SignIn | Refusal):
            self._refusals.bare(ask, barred.code, barred.reason)
            return
        if self.draining:
            self._refusals.bare(ask, responses.MALFUNCTION, "stopping")
        elif not self._begin(ask, terminal, request):
            self._refusals.turned_away(ask)

    def _barred(self, terminal: Terminal) -> Refusal | None:
        """Return why this terminal may do no new business, if so."""
        if not terminal.active:
            return Refusal(responses.UNKNOWN_TERMINAL, None, "terminal not active", bars=True)
        if self._site.active_merchant(terminal.mid) is None:
            return Refusal(_INACTIVE_MERCHANT, None, "merchant not active", bars=True)
        return None

    def _begin(self, ask: Ask, terminal: Terminal, request: Request) -> bool:
        if isinstance(request, Payment):
            return self._payments.begin(ask, request, terminal)
        return self._errands.begin(ask, terminal, request)


def _is_request(mti: str) -> bool:
    if mti in WALLET_TYPES:
        return True
    return mti[1] in _REQUEST_CLASSES and int(mti[2]) % 2 == 0
