"""The HSM's sockets, one for each role: frames in, frames out, through one engine.

One thread that waits for nothing but its sockets. What a request does is ``engine``'s; how the
process is started is ``server``. Nothing here knows a payment.
"""

import os
import secrets
import selectors
import socket
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pointsman.hsm import commands as c
from pointsman.hsm import storage
from pointsman.hsm.audit import AuditEvent, RefusalLimit
from pointsman.hsm.cards import DataKeys
from pointsman.hsm.chamber import World
from pointsman.hsm.engine import MALFORMED, Engine
from pointsman.hsm.hostcommands import COMMANDS, SWITCH_COMMANDS, Front
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.payshield_front import HostReader, answer_frame
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.primitives import Algorithm
from pointsman.hsm.wire import FrameError, FrameReader, frame, read_requests

RECEIVE_SIZE = 262_144
UNSENT_SIZE_MAX = 4 << 20  # bytes a peer may leave unread before we stop reading from it
HEADER_SIZE = 4  # of host commands
LOOPBACK = "127.0.0.1"
NOBODY = -1  # TCP tells no user
PEERS_MAX = 64  # connections on one socket


class Log(Protocol):
    """Where the server tells what an operator should know."""

    def __call__(self, event: str, **fields: object) -> None:
        """Write one event."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How one HSM process is started; ``instance`` numbers processes that share a store."""

    socket_dir: Path
    store: Path
    mode: Mode = Mode.LABORATORY
    instance: int = 0
    peer_uids: frozenset[int] = frozenset()
    roles: frozenset[Role] = frozenset(Role)
    lock_memory: bool = True
    host_port: int = 0  # 0: no host command front; it listens on 127.0.0.1, laboratory mode only
    host_commands: frozenset[str] = SWITCH_COMMANDS


def socket_name(role: Role, instance: int = 0) -> str:
    """Return the file name of a role's socket."""
    return f"{role.value}.sock" if instance == 0 else f"{role.value}-{instance}.sock"


@dataclass(slots=True)
class _Peer:
    link: socket.socket
    role: Role
    uid: int
    reader: FrameReader | HostReader
    pool: Role | None
    unsent: bytearray = field(default_factory=bytearray)


