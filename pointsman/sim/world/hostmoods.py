"""Which mood a simulated acquirer is in: by fault decisions, not by amounts.

A core over the moods of the simulators (sim/moods.py). What a mood does to the line is
acquirers.py, how often it strikes plan.py.
"""

from pointsman.codecs.codec import Message
from pointsman.sim import host_messages as wire
from pointsman.sim.host_rows import Work
from pointsman.sim.moods import BY_AMOUNT, CONFIRMING, Behaviour, Moods
from pointsman.sim.world.chance import Faults

_OF_REQUESTS = (
    Behaviour.SILENT,
    Behaviour.LOST,
    Behaviour.DELAY,
    Behaviour.LATE,
    Behaviour.DROP,
    Behaviour.TWICE,
    Behaviour.BAD_MAC,
    Behaviour.OTHER_AMOUNT,
    Behaviour.DECLINE,
)
_OF_REVERSALS = (Behaviour.REVERSAL_SILENT, Behaviour.REVERSAL_LOST)


class SimMoods(Moods):
    """Moods by fault decisions; of amounts, those whose customer is asked to confirm."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        object.__setattr__(self, "_faults", faults)
        object.__setattr__(self, "of_advice", False)

    def request(self, amount_minor: int, *, repeat: bool, draw: int) -> Behaviour:  # noqa: ARG002
        """Return the behaviour for a request."""
        behaviour = self._drawn(_OF_REQUESTS)
        asked = BY_AMOUNT.get(amount_minor % 100, Behaviour.ANSWER)
        if behaviour is Behaviour.ANSWER and asked in CONFIRMING:
            return asked
        advice: bool = self.of_advice  # type: ignore[attr-defined]  # set past the frozen base
        # A refund, or an order, that the host counts with another amount than it tells of it later
        # is nobody's fault but the host's: no switch can find it.
        other = behaviour is Behaviour.OTHER_AMOUNT and advice
        return Behaviour.ANSWER if other else behaviour

    def reversal(self, draw: int) -> Behaviour:  # noqa: ARG002
        """Return the behaviour for a reversal."""
        return self._drawn(_OF_REVERSALS)

    def _drawn(self, behaviours: tuple[Behaviour, ...]) -> Behaviour:
        faults: Faults = self._faults  # type: ignore[attr-defined]  # set past the frozen base
        for behaviour in behaviours:
            if faults.strikes(f"host {behaviour.value}"):
                return behaviour
        return Behaviour.ANSWER


def told_of(message: Message) -> bool:
    """Tell whether this is an advice, or is about an order."""
    return message.mti[:3] in {"022", "062"} or wire.work_of(message) in {Work.ORDER, Work.QUERY}
