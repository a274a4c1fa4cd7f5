"""The HSM that a switch in tests has: our own, or hardware and its client with ours beside it.

A test that has the fixture ``backend`` runs once with each. What hardware cannot do by its nature,
and which tests ask no HSM at all, stands here by name. Nothing here is a test.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import trio

from pointsman.codecs.codec import Message
from pointsman.hsm import commands as c
from pointsman.hsm.hostclient import Device
from pointsman.hsm.mac import cup_ecb_mac, x9_19
from pointsman.hsm.payshield import PayshieldClient
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys
from tests.codecs.golden import Golden
from tests.hsm.hardware import both
from tests.hsm.laboratory import MAK, MAK_DOUBLE, PIK, Laboratory
from tests.switch.owed_house import BACKEND, Backend

# Terminals whose keys are on hardware sign with X9.19: these it has no command for, so their keys
# are our own HSM's in either case, and hsm/test_payshield.py and test_devicekeys.py hold that they
# are refused. They are tested with our own HSM, beside every method of theirs, in tests/hsm.
HARDWARE_CANNOT: dict[str, str] = {
    "cup-ecb": "the UnionPay POS MAC is in no host command",
    "cmac": "the number of CMAC in M6 and M8 differs between firmware levels",
    "cbc-sm4": "SM4 is in no host command",
    "iso-4": "the layout of AES PIN blocks differs between firmware levels",
    "dukpt-mac": "the length of GW's data is not defined alike",
    "sign-in 001, 002, 004": "TPK and TAK are made by A0 as double length, which is layout 003",
    "tell again": "a device tells a working key once",
}
# Modules of tests/switch that import what belongs to the HSM and still need no run with each.
ASKS_NO_HSM: dict[str, str] = {
    "test_zonekeys.py": "zone keys under a ZMK come into our own HSM; a device has its own command",
    "test_hostile_dialects.py": "broken messages: most are refused before an HSM is asked",
    "test_chip_rules.py": "chip data passes the HSM by; sales run with each elsewhere",
    "test_follow_up_rules.py": "what the store allows; sales and refunds run with each elsewhere",
    "test_ownseal.py": "that a key is made once; niidesk's flows run with each",
    "test_golden_answers.py": "sign-in 004 is one of them; their flows run with each elsewhere",
    "test_conductor.py": "the HSM's answers are scripted: the order of steps is tested",
    "test_errands.py": "the HSM's answers are scripted: the errands' decisions are tested",
    "test_transaction.py": "a state machine without an HSM: its requests are values",
    "test_transaction_diagram.py": "the same state machine, drawn",
    "test_linkset.py": "nothing is owed, so the HSM that is given is never asked",
    "test_answering.py": "the HSM's answers are scripted: when an answer leaves is tested",
    "test_desk.py": "names of MAC methods alone",
    "test_worker.py": "a process's life; a codec is all it takes from whole.py",
    "test_hsmwatch.py": "the software HSM's log and blocks: hardware has neither",
    "test_hsmbackend.py": "which of the two clients the settings make",
    "test_hsmcounters.py": "our HSM's own counters",
}


@dataclass
class EngineHsm:
    """Our engine without its process; an answer comes after the call."""

    laboratory: Laboratory

    def submit(self, request: Any, _deadline: float, done: Callable[[Any], None]) -> None:  # noqa: ANN401
        answer = self.laboratory.ask(request)
        trio.lowlevel.current_trio_token().run_sync_soon(done, answer)

    async def ask(self, request: c.Request, _deadline: float) -> c.Answer:
        await trio.lowlevel.checkpoint()
        return self.laboratory.ask(request)


@dataclass
class SwitchHsm:
    """What a switch asks, and how the keys are called that it is given."""

    laboratory: Laboratory
    client: EngineHsm | PayshieldClient
    device: Laboratory | None = None

    def key(self, usage: str, clear: bytes) -> bytes:
        """Return our block of a key, or the device's reference to it."""
        if self.device is None:
            return self.laboratory.key(usage, clear)
        return b"S" + self.device.key(usage, clear)

    def tak(self) -> bytes:
        """Return the terminals' MAC key for `mac_method`."""
        if self.device is None:
            return self.key("TAK", MAK)
        return self.key("TAK_X9_19", MAK_DOUBLE)

    @property
    def method(self) -> MacMethod:
        """The same as the simulated terminals name it."""
        return MacMethod(self.mac_method)

    @property
    def working_keys(self) -> WorkingKeys:
        """The terminals' keys, clear."""
        return WorkingKeys(PIK, MAK if self.device is None else MAK_DOUBLE)

    @property
    def mac_method(self) -> str:
        """The method that the terminals of this house sign with."""
        return "cup-ecb" if self.device is None else "x9.19"

    def wire(self, message: Golden) -> bytes:
        """Return a golden message's bytes with a MAC by `mac_method` in the last eight."""
        if self.device is None or 64 not in message.fields:
            return message.wire
        assert cup_ecb_mac(MAK, message.body[:-8]) == message.body[-8:]
        return message.wire[:-8] + x9_19(MAK_DOUBLE, message.body[:-8])

    def signed(self, message: Message) -> bool:
        """Tell whether an answer to a terminal has the right MAC."""
        return self.working_keys.verifies(self.method, message)


@asynccontextmanager
async def switch_hsm(laboratory: Laboratory) -> AsyncIterator[SwitchHsm]:
    """Give the HSM that the test runs with."""
    if BACKEND.get() is Backend.SOFTWARE:
        yield SwitchHsm(laboratory, EngineHsm(laboratory))
        return
    device = Laboratory(lmk=b"\x2a" * 32)
    async with both(laboratory, Device(key_blocks=True, lmk_id=0), device.engine.keys) as client:
        yield SwitchHsm(laboratory, client, device)