class Server:
    """Sockets in front of one engine."""

    def __init__(self, options: ServerOptions, passphrase: bytes, log: Log) -> None:
        self._options = options
        self._log = log
        opened = storage.open_store(options.store, passphrase)
        path = options.store / f"audit-{options.instance}.log"
        self._audit = storage.AuditFile(path, opened.own.audit)
        self._who = (Role.OPERATOR, os.getuid())
        self._limit = RefusalLimit()
        self.engine = Engine(
            Wrapper(opened.lmk, Algorithm.AES),
            DataKeys(opened.own.token, opened.own.pan),
            options.mode,
            World(lambda: int(time.time()), secrets.token_bytes, self._record, self._head),
            lmk_kcv=opened.lmk_kcv,
            old_lmk=Wrapper(opened.old_lmk, Algorithm.AES) if opened.old_lmk else None,
        )
        keys = HostKeys(secrets.token_bytes, self.engine.keys, lmk_kcv=opened.lmk_kcv)
        faults, clock = self.engine.faults, self.engine.world.clock
        alarm = self.engine.pin_alarm
        self._front = Front(keys, options.host_commands, faults, clock, alarm)
        self._selector = selectors.DefaultSelector()
        self._peers: dict[Role | None, int] = dict.fromkeys((*Role, None), 0)
        self._uids = options.peer_uids or frozenset({os.getuid()})
        # One for all: this process's memory is locked, and a new one of this size would be pages.
        self._received = memoryview(bytearray(RECEIVE_SIZE))
        self._stopping = False

    def listen(self) -> None:
        """Bind the sockets: each appears under its name only when all before it listen."""
        if self._options.host_port:
            self._selector.register(self._host_listener(), selectors.EVENT_READ, self._front)
        directory = self._options.socket_dir
        directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        for role in sorted(self._options.roles, key=lambda role: role.value):
            path = directory / socket_name(role, self._options.instance)
            beside = path.with_suffix(f".{os.getpid()}")
            beside.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(beside))
            beside.chmod(0o660)
            listener.listen(PEERS_MAX)
            listener.setblocking(False)
            beside.rename(path)
            self._selector.register(listener, selectors.EVENT_READ, role)

    def _host_listener(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, self._options.host_port))
        listener.listen(PEERS_MAX)
        listener.setblocking(False)
        return listener

    def stop(self) -> None:
        """Leave ``serve`` after the work at hand."""
        self._stopping = True

    def serve(self, wake: socket.socket) -> None:
        """Serve until ``stop``; a byte on ``wake`` ends a wait."""
        self._selector.register(wake, selectors.EVENT_READ, wake)
        while not self._stopping:
            for key, events in self._selector.select():
                match key.data:
                    case Role() as role:
                        self._accept(key.fileobj, role)
                    case _Peer() as peer:
                        self._serve_peer(peer, events)
                    case Front():
                        self._accept(key.fileobj, None)
                    case _:
                        wake.recv(64)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket) and key.fileobj is not wake:
                key.fileobj.close()
        self._selector.close()
        self._audit.close()

    def _accept(self, listener: object, pool: Role | None) -> None:
        """Let a peer in; ``pool`` is its role, or None for the host command front."""
        assert isinstance(listener, socket.socket)
        try:
            link, _ = listener.accept()
        except OSError:
            return  # gone again, or no descriptor left for it
        uid = _uid_of(link) if pool else NOBODY
        if (pool and uid not in self._uids) or self._peers[pool] >= PEERS_MAX:
            self._who = (pool or Role.SWITCH, uid)
            self._record(AuditEvent("connect", "refused", "peer"))
            self.engine.count("connect", "refused")
            link.close()
            return
        link.setblocking(False)
        self._peers[pool] += 1
        reader = FrameReader() if pool else HostReader(HEADER_SIZE)
        peer = _Peer(link, pool or Role.SWITCH, uid, reader, pool)
        self._selector.register(link, selectors.EVENT_READ, peer)

    def _serve_peer(self, peer: _Peer, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self._send(peer)
            if events & selectors.EVENT_READ:
                size = peer.link.recv_into(self._received)
                if not size:
                    self._drop(peer)
                    return
                for payload in peer.reader.feed(bytes(self._received[:size])):
                    peer.unsent += self._answer(peer, payload)
                self._send(peer)
        except BlockingIOError:
            pass
        except FrameError as fault:
            self._who = (peer.role, peer.uid)
            self._record(AuditEvent("frame", "refused", str(fault)))
            self.engine.count("frame", "refused")
            self._drop(peer)
        except OSError:
            self._drop(peer)
        except Exception as fault:  # noqa: BLE001  (outermost frame: one peer's fault, not the process's)
            # A bug of ours; its text might hold what the peer sent, so its class alone is told.
            self._record(AuditEvent("frame", "alarm", f"bug: {type(fault).__name__}"))
            self.engine.count("frame", "bug")
            self._drop(peer)

    def _answer(self, peer: _Peer, payload: bytes) -> bytes:
        self._who = (peer.role, peer.uid)
        if isinstance(peer.reader, HostReader):
            code = payload[HEADER_SIZE:][:2].decode("latin-1")
            self.engine.count("host command", code if code in COMMANDS else "other")
            return answer_frame(self._front, HEADER_SIZE, payload)
        answers: list[tuple[int, c.Request | c.Answer]] = []
        for number, request in read_requests(payload):
            if request is None:
                self.engine.count("request", "malformed")
                answers.append((number, MALFORMED))
            else:
                answers.append((number, self.engine.perform(peer.role, request)))
        return frame(answers)

    def _send(self, peer: _Peer) -> None:
        if peer.unsent:
            try:
                sent = peer.link.send(peer.unsent)
            except BlockingIOError:
                sent = 0
            del peer.unsent[:sent]
        wanted = selectors.EVENT_WRITE if peer.unsent else 0
        if len(peer.unsent) <= UNSENT_SIZE_MAX:
            wanted |= selectors.EVENT_READ
        if self._selector.get_key(peer.link).events != wanted:
            self._selector.modify(peer.link, wanted, peer)

    def _drop(self, peer: _Peer) -> None:
        self._peers[peer.pool] -= 1
        self._selector.unregister(peer.link)
        peer.link.close()

    def _record(self, event: AuditEvent) -> None:
        role, uid = self._who
        for each in self._limit.pass_on(int(time.time()), event):
            self._audit.append(int(time.time()), role.value, uid, each)
        if event.result == "alarm":
            self._log("hsm_alarm", operation=event.operation, reason=event.reason)

    def _head(self) -> c.Head:
        name, sequence, digest = self._audit.head
        return c.Head(name, sequence, digest)


def _uid_of(link: socket.socket) -> int:
    credentials = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])
