"""Terminals that only send and count: sales made beforehand, sent open or closed loop.

``python -m bench.load.terminals`` reads one JSON object (the task) and prints one (the figures).
Open loop: each sale has its time, and its latency counts from that time, sent late or not, so that
a switch that stalls cannot hide it. Closed loop: each connection sends its next sale when the last
one is answered. Every sale carries a right MAC and a PIN block.
"""

import json
import select
import socket
import sys
import time
from dataclasses import dataclass, field

from pointsman.codecs.codec import get_codec
from pointsman.codecs.framing import Envelope, FrameReader, get_framing
from pointsman.sim.cards import CARDS, RIGHT_PIN
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys, unwrap

TMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")  # the published test key
HEAD = Envelope(bytes.fromhex("6005010000"), bytes.fromhex("603100311003"), b"")
CODEC = get_codec("cup-bcd")
FRAMING = get_framing("tpdu-header")
CARD = CARDS["union-short"]
NO_KEYS = WorkingKeys(TMK, TMK)  # where nobody looks at MAC and PIN: the bare proxy
SILENCE_S = 10.0  # after the last sale was sent
SERVED = ("00", "echo")
SIGN_INS = 50  # at a time


@dataclass
class Terminal:
    """One terminal on its own connection, with its sales made and numbered."""

    mid: str
    tid: str
    sock: socket.socket
    reader: FrameReader = field(default_factory=FRAMING.reader)
    sales: list[bytes] = field(default_factory=list)
    sent: dict[str, float] = field(default_factory=dict)
    following: int = 0


def sign_in(terminal: Terminal) -> None:
    """Ask for keys and batch."""
    fields = {
        11: "000001",
        41: terminal.tid,
        42: terminal.mid,
        60: "00000001003",
        62: b"Sequence No06BENCH1".hex().upper(),
        63: "01 ",
    }
    terminal.sock.sendall(FRAMING.close(HEAD, CODEC.encode("0800", fields)))


def signed_in(terminal: Terminal) -> tuple[WorkingKeys, str]:
    """Wait for keys and batch."""
    reader = FRAMING.reader()
    while True:
        data = terminal.sock.recv(4096)
        if not data:
            raise SystemExit("the switch closed a connection")
        if frames := reader.feed(data):
            answer = CODEC.decode(FRAMING.open(frames[0]).body)
            if answer[39] != "00":
                raise SystemExit(f"sign-in refused: {answer[39]}")
            return unwrap(TMK, "003", bytes.fromhex(answer[62])), answer[60][2:8]


def make_sales(terminal: Terminal, keys: WorkingKeys, batch: str, count: int) -> None:
    """Make `count` stripe sales with PIN, each with its own STAN, PIN block and MAC."""
    pin_block = keys.pin_block(RIGHT_PIN, CARD.pan)
    fields = {
        3: "000000",
        4: "000000000100",
        22: "021",
        25: "00",
        26: "12",
        35: f"{CARD.pan}D30122010000012300000",
        41: terminal.tid,
        42: terminal.mid,
        49: "156",
        52: pin_block,
        53: "2600000000000000",
        60: f"22{batch}00060",
    }
    for stan in range(2, count + 2):
        whole = fields | {11: f"{stan:06d}", 64: "0" * 16}
        blank = CODEC.encode_spans("0200", whole)
        start = blank.spans[64][0]
        mac = keys.mac(MacMethod.CUP_ECB, blank.data[:start])
        terminal.sales.append(FRAMING.close(HEAD, blank.data[:start] + bytes.fromhex(mac)))


