"""A back end for a hardware HSM that speaks payShield-style host commands, beside our own.

A client of the software HSM that says requests whose keys are hardware references (U, X, T, S, ...)
as host commands; keys that are our own blocks, tokens and card number cipher texts stay with the
software HSM (``devicepart`` decides). Layouts are in ``hostclient``, keys in ``devicekeys``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import trio
from msgspec.structs import replace

from pointsman import log
from pointsman.hsm import commands as c
from pointsman.hsm import devicekeys, hostclient
from pointsman.hsm.client import Dial, Done, HsmClient
from pointsman.hsm.commands import HsmUnavailable, Refused
from pointsman.hsm.devicepart import (
    demand_no_dukpt,
    has_hardware,
    is_hardware,
    is_on_hardware,
    pin_command,
)
from pointsman.hsm.faults import LIMITED, FaultLimit
from pointsman.hsm.hostclient import Device, HostAnswer, HostCannotError, HostRefusedError
from pointsman.hsm.hostlink import HEADER_SIZE, HostLink
from pointsman.hsm.hostlink import Dial as DeviceDial
from pointsman.hsm.patch import place

WAITING_MAX = 2_000


@dataclass(frozen=True, slots=True)
class _Asked:
    request: c.Request
    deadline: float
    done: Done


class PayshieldClient(HsmClient):
    """Hardware for the keys it holds, the software HSM for the rest; same calls as HsmClient."""

    def __init__(
        self,
        device_dial: DeviceDial,
        path: str | Sequence[str],
        *,
        device: Device | None = None,
        header_size: int = HEADER_SIZE,
        role: str = "switch",
        timeout_s: float = 2.0,
        dial: Dial = trio.open_unix_socket,
    ) -> None:
        super().__init__(path, role=role, timeout_s=timeout_s, dial=dial)
        self._device = device or Device()
        self._link = HostLink(device_dial, header_size)
        self._wait_s = timeout_s
        self._at_device = 0
        self._faults = FaultLimit()
        self._send, self._receive = trio.open_memory_channel[_Asked](WAITING_MAX)

    @property
    def is_up(self) -> bool:
        """Whether both HSMs are connected."""
        return self._link.up.is_set() and super().is_up

    @property
    def waiting(self) -> int:
        """How many requests have no answer yet, at either."""
        return self._at_device + super().waiting

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the connections to both and serve requests until cancelled."""
        async with trio.open_nursery() as nursery:
            await nursery.start(super().run)
            nursery.start_soon(self._link.run)
            task_status.started()
            async for asked in self._receive:
                nursery.start_soon(self._serve, asked)

    def submit(self, request: c.Request, deadline: float, done: Done) -> None:
        """Ask; as ``HsmClient.submit``."""
        if not has_hardware(request):
            super().submit(request, deadline, done)
            return
        deadline = min(deadline, trio.current_time() + self._wait_s)
        try:
            self._send.send_nowait(_Asked(request, deadline, done))
            self._at_device += 1
        except trio.WouldBlock:
            trio.lowlevel.current_trio_token().run_sync_soon(
                done, HsmUnavailable("too many requests wait")
            )

    async def check_value(self, kind: str, key: bytes, deadline: float) -> str | Refused:
        """Return the check value of a key on the hardware; raises HsmUnavailable."""
        with trio.move_on_at(deadline):
            try:
                return await devicekeys.check_value(self._say, kind, key)
            except HostRefusedError as refused:
                return Refused("refused", str(refused))
        raise HsmUnavailable("no answer within the deadline")

    async def _serve(self, asked: _Asked) -> None:
        answer: c.Answer | HsmUnavailable = HsmUnavailable("the client stops")
        try:
            answer = await self._within(asked.request, asked.deadline)
        finally:
            self._at_device -= 1
            asked.done(answer)

    async def _within(self, request: c.Request, deadline: float) -> c.Answer | HsmUnavailable:
        with trio.move_on_at(deadline):
            try:
                return await self._perform(request, deadline)
            except HsmUnavailable as away:
                return away
            except (HostRefusedError, HostCannotError) as refused:
                return Refused("refused", str(refused))
            except ValueError:
                return Refused("malformed", "the hardware's answer does not fit its command")
        return HsmUnavailable("no answer within the deadline")

    async def _say(self, command: bytes) -> HostAnswer:
        return await self._link.ask(command)

    async def _perform(self, request: c.Request, deadline: float) -> c.Answer:
        match request:
            case c.Outbound():
                return await self._outbound(request, deadline)
            case c.Inbound():
                return await self._inbound(request, deadline)
            case c.ImportUnder():
                return await devicekeys.import_under(self._say, self._device, request)
            case c.NewTerminalKeys():
                return await devicekeys.new_terminal_keys(self._say, self._device, request)
            case c.NewKey():
                return await devicekeys.new_key(self._say, self._device, request)
            case _:
                raise HostCannotError("the hardware HSM has no such operation")

    async def _outbound(self, request: c.Outbound, deadline: float) -> c.Answer:
        mac_ok = pin_ok = None
        if request.mac:
            mac_ok = await self._check(request.mac, hostclient.TAK, deadline)
            if not mac_ok:
                return c.OutboundDone(mac_ok=False)
        done = c.OutboundDone()
        if request.seal:
            answer = await self.ask(c.Outbound(seal=request.seal), deadline)
            if not isinstance(answer, c.OutboundDone):
                return answer
            done = answer
        block = b""
        if request.pin:
            moved = await self._translate(request.pin, deadline)
            if isinstance(moved, Refused):
                return moved
            if moved is None:
                return replace(done, mac_ok=mac_ok, pin_ok=False)
            block, pin_ok = moved, True
        host = None
        if request.host:
            host = await self._complete(request.host, block, deadline)
        return replace(done, mac_ok=mac_ok, pin_ok=pin_ok, host=host)

    async def _inbound(self, request: c.Inbound, deadline: float) -> c.Answer:
        mac_ok, mac = None, None
        if request.mac:
            mac_ok = await self._check(request.mac, hostclient.ZAK, deadline)
            if not mac_ok:
                return c.InboundDone(mac_ok=False)
        if make := request.make:
            mac = await self._make(make, hostclient.TAK, deadline)
            mac = mac.hex().upper().encode() if make.hexed else mac
        return c.InboundDone(mac_ok, mac)

    async def _check(self, check: c.MacCheck, key_type: str, deadline: float) -> bool:
        if not is_on_hardware(check.key, check.dukpt):
            answer = await self.ask(c.Inbound(check), deadline)
            if isinstance(answer, c.InboundDone) and answer.mac_ok is not None:
                return answer.mac_ok
            raise HostRefusedError("software", "refused")
        demand_no_dukpt(check.dukpt)
        command = hostclient.check_mac(check.key, key_type, check.method, check.data, check.mac)
        if not command:
            return False
        return hostclient.checked_mac(await self._say(command + self._device.suffix))

    async def _make(self, make: c.MacMake, key_type: str, deadline: float) -> bytes:
        if not is_on_hardware(make.key, make.dukpt):
            answer = await self.ask(c.Inbound(None, replace(make, hexed=False)), deadline)
            if isinstance(answer, c.InboundDone) and answer.mac is not None:
                return answer.mac
            raise HostRefusedError("software", "refused")
        demand_no_dukpt(make.dukpt)
        command = hostclient.make_mac(make.key, key_type, make.method, make.data)
        return hostclient.made_mac(make.method, await self._say(command + self._device.suffix))

    async def _translate(self, pin: c.PinTranslate, deadline: float) -> bytes | Refused | None:
        on_hardware = is_on_hardware(pin.source, pin.dukpt)
        if on_hardware != is_hardware(pin.target):
            raise HostCannotError("both keys of a PIN must be on the hardware, or none")
        if on_hardware:
            return await self._translate_there(pin)
        room = c.HostMessage(bytes(32), 0, True, None, c.MacMethod.X9_19, 0, mac_hex=False)
        answer = await self.ask(c.Outbound(pin=pin, host=room), deadline)
        if not isinstance(answer, c.OutboundDone):
            return answer if isinstance(answer, Refused) else None
        if not answer.pin_ok:
            return None
        return bytes.fromhex((answer.host or b"").rstrip(b"\0").decode("ascii"))

    async def _translate_there(self, pin: c.PinTranslate) -> bytes | Refused | None:
        """Move a PIN on the hardware; a key with a thousand faulty blocks in an hour is closed."""
        who = self._faults.who(pin.source if pin.dukpt is None else pin.dukpt.bdk)
        if self._faults.is_closed(who, int(trio.current_time())):
            return LIMITED
        name, command = pin_command(pin)
        block = hostclient.translated_pin(name, await self._say(command + self._device.suffix))
        if block is None and self._faults.add(who, int(trio.current_time())):
            log.get().error("hsm_alarm", operation="pin", reason=LIMITED.reason)
        return block

    async def _complete(self, host: c.HostMessage, block: bytes, deadline: float) -> bytes:
        data = bytearray(host.data)
        if host.pin_offset is not None and block:
            place(data, host.pin_offset, block, hexed=host.pin_hex)
        if host.mac_key is not None:
            covered = bytes(data[host.mac_start : host.mac_end])
            make = c.MacMake(host.mac_key, host.mac_method, covered)
            mac = await self._make(make, hostclient.ZAK, deadline)
            place(data, host.mac_end, mac, hexed=host.mac_hex)
        return bytes(data)
