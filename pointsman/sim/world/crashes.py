"""Crash points, every one of them: a flow is run once to count seams, then again for each.

A core over world.py's `run_world`. A seam is where a process touches the world: a call of the
database, a commit, an HSM request, bytes to an acquirer or a terminal. The process dies before the
seam, or right after it; pairs die again in their second life.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from msgspec import structs

from pointsman.sim.flow_names import Flow
from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.outcome import Outcome
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.process import SeamCount
from pointsman.sim.world.world import Options, run_world
from pointsman.store.parties import NO_RULES

# Each begins with what it needs; the last word is the flow itself.
FLOWS: Final = MappingProxyType(
    {
        "sale by stripe": (Flow.SALE_SWIPE,),
        "sale by chip": (Flow.SALE_CHIP,),
        "contactless sale": (Flow.SALE_CONTACTLESS,),
        "keyed sale": (Flow.SALE_KEYED,),
        "payment code": (Flow.SALE_QR,),
        "payment that is confirmed": (Flow.QR_CONFIRM,),
        "payment that is not confirmed": (Flow.QR_UNCONFIRMED,),
        "void": (Flow.SALE_SWIPE, Flow.VOID),
        "refund": (Flow.SALE_CHIP, Flow.REFUND),
        "refund of a part": (Flow.SALE_CHIP, Flow.REFUND_PART),
        "refund asked for": (Flow.SALE_CHIP, Flow.REFUND_REQUEST),
        "reversal": (Flow.REVERSAL, Flow.SALE_SWIPE),
        "cash advance": (Flow.CASH,),
        "declined sale": (Flow.DECLINED,),
        "repeat": (Flow.REPEAT,),
        "two copies at once": (Flow.RACE,),
        "silent host": (Flow.SILENT, Flow.ECHO),
        "pre-authorisation": (Flow.PREAUTH,),
        "more is held": (Flow.PREAUTH, Flow.PREAUTH_MORE),
        "what is held is let go": (Flow.PREAUTH, Flow.PREAUTH_CANCEL),
        "completion": (Flow.PREAUTH, Flow.COMPLETION),
        "completion advice": (Flow.PREAUTH, Flow.COMPLETION_ADVICE),
        "completion cancelled": (Flow.PREAUTH, Flow.COMPLETION, Flow.COMPLETION_CANCEL),
        "off-line sale": (Flow.OFFLINE,),
        "adjustment": (Flow.OFFLINE, Flow.ADJUST),
        "tip": (Flow.SALE_CHIP, Flow.TIP),
        "electronic cash": (Flow.ECASH,),
        "instalments": (Flow.INSTALMENT,),
        "instalments voided": (Flow.INSTALMENT, Flow.INSTALMENT_VOID),
        "points": (Flow.POINTS,),
        "points voided": (Flow.POINTS, Flow.POINTS_VOID),
        "order": (Flow.WALLET_ORDER,),
        "wallet's code": (Flow.WALLET_PAY,),
        "wallet's refund": (Flow.WALLET_PAY, Flow.WALLET_REFUND),
        "balance": (Flow.BALANCE,),
        "international sale": (Flow.SALE_CHIP,),
        "international cash advance": (Flow.CASH,),
        "international void": (Flow.SALE_SWIPE, Flow.VOID),
        "international refund": (Flow.SALE_CHIP, Flow.REFUND_REQUEST),
        "international reversal": (Flow.REVERSAL, Flow.SALE_SWIPE),
        "international off-line sale": (Flow.OFFLINE,),
        "international tip": (Flow.SALE_CHIP, Flow.TIP),
        "international pre-authorisation": (Flow.PREAUTH,),
        "script result": (Flow.SALE_CHIP, Flow.SCRIPT_RESULT),
        "refund of the back office": (Flow.SALE_CHIP,),
        "forgotten batch": (Flow.SALE_CHIP, Flow.REVERSAL, Flow.SALE_SWIPE),
        "reconciliation": (Flow.SALE_CHIP, Flow.REFUND),
        "reconciliation advice": (Flow.SALE_CHIP, Flow.REFUND),
    }
)
INTERNATIONAL: Final = "international"  # by a terminal of that dialect
OF_CLERK: Final = frozenset({"forgotten batch"})
"""Flows whose crashes are the clerk's: what closes days, and batches by force."""
OFFICE: Final = "refund of the back office"
RECONCILED: Final = MappingProxyType({"reconciliation": "0500", "reconciliation advice": "0520"})
"""Flows of the night, and the message that tells totals in them; the day before is not counted."""
HOST_S: Final = 12.0  # time for a customer to confirm; the other timers as plan.py orders them
PAIRS: Final = ("sale by stripe", "refund", "reversal")
PAIR_STEP: Final = 9  # seams to the second crash, and three and six times as many
BACKGROUND: Final = frozenset(
    f"call {verb}" for verb in ("due", "directory", "overdue", "lease_numbers", "beat")
)


