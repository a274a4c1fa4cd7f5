"""A back end for a hardware HSM that speaks payShield-style host commands, in place of our own.

Same interface as ``HsmClient``: requests whose keys are hardware references (U, X, T, S, ...) are
spoken as host commands; keys that are our own blocks, tokens and card number cipher texts stay with
the software HSM behind it. Layouts are in ``hostclient``.
"""

from dataclasses import dataclass, replace

import trio

from pointsman.hsm import commands as c
from pointsman.hsm import hostclient
from pointsman.hsm.client import Done, HsmClient
from pointsman.hsm.commands import HsmUnavailable, Refused
from pointsman.hsm.hostclient import HostRefusedError
from pointsman.hsm.hostlink import Dial, HostLink
from pointsman.hsm.patch import place

WAITING_MAX = 2_000
NOT_HARDWARE = Refused("refused", "the hardware HSM has no such operation")


def is_hardware(key: bytes) -> bool:
    """Tell a hardware reference from one of our own blocks, whose first letter is its version."""
    return key[:1] not in (b"", b"D")


@dataclass(frozen=True, slots=True)
class _Asked:
    request: c.Request
    deadline: float
    done: Done


class PayshieldClient:
    """Hardware for the keys it holds, the software HSM for the rest; same calls as HsmClient."""

    def __init__(self, dial: Dial, soft: HsmClient, *, timeout_s: float = 2.0) -> None:
        self._link = HostLink(dial)
        self._soft = soft
        self._timeout_s = timeout_s
        self._send, self._receive = trio.open_memory_channel[_Asked](WAITING_MAX)

    @property
    def is_up(self) -> bool:
        """Whether both HSMs are connected."""
        return self._link.up.is_set() and self._soft.is_up

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the connections and serve requests until cancelled; run the software client too."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._soft.run)
            nursery.start_soon(self._link.run)
            task_status.started()
            async for asked in self._receive:
                nursery.start_soon(self._serve, asked)

    def submit(self, request: c.Request, deadline: float, done: Done) -> None:
        """Ask; as ``HsmClient.submit``."""
        if not _has_hardware(request):
            self._soft.submit(request, deadline, done)
            return
        deadline = min(deadline, trio.current_time() + self._timeout_s)
        try:
            self._send.send_nowait(_Asked(request, deadline, done))
        except trio.WouldBlock:
            trio.lowlevel.current_trio_token().run_sync_soon(
                done, HsmUnavailable("too many requests wait")
            )

    async def ask(self, request: c.Request, deadline: float) -> c.Answer:
        """Ask and wait; raises HsmUnavailable."""
        if not _has_hardware(request):
            return await self._soft.ask(request, deadline)
        answer = await self._within(request, deadline)
        if isinstance(answer, HsmUnavailable):
            raise answer
        return answer

    async def _serve(self, asked: _Asked) -> None:
        asked.done(await self._within(asked.request, asked.deadline))

    async def _within(self, request: c.Request, deadline: float) -> c.Answer | HsmUnavailable:
        deadline = min(deadline, trio.current_time() + self._timeout_s)
        with trio.move_on_at(deadline):
            try:
                return await self._perform(request, deadline)
            except HsmUnavailable as away:
                return away
            except HostRefusedError as refused:
                return Refused("refused", str(refused))
            except ValueError:
                return NOT_HARDWARE
        return HsmUnavailable("no answer within the deadline")

    async def _perform(self, request: c.Request, deadline: float) -> c.Answer:
        match request:
            case c.Outbound():
                return await self._outbound(request, deadline)
            case c.Inbound():
                return await self._inbound(request, deadline)
            case c.ImportUnder():
                return await self._import(request)
            case c.NewTerminalKeys():
                return await self._terminal_keys(request)
            case _:
                return NOT_HARDWARE

    async def _outbound(self, request: c.Outbound, deadline: float) -> c.Answer:
        mac_ok = pin_ok = None
        if request.mac:
            mac_ok = await self._check(request.mac, hostclient.TAK, deadline)
            if not mac_ok:
                return c.OutboundDone(mac_ok=False)
        done = c.OutboundDone()
        if request.seal:
            answer = await self._soft.ask(c.Outbound(seal=request.seal), deadline)
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
            host = await self._finish(request.host, block, deadline)
        return replace(done, mac_ok=mac_ok, pin_ok=pin_ok, host=host)

    async def _inbound(self, request: c.Inbound, deadline: float) -> c.Answer:
        mac_ok, mac = None, None
        if request.mac:
            mac_ok = await self._check(request.mac, hostclient.ZAK, deadline)
            if not mac_ok:
                return c.InboundDone(mac_ok=False)
        if make := request.make:
            mac = await self._make(make.key, hostclient.TAK, make.method, make.data, deadline)
            mac = mac.hex().upper().encode() if make.hexed else mac
        return c.InboundDone(mac_ok, mac)

    async def _check(self, check: c.MacCheck, key_type: str, deadline: float) -> bool:
        if not is_hardware(check.key):
            answer = await self._soft.ask(c.Inbound(check), deadline)
            if isinstance(answer, c.InboundDone) and answer.mac_ok is not None:
                return answer.mac_ok
            raise HostRefusedError("software", "refused")
        command = hostclient.check_mac(check.key, key_type, check.method, check.data, check.mac)
        return hostclient.checked_mac(await self._link.ask(command))

    async def _make(
        self, key: bytes, key_type: str, method: c.MacMethod, data: bytes, deadline: float
    ) -> bytes:
        if not is_hardware(key):
            answer = await self._soft.ask(c.Inbound(None, c.MacMake(key, method, data)), deadline)
            if isinstance(answer, c.InboundDone) and answer.mac is not None:
                return answer.mac
            raise HostRefusedError("software", "refused")
        command = hostclient.make_mac(key, key_type, method, data)
        return hostclient.made_mac(method, await self._link.ask(command))

    async def _translate(self, pin: c.PinTranslate, deadline: float) -> bytes | Refused | None:
        if is_hardware(pin.source) != is_hardware(pin.target) or pin.dukpt is not None:
            return NOT_HARDWARE
        if is_hardware(pin.source):
            formats = pin.source_format, pin.target_format
            command = hostclient.translate_pin(pin.source, pin.target, pin.block, pin.pan, formats)
            return hostclient.translated_pin(await self._link.ask(command))
        room = c.HostMessage(bytes(16), 0, True, None, c.MacMethod.X9_19, 0, mac_hex=False)
        answer = await self._soft.ask(c.Outbound(pin=pin, host=room), deadline)
        if isinstance(answer, c.OutboundDone):
            return bytes.fromhex((answer.host or b"").decode("ascii")) if answer.pin_ok else None
        return NOT_HARDWARE

    async def _finish(self, host: c.HostMessage, block: bytes, deadline: float) -> bytes:
        data = bytearray(host.data)
        if host.pin_offset is not None and block:
            place(data, host.pin_offset, block, hexed=host.pin_hex)
        if host.mac_key is not None:
            covered = bytes(data[host.mac_start : host.mac_end])
            mac = await self._make(host.mac_key, hostclient.ZAK, host.mac_method, covered, deadline)
            place(data, host.mac_end, mac, hexed=host.mac_hex)
        return bytes(data)

    async def _import(self, request: c.ImportUnder) -> c.Answer:
        key_type = {"ZPK": "001", "ZAK": "008", "TPK": "002"}.get(request.usage)
        if key_type is None:
            return NOT_HARDWARE
        command = hostclient.import_under(key_type, request.zmk, request.wrapped, "U")
        answer = await self._link.ask(command)
        if answer.code not in ("00", "01"):
            raise HostRefusedError("A6", answer.code)
        size = hostclient.key_length(answer.data)
        kcv = answer.data[size : size + 6].decode("ascii")
        if bytes.fromhex(kcv)[: len(request.kcv)] != request.kcv[:3]:
            return Refused("refused", "the check value does not agree")
        return c.KeyMade(answer.data[:size], kcv)

    async def _terminal_keys(self, request: c.NewTerminalKeys) -> c.Answer:
        if request.layout != "003" or request.method is not c.MacMethod.X9_19 or request.again:
            return NOT_HARDWARE
        field62, keys, kcvs = b"", [], []
        for key_type in ("002", "003"):
            answer = await self._link.ask(
                hostclient.generate(key_type, "U", ("1", request.tmk, "X"))
            )
            if answer.code != "00":
                raise HostRefusedError("A0", answer.code)
            size = hostclient.key_length(answer.data)
            key, wrapped = answer.data[:size], answer.data[size : size + 33]
            value = await self._link.ask(hostclient.check_value(key_type, key))
            if value.code != "00":
                raise HostRefusedError("BU", value.code)
            keys.append(key)
            kcvs.append(value.data[:6].decode("ascii"))
            field62 += bytes.fromhex((wrapped[1:] + value.data[:8]).decode("ascii"))
        return c.TerminalKeys(keys[0], keys[1], None, field62, tuple(kcvs))


def _has_hardware(request: c.Request) -> bool:
    return any(map(is_hardware, _keys(request)))


def _keys(request: c.Request) -> list[bytes]:
    match request:
        case c.Outbound(mac, _, pin, host):
            keys = [mac.key] if mac else []
            keys += [pin.source, pin.target] if pin else []
            return [*keys, host.mac_key] if host and host.mac_key else keys
        case c.Inbound(mac, make):
            return [part.key for part in (mac, make) if part]
        case c.ImportUnder(zmk):
            return [zmk]
        case c.NewTerminalKeys(tmk):
            return [tmk]
        case _:
            return []
