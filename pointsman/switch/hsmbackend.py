"""The client of the HSM that the settings ask for: our own HSM, or a hardware HSM beside it.

A shell: it knows how to dial the device. What goes to the hardware is decided in
hsm/devicepart.py; both clients have the same calls.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import trio

from pointsman import config
from pointsman.hsm.client import HsmClient
from pointsman.hsm.hostclient import Device
from pointsman.hsm.listener import socket_name
from pointsman.hsm.payshield import PayshieldClient
from pointsman.hsm.policy import Role


def hsm_client(
    settings: config.Hsm,
    sockets: str | Sequence[str],
    *,
    role: str = "switch",
    timeout_s: float = 2.0,
) -> HsmClient:
    """Return a client that is not running yet; `sockets` are the software HSM's."""
    if settings.backend == "software":
        return HsmClient(sockets, role=role, timeout_s=timeout_s)
    return PayshieldClient(
        partial(_dial, settings.host, settings.port),
        sockets,
        device=Device(
            settings.lmk == "key-block", settings.lmk_id if settings.lmk_id >= 0 else None
        ),
        header_size=settings.header_size,
        role=role,
        timeout_s=timeout_s,
    )


def switch_sockets(settings: config.Hsm, directory: Path) -> tuple[str, ...]:
    """Return where the processes of the software HSM listen for the switch, the first one first."""
    return tuple(str(directory / socket_name(Role.SWITCH, n)) for n in range(settings.processes))


async def _dial(host: str, port: int) -> trio.abc.Stream:
    return await trio.open_tcp_stream(host, port)
