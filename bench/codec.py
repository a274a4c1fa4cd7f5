"""What a message costs: decode, peek, encode, forward, beside pyiso8583 on the same bytes.

One process, one thread, interleaved runs in both orders, CPU time by ``time.process_time_ns``;
medians with lowest and highest. The message is a chip sale with PIN of the golden set, packed and
in ASCII. Memory is what tracemalloc counts for messages held, their bytes included.
"""

import argparse
import gc
import json
import time
import tracemalloc
from collections.abc import Callable, Sequence
from statistics import median

import iso8583

from bench._report import head
from pointsman.codecs.codec import get_codec
from pointsman.codecs.pyiso import to_pyiso
from tests.codecs.golden import Golden, golden

ROUNDS = 31
CALLS = 2_000
HELD = 5_000
# What choosing an acquirer asks: card, type, amount, entry, terminal, merchant, currency.
ROUTING = (2, 3, 4, 11, 22, 25, 41, 42, 49)
KEPT = (2, 3, 4, 14, 22, 23, 25, 26, 35, 41, 42, 49, 53, 55)
HOST = {
    7: "0315021735",
    11: "004711",
    18: "5812",
    32: "00085500",
    37: "031504711111",
    52: "CDADA13D4DC5E792",
    128: "195E68937B2F4000",
}
Work = Callable[[], object]


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench codec")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args(argv)
    report = head("codec", argv, arguments.rounds)
    report |= {"unit": "us of CPU a message", "calls": CALLS}
    for name in ("cup-sale-chip-pin-req", "host-ascii-sale-req"):
        report[name] = measure(golden(name), arguments.rounds)
    report["forward"] = forward(arguments.rounds)
    report["memory"] = memory()
    if arguments.json:
        print(json.dumps(report, indent=1))
    else:
        for key, value in report.items():
            print(key, json.dumps(value))
    return 0


def measure(message: Golden, rounds: int) -> dict[str, object]:
    """Return the costs of one message, ours and theirs, and how many times as fast we are."""
    codec, body, mti, fields = get_codec(message.dialect), message.body, message.mti, message.fields
    spec = to_pyiso(codec.spec).spec
    theirs, _ = iso8583.decode(body, spec)
    assert {int(n): value for n, value in theirs.items() if n.isdecimal()} == fields
    assert codec.decode(body).fields == fields
    assert bytes(iso8583.encode(theirs, spec)[0]) == body == codec.encode(mti, fields)
    peek = codec.peeker(ROUTING)
    costs = run(
        {
            "decode": lambda: codec.decode(body),
            "decode_fields": lambda: codec.decode(body).fields,
            "peek": lambda: peek(body),
            "encode": lambda: codec.encode(mti, fields),
            "encode_spans": lambda: codec.encode_spans(mti, fields),
            "pyiso_decode": lambda: iso8583.decode(body, spec),
            "pyiso_encode": lambda: iso8583.encode(theirs, spec),
        },
        rounds,
    )
    decode, encode = costs["pyiso_decode"]["median"], costs["pyiso_encode"]["median"]
    return {
        "bytes": len(body),
        "fields": len(fields),
        "costs": costs,
        "times_as_fast": {
            "decode": round(decode / costs["decode"]["median"], 1),
            "peek": round(decode / costs["peek"]["median"], 1),
            "encode": round(encode / costs["encode"]["median"], 1),
        },
    }


def forward(rounds: int) -> dict[str, object]:
    """Return the cost of a terminal's sale sent on to an ASCII host, new STAN and PIN block."""
    message = golden("cup-sale-chip-pin-req")
    terminal, host = get_codec("cup-bcd"), get_codec("ascii87-hexbitmap")
    return {
        "costs": run(
            {
                "forward": lambda: host.forward(terminal.decode(message.body), "0200", KEPT, HOST),
                "patch": lambda: terminal.patch(terminal.decode(message.body), {11: "004711"}),
            },
            rounds,
        )
    }


def run(works: dict[str, Work], rounds: int) -> dict[str, dict[str, float]]:
    """Return median, lowest and highest cost of each work, measured in turns."""
    for work in works.values():
        for _ in range(50):
            work()
    found: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds):
            for name in list(works) if turn % 2 else reversed(list(works)):
                found[name].append(cost(works[name]))
    finally:
        gc.enable()
    return {
        name: {
            "median": round(median(costs), 2),
            "lowest": round(min(costs), 2),
            "highest": round(max(costs), 2),
        }
        for name, costs in found.items()
    }


def cost(work: Work) -> float:
    """Return microseconds of CPU for one call."""
    turns = range(CALLS)
    start = time.process_time_ns()
    for _ in turns:
        work()
    return (time.process_time_ns() - start) / CALLS / 1000


def memory() -> dict[str, int]:
    """Return the bytes that one decoded message holds, its own wire bytes included."""
    message = golden("cup-sale-chip-pin-req")
    codec = get_codec(message.dialect)
    codec.decode(message.body)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    held = [codec.decode(bytes(bytearray(message.body))) for _ in range(HELD)]
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {"bytes_a_message": (after - before) // len(held), "wire_bytes": len(message.body)}
