"""Small worlds without weather, for the tests of this room."""

from dataclasses import replace

from pointsman.sim.flow_names import Flow
from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.chance import Chance, Faults
from pointsman.sim.world.plan import Plan
from pointsman.store.parties import NO_RULES


def faults(**rates: float) -> Faults:
    """Return fault decisions of these rates; a name's underscores are blanks."""
    return Faults(Chance(1), {name.replace("_", " "): rate for name, rate in rates.items()})


def calm(seed: int, minutes: float) -> Plan:
    """Return a plan with three terminals and one worker, in which nothing goes wrong."""
    return replace(
        plan_of(seed, minutes),
        workers=1,
        terminals=3,
        stays=(False,) * 3,
        lanes=1,
        pause_s=1.0,
        rates={},
        weights={Flow.SALE_SWIPE: 1},
        office_pause_s=0.0,
        people=False,
        rules=NO_RULES,
        listed_card="",
        forgetful=0,
    )
