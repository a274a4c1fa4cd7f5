"""Performs one request: the sale's two trips here, the rest handed on by kind.

The only door to the crypto behind it. Keys are opened by ``keyring``, which asks the policy;
management requests are done in ``keyservice``, the simulators' in ``issuer``. No clock, no file:
``server`` gives what the world gives.
"""

from pointsman.hsm import commands as c
from pointsman.hsm import issuer, keyentry, keymove, keyservice, pinblock, terminalkeys
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.chamber import Chamber
from pointsman.hsm.dukpt import Use, Working
from pointsman.hsm.faults import LIMITED
from pointsman.hsm.keyheader import KeyBlockError
from pointsman.hsm.mac import MacMaker, RetailMac
from pointsman.hsm.macform import FORMS, agrees, on_wire
from pointsman.hsm.patch import place
from pointsman.hsm.pinblock import PinBlockError, PinSide
from pointsman.hsm.policy import (
    Mode,
    NotAllowed,
    Operation,
    PinRules,
    Role,
    check_cipher,
    is_allowed,
    pin_format,
)
from pointsman.hsm.primitives import Algorithm, Blocks

REFUSED = c.Refused("refused", "the HSM does not allow this")
MALFORMED = c.Refused("malformed", "the request does not fit its operation")


class Engine(Chamber):
    """One HSM, its keys ready: ``perform`` never raises for what a caller asked."""

    def perform(self, role: Role, request: c.Request) -> c.Answer:
        """Do what is asked, or say Refused: one code for every rule that was broken."""
        name = type(request).__name__
        if not is_allowed(role, request):
            return self._refuse(name, "role")
        try:
            answer = self._perform(request)
        except NotAllowed as refusal:
            return self._refuse(name, refusal.reason)
        except KeyBlockError as fault:
            return self._refuse(name, f"key block: {fault.label}")
        except (ValueError, KeyError, OverflowError):
            self.count(name, "malformed")
            return MALFORMED
        self.count(name, "refused" if isinstance(answer, c.Refused) else "ok")
        return answer

    def _refuse(self, operation: str, reason: str) -> c.Refused:
        self.count(operation, "refused")
        self.world.record(AuditEvent(operation, "refused", reason))
        return REFUSED

    def _perform(self, request: c.Request) -> c.Answer:
        match request:
            case c.Outbound():
                return self._outbound(request)
            case c.Inbound():
                return self._inbound(request)
            case c.OpenPan():
                return c.Opened(self.cards.open(request.cipher, request.row))
            case c.TokenOf():
                return c.Token(self.cards.token(request.pan))
            case c.OpenTrack():
                return issuer.open_track(self, request)
            case c.VerifyPin() | c.VerifyCryptogram() | c.VerifyCardValue():
                return issuer.perform(self, request)
            case c.NewTerminalKeys():
                return terminalkeys.new_terminal_keys(self, request)
            case c.Component():
                return keyentry.component(self, request)
            case c.Rewrap():
                return keymove.rewrap(self, request)
            case c.Reseal():
                return keymove.reseal(self, request)
            case _:
                return keyservice.perform(self, request)

    def _outbound(self, request: c.Outbound) -> c.Answer:
        mac_ok = None
        if request.mac:
            mac_ok = self.check_mac(request.mac)
            if not mac_ok:
                return c.OutboundDone(mac_ok=False)
        token = cipher = pin_ok = host = None
        if request.seal:
            token = self.cards.token(request.seal.pan)
            cipher = self.cards.seal(request.seal.pan, request.seal.row)
        block = b""
        if request.pin:
            digest = self.faults.who(request.pin.source or request.pin.target)
            if self.faults.is_closed(digest, self.world.clock()):
                self.count("pin", "limited")
                return LIMITED
            try:
                block = self._translate(request.pin)
            except PinBlockError as fault:
                self._pin_fault(digest, fault.detail)
                return c.OutboundDone(mac_ok, token, cipher, pin_ok=False)
            pin_ok = True
        if request.host:
            host = self._finish(request.host, block)
        return c.OutboundDone(mac_ok, token, cipher, pin_ok, host)

    def _inbound(self, request: c.Inbound) -> c.InboundDone:
        mac_ok = None
        if request.mac:
            mac_ok = self.check_mac(request.mac)
            if not mac_ok:
                return c.InboundDone(mac_ok=False)
        mac = None
        if request.make:
            make = request.make
            ready = self._mac_maker(make.key, make.method, make.dukpt, Use.MAC_RESPONSE)
            mac = on_wire(make.method, ready, make.data)
            if make.hexed:
                mac = mac.hex().upper().encode()
        return c.InboundDone(mac_ok, mac)

    def check_mac(self, check: c.MacCheck) -> bool:
        """Tell whether a message's MAC is right."""
        ready = self._mac_maker(check.key, check.method, check.dukpt, Use.MAC_REQUEST)
        right = agrees(check.method, ready, check.data, check.mac)
        self.count("mac_check", "ok" if right else "wrong")
        return right

    def _mac_maker(
        self, key: bytes, method: c.MacMethod, dukpt: c.Dukpt | None, use: Use
    ) -> MacMaker:
        operation = FORMS[method].operation
        if dukpt is None:
            return self.keys.mac[operation].get(key, self.world.clock())
        bdk = self.keys.derive.get(dukpt.bdk, self.world.clock())
        ready = self.dukpt.mac_maker(bdk, dukpt.ksn, use, Working[dukpt.working])
        if isinstance(ready, RetailMac) != (operation is Operation.MAC_RETAIL):
            raise NotAllowed("MAC method and derived key")
        return ready

    def pin_source(self, block: bytes, dukpt: c.Dukpt | None) -> tuple[Algorithm, Blocks]:
        """Return what deciphers an incoming PIN: a key block's key or a derived one."""
        self.demand_pin_keys_allowed()
        if dukpt is None:
            return self.keys.pin_in.get(block, self.world.clock())
        bdk = self.keys.derive.get(dukpt.bdk, self.world.clock())
        return self.dukpt.pin_decryptor(bdk, dukpt.ksn, Working[dukpt.working])

    def _translate(self, pin: c.PinTranslate) -> bytes:
        source_kind, target_kind = pin_format(pin.source_format), pin_format(pin.target_format)
        laboratory = self.mode is Mode.LABORATORY
        PinRules(laboratory, pin.format_1_in).check(source_kind, target_kind)
        source_algorithm, source = self.pin_source(pin.source, pin.dukpt)
        target_algorithm, target = self.keys.pin_out.get(pin.target, self.world.clock())
        check_cipher(source_kind, source_algorithm)
        check_cipher(target_kind, target_algorithm)
        sides = PinSide(source_kind, source), PinSide(target_kind, target)
        block = pinblock.translate(*sides, pin.block, pin.pan, self.world.random)
        self.count("pin", "ok")
        return block

    def _pin_fault(self, digest: bytes, detail: str) -> None:
        self.count("pin", "fault")
        self.world.record(AuditEvent("pin", "refused", f"PIN block: {detail}"))
        if self.faults.add(digest, self.world.clock()):
            self.pin_alarm()

    def pin_alarm(self) -> None:
        """Say that a key has used up its faulty PIN blocks."""
        self.count("pin", "alarm")
        self.world.record(AuditEvent("pin", "alarm", "limit of faults reached"))

    def _finish(self, host: c.HostMessage, block: bytes) -> bytes:
        data = bytearray(host.data)
        if host.pin_offset is not None and block:
            place(data, host.pin_offset, block, hexed=host.pin_hex)
        if host.mac_key is not None:
            if not 0 <= host.mac_start <= host.mac_end:
                raise ValueError("the MAC starts after its end")
            ready = self._mac_maker(host.mac_key, host.mac_method, None, Use.MAC_REQUEST)
            mac = on_wire(host.mac_method, ready, bytes(data[host.mac_start : host.mac_end]))
            place(data, host.mac_end, mac, hexed=host.mac_hex)
        return bytes(data)


__all__ = ["LIMITED", "MALFORMED", "REFUSED", "Engine"]
