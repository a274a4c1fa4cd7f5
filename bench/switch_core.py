"""CPU of one step of a payment's state machine (switch/transaction.py): an event in, commands out.

Everything a step does counts: wording the acquirer's message, the record for the journal, the
terminal's answer. Decoding, HSM, journal and sockets are not in it: see switch.py and store.py. The
payment is the golden swipe sale of the tests, approved.
"""

import argparse
import json
import statistics
import sys
import time

from bench._report import head, spread
from pointsman.hsm.commands import Inbound, Outbound
from pointsman.store.records import Concluded, Recorded
from pointsman.switch.steps import AskHsm, Command, Event, HostAnswered
from tests.switch.lives import TODAY, host_answer, inbound, life, message, outbound

ROUNDS = 7
SALES = 2000
STEPS = 6  # start, HSM trip 1, commit 1, the host's answer, HSM trip 2, commit 2
LIMIT_US = 15.0
SALE = "cup-sale-swipe-pin-req"


def main(argv: list[str]) -> int:
    """Measure and print; 1 where a step costs more than its limit."""
    parser = argparse.ArgumentParser(prog="bench switch_core")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    rounds = [_round() for _ in range(ROUNDS)]
    step_us = statistics.median(rounds)
    report = head("switch_core", argv, ROUNDS) | {
        "step_cpu_us": spread(rounds),
        "limit_us": LIMIT_US,
        "steps_of_a_sale": STEPS,
    }
    if arguments.json:
        print(json.dumps(report))
    else:
        print(f"one step: {step_us:.1f} us of CPU (limit {LIMIT_US} us), median of {ROUNDS}")
    return int(step_us > LIMIT_US)


def _round() -> float:
    """Return the CPU of one step in microseconds, over many sales."""
    given, answer = message(SALE), host_answer()
    events = _events()
    lives = [life(given) for _ in range(SALES)]
    began = time.process_time()
    for one in lives:
        one.start()
        one.on(events[0])
        one.on(events[1])
        one.on(HostAnswered(answer))
        one.on(events[2])
        one.on(events[3])
    return (time.process_time() - began) / SALES / STEPS * 1e6


def _events() -> list[Event]:
    """Return what HSM and journal say, found by one run."""
    one = life(message(SALE))
    trip_1 = outbound(_request(one.start()))
    one.on(trip_1)
    one.on(Recorded(TODAY))
    trip_2 = inbound(_request(one.on(HostAnswered(host_answer()))))
    return [trip_1, Recorded(TODAY), trip_2, Concluded(tell=True)]


def _request(commands: list[Command]) -> Outbound | Inbound:
    (ask,) = commands
    assert isinstance(ask, AskHsm)
    return ask.request


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
