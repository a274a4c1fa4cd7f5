"""The gate before every route: who asks, how often, and whether a right reaches there.

Made of the row of routes.py; a refusal for want of a right goes into the audit trail. Sessions come
by cookie and need the form's token for what changes something; machines come with a key.
"""

import hmac
import math
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

import trio
from starlette.requests import Request

from pointsman.console import query
from pointsman.console.counters import ConsoleMetrics
from pointsman.console.problems import Code, Problem
from pointsman.console.ratelimit import API, SIGN_IN, Limiter
from pointsman.console.rights import Grant, Reach, Role, Scope, reach, rights_of
from pointsman.console.row import Row
from pointsman.console.scoping import Chosen
from pointsman.console.signing import Origin, token_hash
from pointsman.store.console_people import People
from pointsman.store.console_pool import ConsolePool, Entry
from pointsman.store.console_rows import GrantRow

COOKIE = "pointsman_session"
BROWSER_COOKIE = "pointsman_browser"
CSRF_FIELD = "csrf"
_SAFE, _STREAM = frozenset({"GET", "HEAD"}), "/v1/stream"
_KEY_PREFIX, _LIVE_KEY, _TEST_KEY = "ak_", "ak_live_", "ak_test_"
_TOKEN_SIZE_MAX, FIELDS_MAX = 200, 100
STEP_UP_S = 300.0
"""How long a code of the authenticator opens what needs one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a person by a session, or a machine by a key."""

    name: str  # a login, or a key's hint
    grants: tuple[Grant, ...]
    full_name: str = ""
    user_id: bytes = b""  # of the person, or of the one who made the key
    token: str = field(default="", repr=False)
    csrf: str = field(default="", repr=False)
    key_id: bytes = b""
    proven_s: float = math.inf  # since the second factor was shown

    @property
    def owner(self) -> str:
        """A name that no other caller has: for counting, and for keys of requests."""
        return f"key_{self.key_id.hex()}" if self.key_id else f"usr_{self.user_id.hex()}"

    @property
    def is_fresh(self) -> bool:
        """Whether the second factor was shown just now; a machine has none."""
        return self.proven_s <= STEP_UP_S

    @property
    def role(self) -> str:
        """The roles, for the audit."""
        return ",".join(sorted({grant.role.value for grant in self.grants}))


@dataclass(frozen=True, slots=True)
class Ask:
    """One request that passed: by whom, where its right reaches, with which parameters."""

    caller: Caller
    reach: Reach
    parameters: dict[str, str]
    origin: Origin
    scope: Chosen | None = None  # what its person looks at; its reach is narrowed already

    @property
    def mids(self) -> list[str] | None:
        """The merchants to look at, None for all: what every query is given."""
        return None if self.reach.mids is None else sorted(self.reach.mids)

    @property
    def outlets(self) -> list[bytes]:
        """The outlets to look at beside the merchants of `mids`."""
        return sorted(self.reach.outlets)

    def entry(self, act: str, kind: str, object_id: str, **more: Any) -> Entry:  # noqa: ANN401  # members of Entry
        """Return a row of the audit trail for what this request does."""
        caller, origin = self.caller, self.origin
        who: dict[str, Any] = {
            "role": caller.role,
            "address": origin.address,
            "request_id": origin.request_id,
        }
        return Entry(caller.name, act, kind, object_id, **who, **more)

    def require_fresh(self) -> None:
        """See that the second factor was shown just now; raises Problem."""
        if not self.caller.is_fresh:
            raise Problem(
                Code.STEP_UP_REQUIRED, "Show a code of your authenticator: POST /v1/session:step_up"
            )


NOBODY = Caller("", ())


