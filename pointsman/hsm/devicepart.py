"""Which part of a request is a hardware HSM's, by what its keys look like.

A key block of ours is the software HSM's, any other reference the hardware's. Sending is
``payshield``'s, how commands are written ``hostclient``'s.
"""

from pointsman.hsm import commands as c
from pointsman.hsm import hostclient
from pointsman.hsm.hostclient import HostCannotError, HostPin


def is_hardware(key: bytes) -> bool:
    """Tell a hardware reference from one of our own blocks, whose first letter is its version."""
    return key[:1] not in (b"", b"D")


def is_on_hardware(key: bytes, dukpt: c.Dukpt | None) -> bool:
    """Tell it of a key that may be derived: then the BDK decides."""
    return is_hardware(key if dukpt is None else dukpt.bdk)


def demand_no_dukpt(dukpt: c.Dukpt | None) -> None:
    """Raise HostCannotError for a MAC with a derived key: its command's length base is unknown."""
    if dukpt is not None:
        raise HostCannotError("the hardware makes no MAC with a derived key")


def pin_command(pin: c.PinTranslate) -> tuple[str, bytes]:
    """Return the name of the command that moves this PIN, and its text."""
    shown = HostPin(pin.block, pin.pan, (pin.source_format, pin.target_format))
    if pin.dukpt is not None:
        made = hostclient.translate_dukpt(pin.dukpt.bdk, pin.dukpt.ksn, pin.target, shown)
        return "G0", made
    name = "CC" if pin.from_zone else "CA"
    return name, hostclient.translate_pin(name, pin.source, pin.target, shown)


def has_hardware(request: c.Request) -> bool:
    """Tell what goes out as host commands; terminals' master keys are made on the hardware."""
    match request:
        case c.NewKey(usage):
            return usage == "TMK"
        case c.Outbound(mac, _, pin, host):
            return (
                (mac is not None and is_on_hardware(mac.key, mac.dukpt))
                or (pin is not None and is_on_hardware(pin.source, pin.dukpt))
                or (pin is not None and is_hardware(pin.target))
                or (host is not None and is_hardware(host.mac_key or b""))
            )
        case c.Inbound(mac, make):
            return any(is_on_hardware(part.key, part.dukpt) for part in (mac, make) if part)
        case c.ImportUnder(zmk):
            return is_hardware(zmk)
        case c.NewTerminalKeys(tmk):
            return is_hardware(tmk)
        case _:
            return False
