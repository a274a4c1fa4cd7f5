"""The route of the live stream (server-sent events), and its page.

What is sent is in wire.py; a session that ends is seen at the next reconnection, which the browser
makes within STREAM_S_MAX.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import trio
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pointsman.console import pages, scoping
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.problems import Code, Problem
from pointsman.console.query import invalid
from pointsman.console.wire import READERS_MAX, RETRY_MS
from pointsman.store.console_tail import Tail

STREAM_S_MAX = 300.0
"""Then the client comes again and is asked who it is: a session that ended sees nothing more."""
TOPICS = frozenset({"payments"})
_ID_SIZE_MAX = 60


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the stream and its page."""
    routes = Routes(app, office)

    async def stream(ask: Ask, request: Request) -> Response:
        """Send payments as they change, of a merchant or one outlet of it where one is named.

        `Last-Event-ID` continues behind the last one seen.
        """
        given = ask.parameters
        topics = given.get("topics", "payments")
        if set(topics.split(",")) - TOPICS:
            raise invalid("topics", f"one of {', '.join(sorted(TOPICS))} expected")
        reach = ask.reach
        if "mid" in given or "outlet" in given:
            scope = scoping.chosen("/".join([given.get("mid", ""), *_outlet(given)]))
            narrowed = None if scope is None else await office.scoped(reach, scope)
            if narrowed is None:
                raise Problem(Code.NOT_FOUND, "There is no such merchant or outlet.")
            reach = narrowed
        if office.wire.readers >= READERS_MAX:
            raise Problem(
                Code.RATE_LIMITED, f"{READERS_MAX} streams are open.", retry_s=RETRY_MS // 1000
            )
        last_id = request.headers.get("last-event-id", "")[:_ID_SIZE_MAX]

        async def bounded() -> AsyncGenerator[bytes, None]:
            ends_at = trio.current_time() + STREAM_S_MAX
            async with aclosing(office.wire.stream(reach, last_id)) as events:
                async for event in events:
                    yield event
                    if trio.current_time() > ends_at:
                        return

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(bounded(), media_type="text/event-stream", headers=headers)

    async def live(ask: Ask, request: Request) -> Response:
        found = await office.reading.payments(ask)
        mids = None if ask.mids is None else [*ask.mids, *ask.reach.neighbours]
        shown = {one["acquirer"] for one in found["data"] if one["acquirer"]}
        found["acquirers"] = sorted({*await Tail(office.pool).acquirers(mids), *shown})
        return await pages.show(office, request, "live.html", found, ask)

    routes.add("GET", "/v1/stream", stream)
    routes.add("GET", "/live", live, shown=False)


def _outlet(given: Mapping[str, str]) -> list[str]:
    return [given["outlet"]] if "outlet" in given else []
