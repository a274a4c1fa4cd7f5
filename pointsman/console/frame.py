"""What surrounds every request: its id, its size and time, the headers that keep a browser safe.

Plain ASGI around the application. Who asks is found in gate.py; routes and their rights stand in
routes.py. Nothing of a body, a query or a cookie is logged.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import trio
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman import log
from pointsman.console import ids
from pointsman.console.counters import ConsoleMetrics
from pointsman.console.describing import API_VERSION, PROBLEM
from pointsman.console.once import HEADER
from pointsman.console.problems import Code, Problem, document, lost
from pointsman.console.tongue import is_chinese
from pointsman.effects import Effects

BODY_SIZE_MAX = 65_536
REQUEST_S_MAX = 30.0
"""A request that takes longer is given up, with what it waits for."""
STREAM_S_MAX = 330.0
"""The live stream ends itself before that (api_stream.py)."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_STATIC, _API = "/static/", "/v1/"
_STREAM = "/v1/stream"
_SAFE = frozenset({"GET", "HEAD"})
_FAILED = 500


class TooLargeError(Exception):
    """A body that passes BODY_SIZE_MAX."""


class Frame:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp, metrics: ConsoleMetrics, effects: Effects) -> None:
        self._app = app
        self._metrics = metrics
        self._effects = effects
        self.request_s_max = REQUEST_S_MAX

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = trio.current_time()
        request_id = ids.encode("req", self._effects.new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["request-id"] = request_id
                if scope["path"].startswith(_API):
                    headers["api-version"] = API_VERSION
                for name, value in limits_told(scope["state"]):
                    headers[name] = value
                if not scope["path"].startswith(_STATIC):
                    headers.setdefault("cache-control", "no-store")
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            with trio.move_on_after(self._bound_s(scope)) as span:
                await self._app(scope, _bounded(receive), tell)
            if span.cancelled_caught:
                if status:  # half an answer: what is left of it is for the connection's end
                    raise trio.TooSlowError
                log.get().warning(
                    "request_not_served",
                    request=request_id,
                    route=route_of(scope),
                    reason="given up: it took too long",
                )
                await _given_up(scope, request_id)(scope, receive, tell)
        finally:
            route = route_of(scope)
            self._metrics.requests.labels(route, f"{(status or _FAILED) // 100}xx").inc()
            self._metrics.duration.labels(route).observe(trio.current_time() - began_s)

    def _bound_s(self, scope: Scope) -> float:
        return STREAM_S_MAX if scope["path"] == _STREAM else self.request_s_max


def _given_up(scope: Scope, request_id: str) -> Response:
    """Return the answer to a request that took too long; what it changed nobody knows."""
    names = {name for name, _ in scope["headers"]}
    problem = (
        Problem(Code.JOURNAL_UNAVAILABLE, "Nothing was changed. Try again.", retry_s=2)
        if scope["method"] in _SAFE
        else lost(keyed=HEADER.encode() in names)
    )
    chinese = is_chinese(Request(scope))
    told = document(problem, path=scope["path"], request_id=request_id, chinese=chinese)
    headers = {"retry-after": str(problem.retry_s)}
    return Response(msgspec.json.encode(told), problem.kind.status, headers, PROBLEM)


def limits_told(state: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how many requests are left to the caller (draft-ietf-httpapi-ratelimit-headers)."""
    if "rate" not in state:
        return []
    policy, verdict = state["rate"]
    return [
        ("ratelimit-policy", f'"{policy.name}";q={policy.quota};w={policy.window_s}'),
        ("ratelimit", f'"{policy.name}";r={max(0, verdict.left)};t={verdict.full_in_s}'),
    ]


def _bounded(receive: Receive) -> Receive:
    size = 0

    async def take() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > BODY_SIZE_MAX:
            raise TooLargeError
        return message

    return take


def route_of(scope: Scope) -> str:
    """Return the route's pattern, never a path that somebody typed."""
    if scope["path"].startswith(_STATIC):
        return "static"
    path = getattr(scope.get("route"), "path", "none")
    return path if re.fullmatch(r"[a-z0-9_/.{}:-]*", path) else "none"
