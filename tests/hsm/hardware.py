"""Hardware for tests: the host command front in memory, and a client between it and our engine.

Nothing here is a test.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio
from Crypto.Cipher import DES3
from trio.testing import memory_stream_pair

from pointsman.hsm.engine import Engine
from pointsman.hsm.hostclient import Device
from pointsman.hsm.hostcommands import COMMANDS, Front
from pointsman.hsm.hostfields import Fields
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.keyring import Keyring
from pointsman.hsm.lmkvariant import KeyField, VariantLmk
from pointsman.hsm.payshield import PayshieldClient
from pointsman.hsm.payshield_front import HostReader, answer_frame
from pointsman.hsm.pinblock import encode
from pointsman.hsm.policy import Role
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.hsm.wire import FrameReader, frame, read_requests
from tests.hsm.laboratory import PAN, VECTORS, Laboratory

Dial = Callable[[], Awaitable[trio.abc.Stream]]
FILE = json.loads((VECTORS / "hsm_host_messages.json").read_text())
CASES = {case["name"]: case for case in FILE["cases"]}
PAIRS = FILE["parameters"]["test_lmk_pairs_hex"]
VARIANT = VariantLmk({name: bytes.fromhex(pair) for name, pair in PAIRS.items()})


def key(key_type: str, clear: bytes) -> bytes:
    return str(VARIANT.seal(key_type, "U", clear)).encode()


async def serve_front(front: Front, stream: trio.abc.Stream) -> None:
    reader = HostReader(4)
    try:
        while data := await stream.receive_some():
            for message in reader.feed(bytes(data)):
                await stream.send_all(answer_frame(front, 4, message))
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return


async def serve_engine(engine: Engine, stream: trio.abc.Stream) -> None:
    reader = FrameReader()
    while data := await stream.receive_some():
        for payload in reader.feed(bytes(data)):
            answers = [
                (number, engine.perform(Role.SWITCH, request))
                for number, request in read_requests(payload)
                if request
            ]
            await stream.send_all(frame(answers))


@asynccontextmanager
async def both(
    lab: Laboratory, device: Device | None = None, keyring: Keyring | None = None
) -> AsyncIterator[PayshieldClient]:
    keys = HostKeys(lab.engine.world.random, keyring, None if keyring else VARIANT)
    front = Front(keys, frozenset(COMMANDS))
    async with trio.open_nursery() as nursery:

        async def dial_front() -> trio.abc.Stream:
            near, far = memory_stream_pair()
            nursery.start_soon(serve_front, front, far)
            return near

        async def dial_engine(_: str) -> trio.abc.Stream:
            near, far = memory_stream_pair()
            nursery.start_soon(serve_engine, lab.engine, far)
            return near

        client = PayshieldClient(dial_front, "", device=device, dial=dial_engine)
        await nursery.start(client.run)
        yield client
        nursery.cancel_scope.cancel()


def block_of(pin: str, clear: bytes) -> bytes:
    return encryptor(Algorithm.TDES, clear)(encode(0, pin, PAN))


def field(text: bytes) -> KeyField:
    return Fields(text).key()


def tdes(key: bytes, data: bytes) -> bytes:
    """Encipher with a library that the product's own TDES does not come from here."""
    return DES3.new(key, DES3.MODE_ECB).encrypt(data)
