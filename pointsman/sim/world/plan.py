"""What a seed draws: how many take part, how long they wait, which faults strike and how often.

A core but for its generator. Rates are chances by question (chance.py); a kind that the seed
leaves out never strikes. Timers are near to each other in some seeds and far in others, always in
the order terminal > switch > host that the house demands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from typing import Final

from pointsman.config import Config, Timers, Workers
from pointsman.sim.flow_names import Flow
from pointsman.sim.flows import ADVANCES, ALL_TYPES, NII, WALLETS, WEIGHTS
from pointsman.sim.follow_ups import FOLLOWING
from pointsman.store.parties import NO_RULES, Rules

TERMINALS_MAX = 10
WORKERS_MAX = 3

RATES: Final[Mapping[str, float]] = MappingProxyType(
    {
        # the network
        "connect hangs": 0.01,
        "connect refused": 0.03,
        "reset": 0.004,
        "short write": 0.02,
        "pieces": 0.1,
        "slow network": 0.01,
        "silent death": 0.3,
        # the database
        "commit slow": 0.02,
        "commit hangs after": 0.01,
        "commit lost undone": 0.01,
        "commit lost done": 0.01,
        "commit done late": 0.01,
        "commit refused 40001": 0.01,
        "commit refused 53100": 0.004,
        "commit refused 25006": 0.004,
        "statement slow": 0.003,
        "statement hangs after": 0.002,
        "statement lost undone": 0.004,
        "statement lost done": 0.004,
        "statement done late": 0.002,
        "statement refused 40001": 0.002,
        # the HSM
        "hsm slow": 0.005,
        "hsm silent": 0.004,
        "hsm down": 0.0006,
        # acquirers
        "host silent": 0.02,
        "host lost": 0.02,
        "host delay": 0.02,
        "host late": 0.02,
        "host drop": 0.01,
        "host twice": 0.02,
        "host bad-mac": 0.01,
        "host other-amount": 0.01,
        "host decline": 0.04,
        "host unclear": 0.02,
        "host reversal-silent": 0.2,
        "host reversal-lost": 0.2,
        "host reversal-refused": 0.02,
        # what happens to processes and clocks, asked every few seconds
        "worker crash": 0.03,
        "clerk crash": 0.03,  # at each call of the store, at each act on the disk
        "database restart": 0.01,
        "database away": 0.006,
        "partition": 0.03,
        "clock jump": 0.01,
        "terminal power cut": 0.01,
        "day close": 0.02,
        "worker cut off": 0.01,
        # between the back office and a worker
        "office line lost": 0.05,
        "office answer lost": 0.05,
    }
)

# Not left to the draw: every run has some of these.
ALWAYS: Final = frozenset({"worker crash", "day close", "pieces"})
_LAST: Final = frozenset({"host unclear"})  # drawn last: the others stay as they were
_HARD: Final[Mapping[Flow, int]] = MappingProxyType(
    {
        Flow.VOID: 10,
        Flow.REFUND: 6,
        Flow.REFUND_PART: 10,
        Flow.REVERSAL: 8,
        Flow.REPEAT: 8,
        Flow.RACE: 8,
    }
)
# Rare at real terminals; here often enough that each is undone, too.
_UNDOING: Final = (Flow.POINTS_VOID, Flow.INSTALMENT_VOID, Flow.COMPLETION_CANCEL)
_ASKED: Final[Mapping[Flow, int]] = MappingProxyType({Flow.QR_CONFIRM: 3, Flow.QR_UNCONFIRMED: 1})
MIXES: Final[Mapping[str, Mapping[Flow, int]]] = MappingProxyType(
    {
        "ordinary": {**WEIGHTS, **_HARD},
        "all": {
            **ALL_TYPES,
            **dict.fromkeys(_UNDOING, 4),
            **WALLETS,
            **ADVANCES,
            **_ASKED,
            **_HARD,
            Flow.SIGN_OFF: 1,
        },
        "follow-ups": {
            **ALL_TYPES,
            **dict.fromkeys(FOLLOWING, 12),
            Flow.PREAUTH: 20,
            Flow.OFFLINE: 16,
            Flow.INSTALMENT: 10,
            Flow.POINTS: 10,
            **WALLETS,
            **ADVANCES,
            **_ASKED,
        },
        "copies": {Flow.RACE: 10, Flow.REPEAT: 3, Flow.SALE_SWIPE: 3, Flow.REFUND: 2},
    }
)
"""What terminals do, by the name of the mixture; each seed draws one."""
NII_MIX: Final[Mapping[Flow, int]] = MappingProxyType(
    {**NII, **ADVANCES, Flow.VOID: 10, Flow.REVERSAL: 8}
)
"""What those of the international dialect do, whatever the others do."""
_MIX_DRAW: Final = ("ordinary", "all", "all", "all", "follow-ups", "copies")
OFFICE_PAUSES_S: Final = (0.0, 2.0, 8.0)  # between two refunds of the back office; 0: none
_RULES: Final = (
    Rules(card_day_count_max=4, refund_day_minor_max=150_000),
    Rules(terminal_day_minor_max=500_000, card_day_minor_max=300_000),
    Rules(day_count_max=25, terminal_day_count_max=10),
    Rules(day_minor_max=1_500_000, amount_max_minor=28_000),
)
"""Limits of a business day that merchants of some seeds have; small, so that they are met."""
_MORE_RULES: Final = (
    Rules(month_minor_max=1_200_000, terminal_month_count_max=12),
    Rules(card_month_count_max=5, refund_percent_max=20),
    Rules(card_day_merchants_max=1, card_month_minor_max=350_000),
)
"""Limits of a month, a share of refunds, and one card at several merchants."""
NII_TERMINALS: Final = (0, 0, 1, 3)
FORGETFUL: Final = (0, 0, 1, 2, TERMINALS_MAX)
RECONCILES: Final = ("", "0500", "0520")
LISTED: Final = ("", "", "jcb", "union-16")  # the card that is on the list of refused ones
PACE_S: Final = (0.15, 0.3, 0.6)  # between two customers of the whole house


@dataclass(frozen=True, slots=True)
class Plan:
    """What one seed is; everything a run needs beside its seed."""

    seed: int
    chaos_s: float
    workers: int
    acquirers: tuple[str, ...]
    terminals: int
    lanes: int
    pause_s: float
    stays: tuple[bool, ...]
    timers: Timers
    rates: Mapping[str, float]
    mix: str
    weights: Mapping[Flow, int]
    network_delay_s: float
    hsm_latency_s: float
    database_latency_s: float
    host_answer_s: float
    request_life_s: float
    accepts_25: bool
    office_pause_s: float = 0.0
    people: bool = False
    rules: Rules = NO_RULES
    listed_card: str = ""
    nii: int = 0  # how many terminals speak the international dialect, the first ones
    reconciles: str = ""  # as store/parties.Acquirer has it
    forgetful: int = 0  # how many terminals never end a batch, the last ones of the first dialect
    remembers: bool = True  # whether terminals end what the switch has replaced meanwhile
    converge_s: float = 900.0

    @property
    def config(self) -> Config:
        """The product's configuration."""
        return Config(workers=Workers(count=self.workers), timers=self.timers)


