"""One word to systemd, where it started us (Type=notify): READY=1, STOPPING=1.

A shell. Without NOTIFY_SOCKET in the environment nothing is said. The protocol is sd_notify(3):
one datagram of lines to a Unix socket, whose name may be abstract (a leading "@"). The unit file
itself is ops/systemd/pointsman.service.
"""

import contextlib
import os
import socket


def notify(state: str) -> None:
    """Send one state line; a socket that does not answer is no reason to stop."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name:
        return
    address = "\0" + name[1:] if name.startswith("@") else name
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender,
        contextlib.suppress(OSError),
    ):
        sender.sendto(state.encode(), address)
