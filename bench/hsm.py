"""What the HSM costs: each operation beside psec and plain cryptography, a sale through the socket.

CPU time of this thread, median of 31 rounds, contenders of one operation interleaved. The sale is
measured as CPU of a real HSM process (user and system ticks), requests in batches of 16. Memory is
the process's resident set with 50,000 terminals' keys ready.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from socket import AF_UNIX, socket

from bench._hsm_operations import STUDY, TIMES_MAX, operations
from bench._report import head, spread
from pointsman.hsm import commands as c
from pointsman.hsm import pinblock
from pointsman.hsm.mac import cup_ecb_mac
from pointsman.hsm.policy import Role
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.hsm.wire import FrameReader, frame, read_answers
from tests.hsm.laboratory import MAK, OTHER_PAN, PAN, PIK, ZAK, ZPK, Laboratory
from tests.hsm.processes import HsmProcess, hsm

ROUNDS = 31
BATCH = 16
SALE_ROUNDS = 7
SALE_TERMINALS = 24_576


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench hsm")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--sales", type=int, default=16_000)
    parser.add_argument("--terminals", type=int, default=50_000)
    parser.add_argument("--rewrap", type=int, default=20_000, help="keys to re-wrap")
    arguments = parser.parse_args(argv)
    report = head("hsm", argv, arguments.rounds) | {
        "unit": "us of CPU",
        "tuned_from": STUDY,
        "times_tuned_max": TIMES_MAX,
        "operations": operations(arguments.rounds),
        "sale": sale(arguments.sales, 1),
        "sale_of_many_terminals": sale(arguments.sales, SALE_TERMINALS),
        "memory": memory(arguments.terminals, c.MacMethod.CUP_ECB),
        "memory_x9_19": memory(arguments.terminals, c.MacMethod.X9_19),
        "rewrap": rewrap(arguments.rewrap),
    }
    if arguments.json:
        print(json.dumps(report, indent=1))
    else:
        for name, value in report.items():
            print(name, json.dumps(value))
    return 0


def sale(count: int, terminals: int) -> dict[str, object]:
    """Measure combined sale operations through the socket: CPU of the HSM process and rate.

    The sales go round so many terminals; of more than 20,000 none has its ciphers ready.
    """
    with tempfile.TemporaryDirectory() as directory, hsm(Path(directory)) as process:
        with _connect(process, "simulator") as link:
            zpk, zak = _blocks(_batch(link, [c.ImportKey(*each) for each in _ZONE]))
            requests: list[c.Request] = []
            while len(requests) < terminals:
                taks = _blocks(_batch(link, [c.ImportKey("TAK", MAK.hex())] * BATCH))
                tpks = _blocks(_batch(link, [c.ImportKey("TPK", PIK.hex())] * BATCH))
                requests += map(_sale_request, taks, tpks, [zpk] * BATCH, [zak] * BATCH)
        if terminals == 1:
            requests = requests[:1] * BATCH
        batches = range(0, len(requests), BATCH)
        data = [frame(enumerate(requests[at : at + BATCH])) for at in batches]
        used_us, rates = [], []
        with _connect(process) as link:
            _exchange(link, data, max(len(data), 2_000 // BATCH))
            for _ in range(SALE_ROUNDS):
                before, started = _ticks(process), time.perf_counter()
                _exchange(link, data, count // BATCH)
                rates.append(count / (time.perf_counter() - started))
                used = _ticks(process) - before
                used_us.append(used / os.sysconf("SC_CLK_TCK") / count * 1e6)
    return {
        "sales": count,
        "rounds": SALE_ROUNDS,
        "batch": BATCH,
        "terminals": terminals,
        "hsm_cpu_us": spread(used_us),
        "rate_per_s": spread(rates),
    }


def memory(terminals: int, method: c.MacMethod) -> dict[str, float]:
    """Measure the HSM process with two keys a terminal ready to use."""
    with (
        tempfile.TemporaryDirectory() as directory,
        hsm(Path(directory)) as process,
        _connect(process) as link,
    ):
        tmk = _ask(link, c.NewKey("TMK"))
        zpk = _ask(link, c.NewKey("ZPK"))
        assert isinstance(tmk, c.KeyMade)
        assert isinstance(zpk, c.KeyMade)
        before = _resident_mb(process)
        for _ in range(0, terminals, 100):
            sign_in = c.NewTerminalKeys(tmk.block, "003", method=method)
            for answer in _batch(link, [sign_in] * 100):
                assert isinstance(answer, c.TerminalKeys)
                check = c.MacCheck(answer.tak, method, b"x", bytes(8))
                pin = c.PinTranslate(answer.tpk, zpk.block, bytes(8), PAN)
                _batch(link, [c.Inbound(check), c.Outbound(pin=pin)])
        counters = _ask(link, c.AskCounters())
        assert isinstance(counters, c.Counters)
        return {
            "terminals": terminals,
            "keys_ready": counters.keys_cached,
            "resident_mb": _resident_mb(process),
            "resident_before_mb": before,
        }


def rewrap(count: int) -> dict[str, float]:
    """Measure a change of LMK: blocks opened under the old and sealed under the new one."""
    old = Laboratory()
    blocks = tuple(old.new("TPK") for _ in range(1_000))
    lab = Laboratory(lmk=b"\x18" * 32, old_lmk=old.lmk)
    started = time.thread_time()
    for _ in range(0, count, 1_000):
        answer = lab.engine.perform(_OPERATOR, c.Rewrap(blocks))
        assert isinstance(answer, c.Rewrapped)
        assert all(answer.blocks)
    used_s = time.thread_time() - started
    seal = c.Outbound(seal=c.PanSeal(PAN, b"row"))
    sealed = [lab.ask(seal) for _ in range(1_000)]
    items = tuple(
        (done.cipher or b"", b"row") for done in sealed if isinstance(done, c.OutboundDone)
    )
    started = time.thread_time()
    for _ in range(0, count, 1_000):
        lab.engine.perform(_OPERATOR, c.Reseal(items))
    reseal_s = time.thread_time() - started
    return {
        "keys": count,
        "key_us": round(used_s / count * 1e6, 1),
        "million_keys_s": round(used_s / count * 1e6, 1),
        "card_number_us": round(reseal_s / count * 1e6, 1),
        "million_card_numbers_s": round(reseal_s / count * 1e6, 1),
    }


_OPERATOR = Role.OPERATOR
_ZONE = (("ZPK", ZPK.hex()), ("ZAK", ZAK.hex()))


def _sale_request(tak: bytes, tpk: bytes, zpk: bytes, zak: bytes) -> c.Outbound:
    message = b"m" * 250
    block = encryptor(Algorithm.TDES, PIK)(pinblock.encode(0, "123456", OTHER_PAN))
    return c.Outbound(
        c.MacCheck(tak, c.MacMethod.CUP_ECB, message, cup_ecb_mac(MAK, message)),
        c.PanSeal(OTHER_PAN, b"transactions/0123456789abcdef/pan"),
        c.PinTranslate(tpk, zpk, block, OTHER_PAN),
        c.HostMessage(bytes(300), 100, False, zak, c.MacMethod.X9_19, 292, mac_hex=False),
    )


def _connect(process: HsmProcess, role: str = "switch") -> socket:
    link = socket(AF_UNIX)
    link.connect(str(process.sockets / f"{role}.sock"))
    return link


def _ask(link: socket, request: c.Request) -> c.Answer:
    return _batch(link, [request])[0]


def _batch(link: socket, requests: list[c.Request]) -> list[c.Answer]:
    link.sendall(frame(enumerate(requests)))
    reader, answers = FrameReader(), list[c.Answer]()
    while len(answers) < len(requests):
        for payload in reader.feed(link.recv(1 << 20)):
            answers += [answer for _, answer in read_answers(payload) if answer is not None]
    return answers


def _blocks(answers: list[c.Answer]) -> list[bytes]:
    made = [answer.block for answer in answers if isinstance(answer, c.KeyMade)]
    assert len(made) == len(answers)
    return made


def _exchange(link: socket, data: list[bytes], times: int) -> None:
    """Send batches one after the other, round and round; the last answer is looked at."""
    reader = FrameReader()
    answer = b""
    for _, batch in zip(range(times), cycle(data), strict=False):
        link.sendall(batch)
        found: list[bytes] = []
        while not found:
            found = reader.feed(link.recv(1 << 20))
        answer = found[0]
    for _, each in read_answers(answer):
        assert isinstance(each, c.OutboundDone)
        assert each.mac_ok
        assert each.pin_ok


def _ticks(process: HsmProcess) -> int:
    fields = Path(f"/proc/{process.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def _resident_mb(process: HsmProcess) -> float:
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)
