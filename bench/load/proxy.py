"""A proxy that does nothing: what sockets and loops cost alone, to be compared with the switch.

``python -m bench.load.proxy PORT UPSTREAM`` sends each chunk of a terminal on over one link and
gives back what returns; ``python -m bench.load.proxy PORT DELAY_MS echo`` is that link's other end,
which returns everything after a delay. No message is looked at.
"""

import select
import socket
import sys
import time
from collections import deque

_HEAD = 8  # of a chunk on the link: connection and length, four bytes each


def chunks(buffer: bytearray) -> list[tuple[int, bytes]]:
    """Cut whole chunks off a buffer: (connection, bytes)."""
    found, at = [], 0
    while len(buffer) - at >= _HEAD:
        size = int.from_bytes(buffer[at + 4 : at + _HEAD])
        if len(buffer) - at - _HEAD < size:
            break
        piece = bytes(buffer[at + _HEAD : at + _HEAD + size])
        found.append((int.from_bytes(buffer[at : at + 4]), piece))
        at += _HEAD + size
    del buffer[:at]
    return found


def proxy(port: int, upstream: int) -> None:
    """Serve until killed."""
    listener = socket.create_server(("127.0.0.1", port), backlog=4096)
    link = socket.create_connection(("127.0.0.1", upstream))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    poll = select.epoll()
    for each in (listener, link):
        poll.register(each, select.EPOLLIN)
    peers: dict[int, socket.socket] = {}
    buffer = bytearray()
    print("ready", flush=True)
    while True:
        out = []
        for descriptor, _ in poll.poll():
            if descriptor == listener.fileno():
                peer, _ = listener.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peers[peer.fileno()] = peer
                poll.register(peer, select.EPOLLIN)
            elif descriptor == link.fileno():
                buffer += link.recv(65_536)
                for number, piece in chunks(buffer):
                    if number in peers:
                        peers[number].sendall(piece)
            elif data := peers[descriptor].recv(65_536):
                out.append(descriptor.to_bytes(4) + len(data).to_bytes(4) + data)
            else:
                poll.unregister(descriptor)
                peers.pop(descriptor).close()
        if out:
            link.sendall(b"".join(out))


def echo(port: int, delay_s: float) -> None:
    """Return everything after a delay, until killed."""
    listener = socket.create_server(("127.0.0.1", port))
    print("ready", flush=True)
    link, _ = listener.accept()
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    due: deque[tuple[float, bytes]] = deque()
    while True:
        wait_s = max(0.0, due[0][0] - time.monotonic()) if due else None
        if select.select([link], [], [], wait_s)[0]:
            data = link.recv(65_536)
            if not data:
                return
            due.append((time.monotonic() + delay_s, data))
        while due and due[0][0] <= time.monotonic():
            link.sendall(due.popleft()[1])


if __name__ == "__main__":
    if sys.argv[3:] == ["echo"]:
        echo(int(sys.argv[1]), float(sys.argv[2]) / 1000)
    else:
        proxy(int(sys.argv[1]), int(sys.argv[2]))