class Run:
    """One measured run over all terminals."""

    def __init__(self, terminals: list[Terminal]) -> None:
        self.terminals = terminals
        self.latencies: list[float] = []
        self.refused: list[float] = []  # latencies of what was not approved
        self.in_time: dict[str, int] = {}  # codes of what was answered before the last was sent
        self.codes: dict[str, int] = {}
        self.unsent = 0
        self._poll = select.epoll()
        self._by_descriptor = {one.sock.fileno(): one for one in terminals}
        for one in terminals:
            one.sock.setblocking(False)
            self._poll.register(one.sock, select.EPOLLIN)

    def send(self, terminal: Terminal, at: float) -> bool:
        """Send the next sale; its latency counts from `at`."""
        if terminal.following >= len(terminal.sales):
            return False
        terminal.sent[f"{terminal.following + 2:06d}"] = at
        frame = terminal.sales[terminal.following]
        terminal.following += 1
        try:
            if terminal.sock.send(frame) != len(frame):
                raise SystemExit("a socket took half a frame")
        except BlockingIOError:
            self.unsent += 1
        return True

    def receive(self, wait_s: float, *, closed: bool) -> None:
        """Take answers; in a closed loop each sends the next sale."""
        for descriptor, _ in self._poll.poll(max(0.0, wait_s)):
            terminal = self._by_descriptor[descriptor]
            data = terminal.sock.recv(65_536)
            now = time.monotonic()
            if not data:
                raise SystemExit("the switch closed a connection")
            for frame in terminal.reader.feed(data):
                answer = CODEC.peek(FRAMING.open(frame).body, (11, 39))
                code = answer.get(39) or "echo"
                served = code in SERVED
                took = now - terminal.sent.pop(answer[11])
                (self.latencies if served else self.refused).append(took)
                self.codes[code] = self.codes.get(code, 0) + 1
                if closed and not self.send(terminal, now):
                    raise SystemExit("too few sales were made")

    def closed_loop(self, seconds: float, connections: int) -> float:
        """Keep one sale of each of the first terminals in flight; return how long it took."""
        began = time.monotonic()
        for terminal in self.terminals[:connections]:
            self.send(terminal, began)
        while time.monotonic() - began < seconds:
            self.receive(0.1, closed=True)
        took = time.monotonic() - began
        self.in_time = dict(self.codes)
        self.drain()
        return took

    def open_loop(self, rate: float, seconds: float, connections: int) -> float:
        """Send `rate` sales a second, each at its time; return how long it took."""
        terminals = self.terminals[:connections]
        began = time.monotonic()
        total = int(rate * seconds)
        for number in range(total):
            at = began + number / rate
            while True:
                wait_s = at - time.monotonic()
                self.receive(wait_s, closed=False)
                if at <= time.monotonic():
                    break
            if not self.send(terminals[number % len(terminals)], at):
                raise SystemExit("too few sales were made")
        took = time.monotonic() - began
        self.in_time = dict(self.codes)
        self.drain()
        return took

    def drain(self) -> None:
        """Wait for what is still in flight."""
        until = time.monotonic() + SILENCE_S
        while any(one.sent for one in self.terminals) and time.monotonic() < until:
            self.receive(0.1, closed=False)


def hold(idle: list[socket.socket], count: int, port: int) -> None:
    """Have so many connections that say nothing."""
    while len(idle) > count:
        idle.pop().close()
    while len(idle) < count:
        idle.append(socket.create_connection(("127.0.0.1", port)))
    time.sleep(1.0)


def main() -> int:
    """Do the task on standard input."""
    task = json.loads(sys.stdin.readline())
    terminals = []
    for mid, tid in task["terminals"]:
        sock = socket.create_connection(("127.0.0.1", task["port"]))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        terminals.append(Terminal(mid, tid, sock))
    for number, terminal in enumerate(terminals):
        if not task["echo"] and number % SIGN_INS == 0:
            for one in terminals[number : number + SIGN_INS]:
                sign_in(one)
        keys, batch = (NO_KEYS, "000001") if task["echo"] else signed_in(terminal)
        # The first terminals are used most.
        group = next(group for group in task["groups"] if number < group["to"])
        make_sales(terminal, keys, batch, group["sales"])
    run = Run(terminals)
    print(json.dumps({"event": "ready"}), flush=True)
    idle: list[socket.socket] = []
    for line in sys.stdin:
        step = json.loads(line)
        run.latencies.clear()
        run.refused.clear()
        run.codes.clear()
        began_cpu = time.process_time()
        if step["mode"] == "closed":
            took = run.closed_loop(step["seconds"], step["connections"])
        elif step["mode"] == "open":
            took = run.open_loop(step["rate"], step["seconds"], step["connections"])
        else:
            took = 0.0
            hold(idle, step["count"], task["port"])
        figures = {
            "event": "done",
            "sales": len(run.latencies) + len(run.refused),
            "seconds": took,
            "cpu_s": time.process_time() - began_cpu,
            "unanswered": sum(len(one.sent) for one in terminals),
            "unsent": run.unsent,
            "codes": run.codes,
            "in_time": run.in_time,
            "latencies_us": [int(value * 1e6) for value in sorted(run.latencies)],
            "refused_us": [int(value * 1e6) for value in sorted(run.refused)],
        }
        print(json.dumps(figures), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
