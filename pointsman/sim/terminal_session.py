"""A simulated terminal's way to the switch: connection, sign-in, working keys, one exchange.

A shell. It knows when to sign in (at the start, when an answer says so) and keeps the line where
the terminal stays connected. Money is terminal.py's business, bytes on the line terminal_link.py's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import trio
from trio.lowlevel import checkpoint

from pointsman.codecs.codec import Message
from pointsman.sim import nii_messages, pos_management, pos_messages
from pointsman.sim.device import Device
from pointsman.sim.items import Item
from pointsman.sim.pos_answers import APPROVALS, SIGN_IN_AGAIN, Verdict, judge
from pointsman.sim.pos_messages import Sealing
from pointsman.sim.terminal_keys import KeysRefusedError, WorkingKeys, unwrap
from pointsman.sim.terminal_link import (
    SIGN_IN_WANTED,
    Address,
    Answered,
    Line,
    NoLineError,
    open_line,
)
from pointsman.sim.terminal_options import Connect, Dialect, Identity, TerminalOptions
from pointsman.sim.terminal_rows import Asked

SIGN_IN_LAYOUT: Final = "003"
KEY_SETS_KEPT: Final = 2  # answers under the set before the last sign-in still verify
RETRY_S: Final = 0.5  # before the next try of what could not be done
RECONNECT_S: Final = 0.1

OnSignIn = Callable[[str, str], Awaitable[None]]
"""Told code and batch number of each sign-in answer, before its keys are used."""


class NotSignedInError(Exception):
    """The terminal was told to stop before a sign-in succeeded."""


@dataclass(slots=True)
class Session:
    """Connection and keys of one terminal."""

    identity: Identity
    options: TerminalOptions
    address: Address
    device: Device
    on_sign_in: OnSignIn
    keys: tuple[WorkingKeys, ...] = ()
    stopping: Callable[[], bool] = field(default=lambda: False)
    trouble: Callable[[str], None] = field(default=lambda _text: None)
    """Told, once for each kind, why a sign-in does not succeed."""
    begun: bool = False
    """Whether it has ever signed in."""
    _told: str = ""
    _wanted: bool = True
    _signing_in: trio.Lock = field(default_factory=trio.Lock)
    _line: Line | None = None
    _connected: trio.Event = field(default_factory=trio.Event)

    @property
    def sealing(self) -> Sealing:
        """What seals the next message."""
        return Sealing(self.address.codec, self.keys[0], self.identity.mac)

    def request(self, asked: Asked, chip_random: bytes) -> tuple[str, dict[int, str], bytes]:
        """Return MTI, fields and bytes of a money request; `chip_random` is 12 bytes."""
        if self._is_nii:
            mti, fields = nii_messages.request(asked, chip_random, self.identity.pik)
            return mti, fields, self.address.codec.encode(mti, fields)
        sealing = self.sealing
        fields = pos_messages.request_fields(asked, sealing.keys, chip_random)
        mti = pos_messages.request_mti(asked)
        return mti, fields, sealing.seal(mti, fields)

    def reversal(self, item: Item) -> bytes:
        """Return the 0400 that undoes a request."""
        if self._is_nii:
            return self.address.codec.encode("0400", nii_messages.reversal(item))
        return self.sealing.seal("0400", pos_messages.reversal_fields(item))

    def judge(self, message: Message, fields: dict[int, str]) -> Verdict:
        """Say whether an answer is ours and true."""
        if self._is_nii:
            return nii_messages.judge(message, fields)
        return judge(message, fields, self.keys, self.identity.mac)

    @property
    def _is_nii(self) -> bool:
        return self.options.dialect is Dialect.NII

    def notice(self, code: str, requirement: int) -> None:
        """Look whether an answer's code or header wants a sign-in."""
        if code in SIGN_IN_AGAIN or requirement == SIGN_IN_WANTED:
            self.want_sign_in()

    def want_sign_in(self) -> None:
        """Sign in before the next transaction."""
        self._wanted = True

    async def sign_in(self) -> None:
        """Sign in where that is wanted, and try until it succeeds.

        Raises NotSignedInError where a try fails and the terminal was told to stop.
        """
        while self._wanted:
            async with self._signing_in:
                done = await self._sign_in_once()
            if done:
                self._told, self.begun = "", True
                return
            if self.stopping():
                raise NotSignedInError
            await trio.sleep(RETRY_S)

    async def manage(self, mti: str, fields: dict[int, str]) -> Message | None:
        """Send a message without MAC and return its answer, or None."""
        body = self.address.codec.encode(mti, fields)
        answered = await self.exchange(mti, fields.get(11) or fields[60][8:11], body)
        return answered.message if answered else None

    async def exchange(
        self, mti: str, name: str, body: bytes, *, fresh: bool = False
    ) -> Answered | None:
        """Send one message and return its answer, or None on silence or a broken line.

        ``fresh`` takes a connection of its own, which may reach another worker.
        """
        timeout_s = self.options.timeout_s
        if self.options.connect is Connect.PER_MESSAGE or fresh:
            try:
                async with open_line(self.address) as line:
                    return await line.ask(mti, name, body, timeout_s)
            except NoLineError:
                return None
        with trio.move_on_after(timeout_s):
            while self._line is None or self._line.closed.is_set():
                if self._line is None:
                    await self._connected.wait()
                else:
                    await checkpoint()  # it has just closed: `keep_line` takes it away now
        kept = self._line
        return None if kept is None else await kept.ask(mti, name, body, timeout_s)

    async def keep_line(self) -> None:
        """Keep one connection open, again and again; for terminals that stay connected."""
        while self.options.connect is Connect.STAY:
            try:
                async with open_line(self.address) as line:
                    self._line = line
                    self._connected.set()
                    await line.closed.wait()
            except NoLineError:
                await trio.sleep(RETRY_S)
            finally:
                self._line = None
                self._connected = trio.Event()
            await trio.sleep(RECONNECT_S)

    async def _sign_in_once(self) -> bool:
        if not self._wanted:
            return True  # another lane has done it meanwhile
        if self._is_nii:
            return await self._sign_on()
        answer = await self.manage(*pos_management.sign_in(self.device, self.device.next_stan()))
        if answer is None:
            return self._failed("no answer to the sign-in")
        code, batch = answer.get(39) or "", pos_management.batch_of(answer)
        keys = None
        if code in APPROVALS and batch:
            try:
                data = bytes.fromhex(answer.get(62) or "")
                keys = unwrap(self.identity.tmk, SIGN_IN_LAYOUT, data)
            except KeysRefusedError:
                code = "keys refused"
        await self.on_sign_in(code, batch if keys else "")
        if keys is None:
            return self._failed(f"the sign-in was refused: {code}")
        self.keys = (keys, *self.keys)[:KEY_SETS_KEPT]
        self._wanted = False
        return True

    def _failed(self, why: str) -> bool:
        if why != self._told:
            self._told = why
            self.trouble(why)
        return False

    async def echo(self) -> str:
        """Check the line; return field 39, or the empty text."""
        if self._is_nii:
            answer = await self.manage(*nii_messages.test(self.device))
        else:
            answer = await self.manage(*pos_management.echo(self.device))
        return (answer.get(39) or "") if answer else ""

    async def _sign_on(self) -> bool:
        """Sign on without keys; the batch's number is the terminal's own."""
        answer = await self.manage(*nii_messages.sign_on(self.device))
        code = (answer.get(39) or "") if answer is not None else ""
        if code not in APPROVALS:
            return self._failed(f"the sign-on was refused: {code or 'no answer'}")
        begun = self.device.batch.strip("0")
        await self.on_sign_in(code, self.device.batch if begun else nii_messages.FIRST_BATCH)
        self._wanted = False
        return True
