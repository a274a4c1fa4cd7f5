"""The HSM's own process: hardened, proved by known answers, then serving until it is told to stop.

The sockets are ``listener``; what the process asks of the kernel is ``process``; files are
``storage``.
"""

import signal
import socket
from collections.abc import Callable
from pathlib import Path

from pointsman.hsm import process, storage
from pointsman.hsm.knownanswers import run_known_answers
from pointsman.hsm.listener import Log, Server, ServerOptions
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.vault import VaultError


def run_server(
    options: ServerOptions, passphrase: Callable[[], bytes], log: Log, *, with_parent: bool = True
) -> int:
    """Run one HSM process to its end; returns an exit code.

    In laboratory mode a missing store is made. In live mode everything must be granted.
    """
    if with_parent:
        process.die_with_parent()
    granted = process.harden(lock_memory=options.lock_memory)
    if granted.missing:
        log(NOT_HARDENED, reason=", ".join(granted.missing))
    if refusal := start_refusal(options, granted.missing):
        log("hsm_not_opened", reason=refusal)
        return 1
    failed = run_known_answers()
    if failed:
        log("hsm_known_answers_failed", reason=", ".join(failed))
        return 1
    secret = passphrase()
    try:
        if options.mode is Mode.LABORATORY and not storage.exists(options.store):
            _make_store(options.store, secret)
        server = Server(options, secret, log)
    except VaultError as fault:
        log("hsm_not_opened", reason=str(fault))
        return 1
    del secret
    wake, woken = socket.socketpair()
    woken.setblocking(False)
    signal.set_wakeup_fd(woken.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    server.listen()
    log(SERVES, mode=options.mode.value, reason=PROMISE)
    server.serve(wake)
    return 0


def start_refusal(options: ServerOptions, missing: list[str]) -> str:
    """Return why this process must not serve; empty when it may. Live mode does without nothing."""
    if options.mode is not Mode.LIVE:
        return ""
    if options.host_port:
        return "the host command front is for laboratory mode"
    if Role.SIMULATOR in options.roles:
        return "the simulators' role is for laboratory mode: name --roles switch,operator"
    return f"not granted in live mode: {', '.join(missing)}" if missing else ""


NOT_HARDENED, SERVES = "hsm_not_hardened", "hsm_serves"
PROMISE = (
    "software HSM: for test, simulation, PIN-less and MAC-only use; live PIN traffic needs a "
    "certified hardware HSM behind the same interface"
)


def _make_store(store: Path, passphrase: bytes) -> None:
    try:
        storage.init_store(store, passphrase)
    except VaultError:
        if not storage.exists(store):  # else another process was first
            raise
