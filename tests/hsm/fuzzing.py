"""A seeded fuzzer for both of the HSM's interfaces: ``python -m tests.hsm.fuzzing``.

Changes valid frames and host commands, keeps those that reach new answers as parents, and fails
on an exception that is not ours, a missing answer, a secret in an answer, or good traffic that does
not work any more. The same targets run for a moment in test_fuzzing.
"""

import argparse
import json
import random
import sys
import time
import traceback

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.faults import FaultLimit
from pointsman.hsm.hostcommands import COMMANDS, Front
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.mac import cup_ecb_mac
from pointsman.hsm.pinblock import encode
from pointsman.hsm.policy import Role
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.hsm.wire import FrameError, FrameReader, frame, read_requests
from tests.hsm.laboratory import MAK, PAN, PIK, TMK, ZAK, ZMK, ZPK, Laboratory
from tests.hsm.test_hostcommands import REQUESTS, VARIANT

PARENTS_MAX = 2_000
LOOK_EVERY = 128  # executions between looks at the clock and at good traffic
SECRETS = [key.hex().upper().encode() for key in (PIK, MAK, TMK, ZPK, ZAK, ZMK)]
SECRETS += [PIK, TMK, ZPK, ZAK, ZMK]


class Bench:
    """An HSM and the good traffic that must always work."""

    def __init__(self) -> None:
        self.lab = Laboratory()
        self.lab.engine.faults = FaultLimit(faults_max=1 << 60)
        keys = self.lab
        tak, tpk = keys.key("TAK", MAK), keys.key("TPK", PIK)
        zpk, zak = keys.key("ZPK", ZPK), keys.key("ZAK", ZAK)
        tmk, zmk = keys.key("TMK", TMK), keys.key("ZMK", ZMK)
        block = encryptor(Algorithm.TDES, PIK)(encode(0, "123456", PAN))
        self.good = c.Outbound(
            c.MacCheck(tak, MacMethod.CUP_ECB, b"data", cup_ecb_mac(MAK, b"data")),
            c.PanSeal(PAN, b"row"),
            c.PinTranslate(tpk, zpk, block, PAN),
            c.HostMessage(bytes(40), 0, False, zak, MacMethod.X9_19, 32, mac_hex=False),
        )
        wrapped = encryptor(Algorithm.TDES, ZMK)(ZPK)
        requests: list[c.Request] = [
            self.good,
            c.Inbound(self.good.mac, c.MacMake(zak, MacMethod.X9_19, b"data")),
            c.NewTerminalKeys(tmk, "004"),
            c.ImportUnder(zmk, "ZPK", wrapped, b"\0\0\0"),
            c.SetState(tak, "retired"),
            c.Describe(zpk),
            c.OpenPan(bytes(40), b"row"),
            c.OpenTrack(keys.new("TDK"), "6" * 40),
            c.ExportUnder(zmk, zak, "A"),
            c.ImportBlock(keys.new("KBPK"), "ZPK", zpk),
            c.Component("e", "ZMK", "ann", 1, 2, ZMK.hex()),
            c.Rewrap((tak, tpk)),
            c.Reseal(((bytes(40), b"row"),)),
            c.VerifyPin(keys.key("ZPK_IN", ZPK), keys.key("PVK", TMK), block, PAN, "1", "0000"),
            c.AskCounters(),
        ]
        self.frames = [frame([(n, request)]) for n, request in enumerate(requests)]
        ours = HostKeys(self.lab.engine.world.random, self.lab.engine.keys, VARIANT, legacy=True)
        self.front = Front(ours, frozenset(COMMANDS))
        self.messages = [*REQUESTS, b"M600131FFFS" + zak + b"0004abcd", b"CAS" + tpk + b"S" + zpk]

    def wire(self, data: bytes) -> object:
        """Feed bytes as a peer of every role; each item must be answered."""
        kinds: list[str] = []
        try:
            for payload in FrameReader().feed(data):
                for _, request in read_requests(payload):
                    for role in Role:
                        answer = self.lab.engine.perform(role, request) if request else None
                        _look(answer)
                        kinds.append(f"{type(request).__name__} {type(answer).__name__}")
        except FrameError as fault:
            return str(fault)
        return tuple(kinds[:6])

    def host(self, data: bytes) -> object:
        """Send a host command; the answer begins with its code and a number."""
        answer = self.front.answer(data)
        assert len(answer) >= 4
        for secret in SECRETS:
            assert secret not in answer, "a secret in an answer"
        return answer[:4]

    def check_good(self) -> None:
        """A sale still works."""
        done = self.lab.ask(self.good)
        assert isinstance(done, c.OutboundDone)
        assert done.mac_ok
        assert done.pin_ok


def _look(answer: object) -> None:
    if isinstance(answer, c.KeyMade | c.Exported | c.TerminalKeys | c.OutboundDone):
        blob = frame([(0, answer)])
        for secret in SECRETS:
            assert secret not in blob, "a secret in an answer"


def mutate(parent: bytes, parents: list[bytes], random_: random.Random) -> bytes:
    """Return a changed copy: bytes set, cut, doubled, spliced; the length mended half the time."""
    data = bytearray(parent)
    for _ in range(random_.randint(1, 6)):
        if not data:
            break
        at = random_.randrange(len(data))
        match random_.randrange(6):
            case 0:
                data[at] = random_.randrange(256)
            case 1:
                data[at] ^= 1 << random_.randrange(8)
            case 2:
                del data[at : at + random_.randint(1, 8)]
            case 3:
                data[at:at] = data[at : at + random_.randint(1, 16)]
            case 4:
                other = random_.choice(parents)
                data[at:] = other[random_.randrange(len(other) + 1) :]
            case _:
                data[at:at] = random_.choice((b"\x00", b"\xff", b"0", b"F", b"\xc0", b"\xdd\xff"))
    if len(data) > 5 and random_.random() < 0.5:
        data[:4] = (len(data) - 4).to_bytes(4)
        data[4] = 1
    return bytes(data)


def run(seconds: float, seed: int) -> dict[str, int]:
    """Fuzz both interfaces for a time; raises what escaped, after printing the input."""
    random_, bench = random.Random(seed), Bench()
    parents = {"wire": list(bench.frames), "host": list(bench.messages)}
    targets = {"wire": bench.wire, "host": bench.host}
    seen: set[object] = set()
    executions, end = 0, time.monotonic() + seconds
    while True:
        name = "wire" if executions % 2 else "host"
        data = mutate(random_.choice(parents[name]), parents[name], random_)
        executions += 1
        try:
            mark = (name, targets[name](data))
            if executions % LOOK_EVERY == 0:
                bench.check_good()
                bench.lab.events.clear()
        except Exception:
            traceback.print_exc()
            sys.stdout.write(f"ESCAPE in {name}, seed {seed}: {data.hex()}\n")
            raise
        if mark not in seen:
            seen.add(mark)
            parents[name].append(data)
            if len(parents[name]) > PARENTS_MAX:
                parents[name].pop(random_.randrange(len(parents[name])))
        if executions % LOOK_EVERY == 0 and time.monotonic() > end:
            return {"executions": executions, "answers": len(seen), "seed": seed, "escapes": 0}


def main(argv: list[str]) -> int:
    """Run for some seconds; 0 when nothing escaped."""
    parser = argparse.ArgumentParser(prog="tests.hsm.fuzzing")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=8583)
    arguments = parser.parse_args(argv)
    sys.stdout.write(json.dumps(run(arguments.seconds, arguments.seed)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
