"""How many seeds a planted bug survives: `python -m tests.simulation.hunt` tells it for each.

With `--record FILE` the counts and their median are put into the file of the campaign.
"""

import argparse
import statistics
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from pointsman.sim.flow_names import Flow
from pointsman.sim.world import campaign
from pointsman.sim.world.plan import MIXES, TERMINALS_MAX, Plan
from pointsman.sim.world.world import Options, run_world
from pointsman.store.parties import Rules
from tests.simulation.planted import BUGS

SEEDS_MAX = 50
MINUTES = 1.5
# Bugs of commits need commits that go wrong: every seed has this weather then.
BAD_COMMITS: Mapping[str, float] = MappingProxyType(
    {"commit done late": 0.12, "commit lost done": 0.12, "commit slow": 0.1}
)
SLOW_COPIES: Mapping[str, float] = MappingProxyType(
    {"reset": 0.1, "commit slow": 0.2, "commit hangs after": 0.1, "worker crash": 0.15}
)
ADJUSTED: Mapping[Flow, int] = MappingProxyType(
    {Flow.OFFLINE: 2, Flow.ADJUST: 6, Flow.SALE_SWIPE: 1}
)


FORGOTTEN: Mapping[Flow, int] = MappingProxyType({**MIXES["all"], Flow.VOID_CLOSED: 30})
# What a bug with this word in its name needs; its rates are added to those of the seed.
WEATHER: Mapping[str, Mapping[str, Any]] = MappingProxyType(  # Any: members of a plan
    {
        "unknown_commit": {"rates": BAD_COMMITS},
        "copy": {"mix": "copies", "weights": MIXES["copies"], "workers": 3, "rates": SLOW_COPIES},
        "forgotten": {
            "weights": FORGOTTEN,
            "forgetful": TERMINALS_MAX,
            "rates": {"day close": 0.3},
        },
        "posting": {"rates": {"day close": 0.2}},
        "people": {
            "rates": {"host silent": 0.3, "host reversal-refused": 0.7},
            "people": True,
            "chaos_s": 240.0,
            "converge_s": 900.0,
        },
        "month": {"rates": {"day close": 0.2}, "rules": Rules(month_minor_max=400_000)},
        "left_open": {"rates": {"host unclear": 0.1}},
        "limit": {"rules": Rules(day_minor_max=300_000, terminal_day_count_max=15)},
        "order": {"weights": {Flow.WALLET_ORDER: 3, Flow.SALE_SWIPE: 1}},
        "told_again": {"office_pause_s": 1.0, "rates": {"office answer lost": 0.3}},
        "listed": {"listed_card": "jcb"},
        "adjustment": {"rates": {"host silent": 0.3}, "mix": "follow-ups", "weights": ADJUSTED},
    }
)


def plan_for(name: str, seed: int) -> Plan:
    """Return the plan of a seed, with the weather that a bug of this kind needs."""
    plan = replace(campaign.plan_of(seed, MINUTES), converge_s=400.0)
    change = dict(next((WEATHER[word] for word in WEATHER if word in name), {}))
    rates = change.pop("rates", {})
    kept = {} if change.get("mix") == "copies" else plan.rates
    return replace(plan, rates={**kept, **rates}, **change)


def breaks(seed: int, name: str) -> bool:
    """Run one seed; say whether a promise broke. The bug is planted by the caller."""
    options = Options(stop_at_violation=True)
    return bool(run_world(plan_for(name, seed), options).violations)


def seeds_needed(name: str) -> int:
    """Plant a bug and count the seeds until it is caught; 0 where fifty saw nothing."""
    with pytest.MonkeyPatch.context() as patch:
        BUGS[name](patch.setattr)
        return next((seed for seed in range(1, SEEDS_MAX + 1) if breaks(seed, name)), 0)


def main() -> None:
    """Count for every bug, print, and record where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, metavar="FILE")
    parser.add_argument("--commit", default="")
    arguments = parser.parse_args()
    seeds = {}
    for name in BUGS:
        seeds[name] = seeds_needed(name)
        sys.stdout.write(f"{name}: {seeds[name] or 'not caught'}\n")
    caught = [count for count in seeds.values() if count]
    found = {
        "commit": arguments.commit,
        "bugs": len(seeds),
        "caught": len(caught),
        "median_seeds": statistics.median(caught),
        "seeds": seeds,
    }
    median = found["median_seeds"]
    sys.stdout.write(f"{len(caught)} of {len(seeds)} caught, median {median:g} seeds\n")
    if arguments.record is not None:
        before = msgspec.json.decode(arguments.record.read_bytes())
        campaign.write(arguments.record, {**before, "planted": found})


if __name__ == "__main__":
    main()
