"""The client of the HSM that the settings ask for: our own HSM, or a hardware HSM beside it.

A shell: it knows how to dial the device. What goes to the hardware is decided in
hsm/devicepart.py; both clients have the same calls.
"""

from functools import partial

import trio

from pointsman import config
from pointsman.hsm.client import HsmClient
from pointsman.hsm.hostclient import Device
from pointsman.hsm.payshield import PayshieldClient


def hsm_client(
    settings: config.Hsm, socket: str, *, role: str = "switch", timeout_s: float = 2.0
) -> HsmClient:
    """Return a client that is not running yet; `socket` is the software HSM's."""
    if settings.backend == "software":
        return HsmClient(socket, role=role, timeout_s=timeout_s)
    return PayshieldClient(
        partial(_dial, settings.host, settings.port),
        socket,
        device=Device(
            settings.lmk == "key-block", settings.lmk_id if settings.lmk_id >= 0 else None
        ),
        header_size=settings.header_size,
        role=role,
        timeout_s=timeout_s,
    )


async def _dial(host: str, port: int) -> trio.abc.Stream:
    return await trio.open_tcp_stream(host, port)