@dataclass(frozen=True, slots=True)
class Point:
    """One enumerated crash: a flow, and where its process dies."""

    flow: str
    seam: str
    number: int
    after: bool
    second: int = 0  # the further crash of a pair

    @property
    def seams(self) -> SeamCount:
        """What makes the process die there."""
        one = frozenset({self.number})
        both = frozenset({self.number, self.second} - {0})
        before = frozenset({self.second} - {0}) if self.after else both
        return SeamCount(before, one if self.after else frozenset(), counting=True)


def quiet_plan(flow: str) -> Plan:
    """Return a plan without weather: one worker, one terminal, one acquirer."""
    plan = plan_of(1, 5.0)
    return replace(
        plan,
        seed=sum(map(ord, flow)),
        workers=1,
        acquirers=("alpha",),
        terminals=1,
        lanes=1,
        stays=(False,),
        rates={},
        network_delay_s=0.01,
        hsm_latency_s=0.001,
        database_latency_s=0.002,
        host_answer_s=0.05,
        request_life_s=10.0,
        pause_s=1.0,
        timers=structs.replace(
            plan.timers, host_s=HOST_S, switch_s=2 * HOST_S, terminal_s=3 * HOST_S
        ),
        office_pause_s=0.0,
        people=False,
        rules=NO_RULES,
        listed_card="",
        nii=1 if flow.startswith(INTERNATIONAL) else 0,
        reconciles=RECONCILED.get(flow, ""),
        forgetful=1 if flow in OF_CLERK else 0,
    )


def run_flow(flow: str, seams: SeamCount) -> Outcome:
    """Run one flow, its batch's settlement and the two closings of the day after it."""
    script = (tuple(one.value for one in FLOWS[flow]),)
    ours = flow in OF_CLERK
    options = Options(
        seams=SeamCount() if ours else seams,
        clerk_seams=seams if ours else SeamCount(),
        script=script,
        gives_back=flow == OFFICE,
        counts_night=flow in RECONCILED,
    )
    return run_world(quiet_plan(flow), options)


def points(flow: str) -> Iterator[Point]:
    """Yield every crash point of a flow, before and after each seam."""
    counted = SeamCount(counting=True)
    run_flow(flow, counted)
    for number, seam in enumerate(counted.passed, 1):
        if seam not in BACKGROUND:
            yield Point(flow, seam, number, after=False)
            yield Point(flow, seam, number, after=True)


def pairs(flow: str, step: int) -> Iterator[Point]:
    """Yield crash points with a second crash some seams later, in the next life."""
    for point in points(flow):
        if not point.after:
            for later in (step, 3 * step, 6 * step):
                yield replace(point, second=point.number + later)


def every_pair(flow: str) -> Iterator[Point]:
    """Yield each crash point together with each seam that the next life passes after it."""
    for point in points(flow):
        seams = point.seams
        run_flow(flow, seams)
        for later in range(point.number + 1, len(seams.passed) + 1):
            if seams.passed[later - 1] not in BACKGROUND:
                yield replace(point, second=later)


@dataclass(slots=True)
class Survived:
    """How many crashes of one flow were tried, and which broke a promise."""

    points: int = 0
    pairs: int = 0
    where: list[str] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """How many broke a promise."""
        return len(self.where)


def survived(flow: str, *, all_pairs: bool) -> Survived:
    """Run every crash point of a flow; and with each, where it is asked for, every second one."""
    found = Survived()
    for point in points(flow):
        found.points += 1
        _try(point, found)
    for point in every_pair(flow) if all_pairs and flow in PAIRS else ():
        found.pairs += 1
        _try(point, found)
    return found


def _try(point: Point, found: Survived) -> None:
    outcome = run_flow(point.flow, point.seams)
    if outcome.violations:
        found.where.append(f"{point}: {outcome.violations[0]}")
