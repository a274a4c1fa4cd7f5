"""A seeded fuzzer for everything that reads bytes: ``python -m tests.fuzz.run --seconds 60``.

Mutates golden messages and chip data, keeps inputs that reach new reasons or fields as parents, and
fails on any escape: an exception that is not ours, an offset outside the input, a value that does
not come back. coverage.py in this folder drives the same targets by code coverage.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections.abc import Sequence

from tests.fuzz.targets import TARGETS, Target, seeds

PARENTS_MAX = 4000  # inputs kept to mutate further
CHECK_EVERY = 256  # executions between looks at the clock
INTERESTING = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\x99", b"-", b"+", b" ", b"_", b"9", b"A")


def main(argv: list[str], targets: Sequence[Target] = TARGETS) -> int:
    """Run for some seconds or executions; 0 when nothing escaped."""
    parser = argparse.ArgumentParser(prog="tests.fuzz.run")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--executions", type=int, default=0, help="stop after so many instead")
    parser.add_argument("--seed", type=int, default=8583)
    arguments = parser.parse_args(argv)
    random_ = random.Random(arguments.seed)
    parents = list(seeds())
    seen: set[object] = set()
    executions = 0
    end = time.monotonic() + arguments.seconds
    while True:
        data = mutate(random_.choice(parents), parents, random_)
        target = targets[executions % len(targets)]
        executions += 1
        try:
            mark = target(data)
        except Exception:  # noqa: BLE001 - the outermost frame: any escape is what we look for
            traceback.print_exc()
            sys.stdout.write(f"ESCAPE in {target.__name__}, seed {arguments.seed}: {data.hex()}\n")
            return 1
        if mark not in seen:
            seen.add(mark)
            parents.append(data)
            if len(parents) > PARENTS_MAX:
                parents.pop(random_.randrange(len(parents)))
        if executions % CHECK_EVERY == 0 and (
            executions >= arguments.executions if arguments.executions else time.monotonic() > end
        ):
            break
    report = {"executions": executions, "marks": len(seen), "seed": arguments.seed, "escapes": 0}
    sys.stdout.write(json.dumps(report) + "\n")
    return 0


def mutate(parent: bytes, parents: list[bytes], random_: random.Random) -> bytes:
    """Return a changed copy: bytes set, cut, doubled, spliced, lengths of text made odd."""
    data = bytearray(parent)
    for _ in range(random_.choice((1, 1, 2, 4))):
        at = random_.randrange(len(data) + 1)
        match random_.randrange(7):
            case 0 if at < len(data):
                data[at] = random_.randrange(256)
            case 1 if at < len(data):
                data[at] ^= 1 << random_.randrange(8)
            case 2:
                del data[at : at + random_.randrange(1, 9)]
            case 3:
                data[at:at] = random_.randbytes(random_.randrange(1, 5))
            case 4:
                data[at : at + 1] = random_.choice(INTERESTING)
            case 5:
                other = random_.choice(parents)
                cut = random_.randrange(len(other) + 1)
                data[at:] = other[cut : cut + 600]
            case _:
                data[at:at] = data[at : at + random_.randrange(1, 33)]
    return bytes(data[:2000])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
