"""People before the console, in a process of their own: live pages, or reports one after another.

`python -m bench.load.readers streams|reports PORT` reads sessions' tokens as one line of JSON, says
``ready`` when all are connected, goes on until its input ends and prints what it saw as JSON.
"""

import json
import sys
import time
from dataclasses import dataclass, field

import trio

COOKIE = "pointsman_session"
LINE_SIZE = 65_536
REPORTS = (
    "/v1/reports/R01/result?period=30d",
    "/v1/reports/R04/result?period=30d",
    "/v1/statistics?by=hour&period=7d",
    "/v1/reports/R09/result?period=30d",
)


@dataclass
class Seen:
    """What all of them saw."""

    events: list[int] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)


def request(path: str, token: str) -> bytes:
    """Return one request of a signed-in person."""
    head = f"GET {path} HTTP/1.1\r\nhost: bench\r\ncookie: {COOKIE}={token}\r\n\r\n"
    return head.encode()


async def page(port: int, path: str, token: str, seen: Seen) -> None:
    """Ask for one page on a connection of its own."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as line:
        began = time.perf_counter()
        await line.send_all(
            request(path, token).replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
        )
        got = b""
        while more := await line.receive_some(LINE_SIZE):
            got += more
        seen.took_s.append(time.perf_counter() - began)
    told = f"{path.partition('?')[0]} {got[9:12].decode()}"
    seen.statuses[told] = seen.statuses.get(told, 0) + 1


async def live(port: int, token: str, seen: Seen, number: int) -> None:
    """Open the live page, then hold its stream; count what comes."""
    await page(port, "/live", token, seen)
    seen.events.append(0)
    while True:
        async with await trio.open_tcp_stream("127.0.0.1", port) as line:
            await line.send_all(request("/v1/stream", token))
            while more := await line.receive_some(LINE_SIZE):
                seen.events[number] += more.count(b"\nevent: payment")


async def reports(port: int, token: str, seen: Seen, number: int) -> None:
    """Ask for one report after the other."""
    while True:
        await page(port, REPORTS[number % len(REPORTS)], token, seen)
        number += 1


async def main(what: str, port: int) -> None:
    """Read until the input ends."""
    seen = Seen()
    tokens = json.loads(await trio.to_thread.run_sync(sys.stdin.readline))
    async with trio.open_nursery() as nursery:
        for number, token in enumerate(tokens):
            if what == "streams":
                nursery.start_soon(live, port, token, seen, number)
                while len(seen.events) <= number:  # noqa: ASYNC110  # one page after the other
                    await trio.sleep(0.01)
            else:
                nursery.start_soon(reports, port, token, seen, number)
        print("ready", flush=True)
        await trio.to_thread.run_sync(sys.stdin.read)
        nursery.cancel_scope.cancel()
    took = sorted(seen.took_s) or [0.0]
    found = {
        "events": sum(seen.events),
        "events_least": min(seen.events, default=0),
        "answers": len(seen.took_s),
        "p50_ms": round(took[len(took) // 2] * 1000, 1),
        "p95_ms": round(took[int(len(took) * 0.95)] * 1000, 1),
        "statuses": seen.statuses,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    trio.run(main, sys.argv[1], int(sys.argv[2]))
