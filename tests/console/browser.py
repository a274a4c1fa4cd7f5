"""What the tests of the back office begin with: an application, people of each role, a browser."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import trio
from starlette.types import ASGIApp, Message

from pointsman.console.app import make_app, make_office
from pointsman.console.keymaking import LABORATORY, MadeKey
from pointsman.console.office import Office
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import SCOPES, Role, Scope
from pointsman.console.signing import token_hash
from pointsman.effects import Effects
from pointsman.hsm.commands import KeyMade, NewKey
from pointsman.hsm.policy import Role as HsmRole
from pointsman.store import console_people_acts as acts
from pointsman.store.console_rows import GrantRow
from tests.hsm.laboratory import ZMK, Laboratory
from tests.store.house import MID, import_site

KEY = bytes(range(32))
OTHER_MID = "898100053319999"
EFFECTS = Effects()
OPEN: list[Office] = []
"""Closed after each test by conftest.py."""
PASSWORD_HASH = "nobody signs in with this"
CSRF = "proof of every form here"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:  # noqa: ANN401  # JSON
        return json.loads(self.body)


@dataclass
class Browser:
    """Speaks ASGI to the application, keeps cookies."""

    app: ASGIApp
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    address: str = "192.0.2.7"
    patience_s: float = 0.05

    async def get(self, target: str) -> Answer:
        return await self.ask("GET", target)

    async def post(self, target: str, form: Mapping[str, str] | None = None) -> Answer:
        fields = {"csrf": CSRF, **(form or {})}
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return await self.ask("POST", target, urlencode(fields).encode(), kind)

    async def send(
        self, method: str, target: str, body: object, *, key: str = "", **more: str
    ) -> Answer:
        """Send JSON as a script of this session does."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/json", "x-csrf-token": CSRF}
        headers |= {"idempotency-key": key} if key else {}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return await self.ask(method, target, raw, headers)

    async def ask(
        self, method: str, target: str, body: bytes = b"", more: Mapping[str, str] | None = None
    ) -> Answer:
        split = urlsplit(target)
        headers = {"host": "console", **self.headers, **(more or {})}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": split.path,
            "raw_path": split.path.encode(),
            "query_string": split.query.encode(),
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            "client": (self.address, 40000),
            "server": ("console", 80),
        }
        sent: list[Message] = []

        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:  # what streams asks again: this client leaves after a moment
                await trio.sleep(self.patience_s)
                return {"type": "http.disconnect"}
            asked = True
            await trio.lowlevel.checkpoint()
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            await trio.lowlevel.checkpoint()
            sent.append(message)

        await self.app(scope, receive, send)
        found = {}
        for name, value in sent[0]["headers"]:
            found[name.decode()] = value.decode()
            if name == b"set-cookie":
                cookie, _, rest = value.decode().partition(";")
                key, _, text = cookie.partition("=")
                self.cookies[key] = text
                if "Max-Age=0" in rest:
                    del self.cookies[key]
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], found, content)


@dataclass
class LaboratoryKeys:
    """The HSM's own engine, without its process."""

    laboratory: Laboratory

    async def terminal_key(self, owner: str, under: str) -> MadeKey:
        zmk = self.laboratory.key("ZMK", ZMK) if under == LABORATORY else under.encode()
        request = NewKey("TMK", owner, under=zmk)
        await trio.lowlevel.checkpoint()
        answer = self.laboratory.ask(request, HsmRole.OPERATOR)
        if not isinstance(answer, KeyMade):
            raise Problem(Code.VALIDATION_FAILED, "transport_key: the HSM refuses it")
        return MadeKey(answer.block, answer.kcv, answer.wrapped.hex().upper())


def own_scope(role: Role, mid: str = MID, outlet: bytes = b"") -> GrantRow:
    if outlet:
        return GrantRow(role.value, Scope.OUTLET.value, mid, outlet)
    if Scope.MERCHANT in SCOPES[role]:
        return GrantRow(role.value, Scope.MERCHANT.value, mid)
    return GrantRow(role.value, Scope.PLATFORM.value, "")


async def furnished(url: str) -> Office:
    """Return an office over a database that has a site with one merchant."""
    await import_site(url)
    office = make_office(url, KEY, EFFECTS, mode="test", keys=LaboratoryKeys(Laboratory()))
    OPEN.append(office)
    return office


async def person(office: Office, role: Role, mid: str = MID, outlet: bytes = b"") -> Browser:
    """Make a person of this role with a session, past the slow door."""
    user_id, token = EFFECTS.new_id(), EFFECTS.random_bytes(32).hex()
    async with office.pool.act() as act:
        await acts.new_user(
            act,
            user_id=user_id,
            login=f"{role.value}-{user_id.hex()}",
            name="Somebody",
            password_hash=PASSWORD_HASH,
            totp=(b"sealed", 0),
            recovery_hashes=[],
            grant=own_scope(role, mid, outlet),
            given_by="test",
        )
        await acts.signed_in(act, user_id, token_hash(token), CSRF, "192.0.2.7")
    return Browser(make_app(office), {"pointsman_session": token})