class Gate:
    """Checks requests; one for the whole application."""

    def __init__(
        self, people: People, pool: ConsolePool, metrics: ConsoleMetrics, *, live: bool = False
    ) -> None:
        self._other_keys = _TEST_KEY if live else _LIVE_KEY
        self._people = people
        self._pool = pool
        self._metrics = metrics
        self._api = Limiter(API)
        self._sign_in = Limiter(SIGN_IN)

    async def ask(self, request: Request, row: Row) -> Ask:
        """Return what passed; raises Problem."""
        origin = origin_of(request)
        if row.public:
            if request.method not in _SAFE:
                self._count(self._sign_in, origin.address)
            parameters = query.parameters(request.query_params.multi_items(), row.parameters)
            return Ask(NOBODY, Reach(frozenset()), parameters, origin)
        caller = await self.caller(request)
        self._count(self._api, caller.owner, request)
        if request.method not in _SAFE and caller.token:
            await _check_token(request, caller)
        held = Reach(frozenset())
        request.state.ask = Ask(caller, held, {}, origin)  # a refusal is read in one's own pages
        if row.resource is not None:
            found = reach(caller.grants, row.resource, row.verb)
            if found is None:
                await self._refuse(caller, row, origin)
                needed = f"{row.resource}:{row.verb}"
                raise Problem(Code.PERMISSION_DENIED, f"This needs the right {needed}.")
            held = found
        parameters = query.parameters(request.query_params.multi_items(), row.parameters)
        return Ask(caller, held, parameters, origin)

    async def caller(self, request: Request) -> Caller:
        """Return who asks; raises Problem where it is nobody that we know."""
        given = request.headers.get("authorization", "")
        if given:
            scheme, _, key = given.partition(" ")
            if key.startswith(self._other_keys):
                raise Problem(Code.MODE_MISMATCH, "Keys of tests and of live business differ.")
            if scheme.lower() == "bearer" and key.startswith(_KEY_PREFIX):
                row = await self._people.key(token_hash(key[:_TOKEN_SIZE_MAX]))
                if row is not None:
                    _check_address(row.addresses, request)
                    grants = _grants((row.grant,), row.scopes)
                    return Caller(row.hint, grants, user_id=row.made_by, key_id=row.id)
            raise Problem(Code.UNAUTHENTICATED, "The key is not known, has expired or was revoked.")
        token = request.cookies.get(COOKIE, "")[:_TOKEN_SIZE_MAX]
        if not token:
            raise Problem(Code.UNAUTHENTICATED, "A session or an API key is needed.")
        # What a page asks by itself keeps no session from ending.
        asked = request.url.path != _STREAM and "x-unattended" not in request.headers
        session = await self._people.session(token_hash(token), used=asked)
        if session is None:
            raise Problem(Code.SESSION_EXPIRED, "Sign in again.")
        user = session.user
        who = (user.login, _grants(user.grants), user.name, user.id, token, session.csrf)
        return Caller(*who, proven_s=session.proven_s)

    def _count(self, limiter: Limiter, caller: str, request: Request | None = None) -> None:
        verdict = limiter.take(caller, trio.current_time())
        policy = limiter.policy
        if request is not None:
            request.state.rate = (policy, verdict)
        if not verdict.passes:
            self._metrics.rate_limited.labels(policy.name).inc()
            raise Problem(
                Code.RATE_LIMITED,
                f"{policy.quota} in {policy.window_s} s are allowed.",
                retry_s=verdict.retry_s,
            )

    async def _refuse(self, caller: Caller, row: Row, origin: Origin) -> None:
        self._metrics.denied.labels(row.resource or "").inc()
        entry = Ask(caller, Reach(frozenset()), {}, origin).entry(
            f"{row.resource}:{row.verb}", "route", f"{row.method} {row.path}", result="refused"
        )
        async with self._pool.act() as act:
            await act.audit(entry)


def origin_of(request: Request) -> Origin:
    """Return where the request came from; a forwarded header of a stranger is not believed."""
    host = request.client.host if request.client else ""
    try:
        address = str(ip_address(host))
    except ValueError:
        address = ""
    browser = request.cookies.get(BROWSER_COOKIE, "")[:_TOKEN_SIZE_MAX]
    return Origin(address, request.state.request_id, browser)


def _grants(rows: tuple[GrantRow, ...], scopes: tuple[str, ...] = ()) -> tuple[Grant, ...]:
    only = rights_of(scopes) if scopes else None
    return tuple(Grant(Role(row.role), Scope(row.scope), row.mid, only, row.outlet) for row in rows)


def _check_address(allowed: tuple[str, ...], request: Request) -> None:
    """See that a key is used from where it may be."""
    if allowed:
        address = origin_of(request).address
        if not any(address and ip_address(address) in ip_network(one) for one in allowed):
            raise Problem(Code.IP_NOT_ALLOWED, "The key is not for this address.")


async def _check_token(request: Request, caller: Caller) -> None:
    """See that the token is the session's: a form carries it as a field, a script as a header."""
    given = request.headers.get("x-csrf-token", "")
    if not given and _is_form(request):
        given = (await form_of(request)).get(CSRF_FIELD, "")
    if not hmac.compare_digest(given.encode(), caller.csrf.encode()):
        raise Problem(Code.CSRF, "Load the page again and send the form once more.")


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded"


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form; raises Problem for any other kind of body."""
    if not _is_form(request):
        raise Problem(Code.VALIDATION_FAILED, "A form is expected.")
    return _fields((await request.body()).decode("utf-8", "replace"))


def _fields(text: str) -> dict[str, str]:
    """Return the fields of a form; raises Problem for one that is there twice."""
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise query.invalid("form", f"at most {FIELDS_MAX} fields expected") from None
    for name, value in pairs:
        if name in found:
            raise query.invalid("form", "each field once expected")
        found[name] = value
    return found