def draw_plan(seed: int, minutes: float, draw: Random) -> Plan:
    """Draw the plan of a seed; `minutes` is how long its chaos lasts."""
    host_s = draw.choice([2.0, 5.0, 12.0, 30.0])
    reserve = draw.choice([0.3, 0.5, 1.0])
    switch_s = host_s * (1 + reserve) + 4
    terminals = draw.randrange(2, TERMINALS_MAX + 1)
    pause_s = terminals * draw.choice(PACE_S)
    mix = draw.choice(_MIX_DRAW)
    weather = draw.choice([0.3, 1.0, 1.0, 2.0])
    rates = {
        kind: rate * weather * draw.choice([0.5, 1.0, 2.0])
        for kind, rate in RATES.items()
        if kind not in _LAST and (draw.random() < 0.65 or kind in ALWAYS)
    }
    made = Plan(
        seed=seed,
        chaos_s=minutes * 60,
        workers=draw.randrange(1, WORKERS_MAX + 1),
        acquirers=("alpha", "beta")[: draw.randrange(1, 3)],
        terminals=terminals,
        lanes=draw.choice([1, 1, 2]),
        pause_s=pause_s,
        stays=tuple(draw.random() < 0.6 for _ in range(terminals)),
        timers=Timers(
            host_s=host_s,
            switch_s=switch_s,
            terminal_s=switch_s * draw.choice([1.1, 1.5]) + 1,
            hsm_s=2.0,
            database_s=draw.choice([1.0, 2.0]),
            sent_within_s=draw.choice([2.0, 5.0]),
            reversal_retry_s=draw.choice([1.0, 5.0]),
            reversal_retry_max_s=draw.choice([20.0, 60.0]),
            echo_s=60.0,
            connect_retry_s=1.0,
            connect_retry_max_s=draw.choice([5.0, 30.0]),
        ),
        rates=rates,
        mix=mix,
        weights=MIXES[mix],
        network_delay_s=draw.choice([0.001, 0.01, 0.1]),
        hsm_latency_s=draw.choice([0.001, 0.02]),
        database_latency_s=draw.choice([0.002, 0.02]),
        host_answer_s=draw.choice([0.05, 0.5]),
        request_life_s=draw.choice([10.0, 60.0]),
        accepts_25=draw.random() < 0.5,
        office_pause_s=draw.choice(OFFICE_PAUSES_S),
        people=draw.random() < 0.5,
        rules=draw.choice(_RULES) if draw.random() < 0.25 else NO_RULES,
        listed_card=draw.choice(LISTED),
        nii=min(draw.choice(NII_TERMINALS), terminals),
        reconciles=draw.choice(RECONCILES),
    )
    last = {kind: RATES[kind] * weather for kind in sorted(_LAST) if draw.random() < 0.65}
    made = replace(made, rates={**made.rates, **last})
    if made.rules is NO_RULES and draw.random() < 0.15:
        made = replace(made, rules=draw.choice(_MORE_RULES))
    made = replace(made, forgetful=draw.choice(FORGETFUL), remembers=draw.random() < 0.7)
    # A date is reconciled once it is over, by the wall clock: it does not jump then.
    still = {kind: rate for kind, rate in made.rates.items() if kind != "clock jump"}
    return replace(made, rates=still) if made.reconciles else made
