"""An acquirer that approves everything after a set delay: answers with a right MAC, keeps nothing.

``python -m bench.load.acquirers PORT FORMAT FRAMING DELAY_MS``; one process, many connections, a
plain loop over select. The delay begins when the kernel has the request and its timer has no slack:
what this process needs to wake up is its own delay, and would be told as the switch's. For
measuring the switch only: the simulator that keeps a ledger is sim/acquirer.py.
"""

import ctypes
import heapq
import select
import socket
import struct
import sys
import time

from pointsman.codecs.codec import Codec, Message, get_codec
from pointsman.codecs.framing import Envelope, FrameReader, Framing, get_framing
from pointsman.hsm.mac import x9_19

ZAK = bytes.fromhex("92CBAE529E439D623885CDE64A8CA1CE")  # the published test key
ECHOED = (2, 3, 4, 7, 11, 12, 13, 25, 32, 37, 41, 42, 49)
EMPTY = Envelope(b"", b"", b"")
SO_TIMESTAMPNS = 35  # socket(7): when the kernel had the bytes, beside them
PR_SET_TIMERSLACK = 29  # prctl(2)
STAMP = struct.Struct("@qq")


def answer(codec: Codec, message: Message) -> bytes:
    """Return the approval of a request, or the answer to a network message."""
    mti = f"{message.mti[:2]}{int(message.mti[2]) + 1}0"
    if message.mti[1] == "8":
        fields = {n: message[n] for n in (7, 11, 70) if n in message} | {39: "00"}
        return codec.encode(mti, fields)
    fields = {n: message[n] for n in ECHOED if n in message}
    fields |= {15: message[13], 38: "123456", 39: "00", 64: "0" * 16}
    encoded = codec.encode_spans(mti, fields)
    start, end = encoded.spans[64]
    mac = x9_19(ZAK, encoded.data[:start])
    tail = mac if end - start == len(mac) else mac.hex().upper().encode()
    return encoded.data[:start] + tail


def received(peer: socket.socket) -> tuple[bytes, float]:
    """Return what a peer sent, and since when the kernel has had it (monotonic)."""
    data, notes, _, _ = peer.recvmsg(65_536, socket.CMSG_SPACE(STAMP.size))
    at = time.monotonic()
    for _, kind, note in notes:
        if kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = STAMP.unpack(note)
            at -= time.time() - seconds - nanoseconds / 1e9
    return data, at


def serve(port: int, codec: Codec, framing: Framing, delay_s: float) -> None:
    """Serve until killed."""
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
    peers: dict[int, tuple[socket.socket, FrameReader]] = {}
    due: list[tuple[float, int, bytes]] = []
    print("ready", flush=True)
    while True:
        wait_s = max(0.0, due[0][0] - time.monotonic()) if due else None
        # select waits to the microsecond, epoll to the next millisecond: it would be told as ours.
        for descriptor in select.select([listener.fileno(), *peers], (), (), wait_s)[0]:
            if descriptor == listener.fileno():
                peer, _ = listener.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peer.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
                peers[peer.fileno()] = (peer, framing.reader())
                continue
            peer, reader = peers[descriptor]
            data, at = received(peer)
            if not data:
                del peers[descriptor]
                peer.close()
                continue
            for frame in reader.feed(data):
                body = answer(codec, codec.decode(frame))
                heapq.heappush(due, (at + delay_s, descriptor, framing.close(EMPTY, body)))
        now = time.monotonic()
        ready: dict[int, list[bytes]] = {}
        while due and due[0][0] <= now:
            _, descriptor, frame = heapq.heappop(due)
            ready.setdefault(descriptor, []).append(frame)
        for descriptor, frames in ready.items():
            if descriptor in peers:
                peers[descriptor][0].sendall(b"".join(frames))


if __name__ == "__main__":
    serve(
        int(sys.argv[1]),
        get_codec(sys.argv[2]),
        get_framing(sys.argv[3]),
        float(sys.argv[4]) / 1000,
    )
