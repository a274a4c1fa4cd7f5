"""The clerk's look at the HSM: heads are kept, a changed log is an alarm, ends are shown."""

from dataclasses import dataclass, field, replace

import pytest
import trio
from prometheus_client import CollectorRegistry

from pointsman import log
from pointsman.hsm import commands as c
from pointsman.hsm.policy import Role
from pointsman.metrics import ClerkMetrics
from pointsman.store.hsm_sql import Kept
from pointsman.store.parties import Acquirer, Directory
from pointsman.switch.hsmwatch import HsmWatch
from tests.hsm.laboratory import ZAK, ZPK, Laboratory

ALPHA = Acquirer("alpha", "1", "f", "f", "h", 1, True, None, None, "x9.19")
METRIC = "pointsman_key_expiry_timestamp_seconds"


@dataclass
class Asked:
    """Our engine without its process, in the switch's role."""

    laboratory: Laboratory

    async def ask(self, request: c.Request, deadline: float) -> c.Answer:
        await trio.lowlevel.checkpoint()
        return self.laboratory.ask(request, Role.SWITCH)


@dataclass
class Heads:
    """Keeps heads as the store does."""

    kept: list[tuple[str, str, int, bytes]] = field(default_factory=list)
    answer: Kept = Kept.GROWN
    tmk_ends_s: int = 0

    async def keep(self, machine: str, log: str, sequence: int, digest: bytes) -> Kept:
        await trio.lowlevel.checkpoint()
        self.kept.append((machine, log, sequence, digest))
        return self.answer

    async def first_end_of_tmks_s(self) -> int:
        await trio.lowlevel.checkpoint()
        return self.tmk_ends_s


@dataclass
class Place:
    laboratory: Laboratory = field(default_factory=Laboratory)
    heads: Heads = field(default_factory=Heads)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        metrics = ClerkMetrics(self.registry)
        self.watch = HsmWatch([Asked(self.laboratory)], self.heads, metrics, machine="m")

    def shown(self, kind: str, acquirer: str = "alpha") -> float | None:
        return self.registry.get_sample_value(METRIC, {"key_kind": kind, "acquirer": acquirer})

    async def look(self, zpk: bytes | None, zak: bytes | None, name: str = "alpha") -> None:
        acquirer = replace(ALPHA, zpk=zpk, zak=zak)
        await self.watch.show_ends(Directory(version=1, acquirers={name: acquirer}))


async def test_the_head_of_each_log_is_kept() -> None:
    place = Place()
    await place.watch.keep_heads()
    place.laboratory.new("ZAK")
    await place.watch.keep_heads()
    assert place.heads.kept == [("m", "audit-0", 0, bytes(32)), ("m", "audit-0", 1, bytes(32))]


@pytest.mark.parametrize(("kept", "alarms"), [(Kept.SAME, 0), (Kept.GROWN, 0), (Kept.CHANGED, 1)])
async def test_a_log_that_changed_behind_its_head_is_an_alarm(
    kept: Kept, alarms: int, capsys: pytest.CaptureFixture[str]
) -> None:
    log.setup("clerk")
    place = Place(heads=Heads(answer=kept))
    await place.watch.keep_heads()
    assert capsys.readouterr().err.count("hsm_log_changed") == alarms


async def test_only_keys_that_end_are_shown_and_no_longer_than_they_are_there() -> None:
    place = Place()
    lab = place.laboratory
    ends = lab.key("ZPK", ZPK, expires_s=lab.now_s + 100)
    await place.look(ends, lab.key("ZAK", ZAK))
    assert place.shown("ZPK") == lab.now_s + 100
    assert place.shown("ZAK") is None
    await place.look(lab.key("ZPK", ZPK, expires_s=lab.now_s + 900), None)
    assert place.shown("ZPK") == lab.now_s + 900
    await place.look(None, None)
    assert place.shown("ZPK") is None
    await place.look(ends, None, name="beta")
    assert place.shown("ZPK") is None
    assert place.shown("ZPK", "beta") == lab.now_s + 100


async def test_a_key_of_hardware_tells_no_end_and_is_asked_of_nobody() -> None:
    place = Place()
    await place.look(b"U" + b"0" * 32, b"S" + place.laboratory.key("ZAK", ZAK, expires_s=1))
    assert place.shown("ZPK") is None
    assert place.shown("ZAK") is None
    assert place.laboratory.reasons == []


async def test_the_first_master_key_of_the_terminals_is_one_of_them() -> None:
    place = Place()
    place.heads.tmk_ends_s = 1_900_000_000
    await place.look(None, None)
    assert place.shown("TMK", "none") == 1_900_000_000
