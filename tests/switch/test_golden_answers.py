"""Every golden request of a terminal, sent over TCP in its context, has the golden answer.

Compared are the fields that are there and those whose value is fixed: what is echoed, codes.
Where there is no golden answer to a request its type and code are. Keys, numbers and references are
this house's; a follow-up quotes what its original was really answered.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.codecs.track import parse_track2
from pointsman.sim.cards import RIGHT_PIN
from pointsman.sim.issuer import DECLINES
from pointsman.sim.moods import BY_AMOUNT
from pointsman.store.parties import Downloads
from tests.codecs.golden import Golden, golden, golden_messages
from tests.switch.whole import (
    BATCH,
    MID,
    NII,
    NII_TID,
    POS,
    TID,
    WALLET,
    Listening,
    Pos,
    Whole,
    whole,
)

FIXED = (3, 4, 11, 25, 39, 41, 42, 49)  # equal to the golden answer, where both have it
SALE = "cup-sale-swipe-pin-req"
HELD = "cup-preauth-req"
CODES = {"cup-wallet-1xxx": WALLET, "nii-bcd": NII}

# The golden answers differ among themselves in these. By terminal-protocol 4 field 2 goes back
# unless it was keyed in, 38 when approved, the switch's clock, reference and acquirer always.
MAY_LACK: dict[str, set[int]] = {
    "cup-refund-req": {2},
    "cup-preauth-complete-req": {2},
    # Told before the acquirer heard of it: nobody has named the issuer.
    "cup-offline-sale-advice-req": {2, 44},
}
MAY_ADD: dict[str, set[int]] = {
    "cup-void-req": {38},
    "cup-refund-req": {38},
    "cup-qr-c2b-sale-req": {38},
    "cup-preauth-req": {23},
    "wallet-qr-order-req": {12, 13, 15, 32, 37},
}
# request: what goes before it, its golden answer, the code where there is none of these.
ANSWERED: dict[str, tuple[Sequence[str], str]] = {
    "cup-sale-swipe-pin-req": ((), "cup-sale-swipe-pin-resp"),
    "cup-void-req": ((SALE,), "cup-void-resp"),
    "cup-refund-req": ((SALE,), "cup-refund-resp"),
    "cup-preauth-req": ((), "cup-preauth-resp"),
    "cup-preauth-complete-req": ((HELD,), "cup-preauth-complete-resp"),
    "cup-offline-sale-advice-req": ((), "cup-offline-sale-advice-resp"),
    "cup-qr-c2b-sale-req": ((), "cup-qr-c2b-sale-resp"),
    "cup-reversal-sale-req": ((SALE,), "cup-reversal-sale-resp"),
    "cup-signin-req-004": ((), "cup-signin-resp-004"),
    "cup-signin-req-003-real": ((), "cup-signin-resp-003-real"),
    "cup-signoff-req": ((), "cup-signoff-resp"),
    "cup-echo-req": ((), "cup-echo-resp"),
    "cup-batch-upload-201-req": ((), "cup-batch-upload-201-resp"),
    "cup-batch-end-202-req": ((), "cup-batch-end-202-resp"),
    "cup-param-download-req": ((), "cup-param-download-resp"),
    "cup-capk-list-req": ((), "cup-capk-list-resp"),
    "cup-capk-download-req": ((), "cup-capk-download-resp-real"),
    "cup-settle-req": ((), "cup-settle-resp-unbalanced"),
    "wallet-qr-order-req": ((), "wallet-qr-order-resp"),
}
CODED: dict[str, tuple[Sequence[str], str]] = {
    "cup-balance-chip-req": ((), "00"),
    "cup-balance-req-real": ((), "54"),  # a dump of 2017
    "cup-sale-chip-pin-req": ((), "00"),
    "cup-sale-contactless-req-real": ((), "00"),
    "cup-sale-fallback-req": ((), "00"),
    "cup-sale-manual-req": ((), "00"),
    "cup-sale-swipe-req-real": ((), "54"),  # a dump of 2015
    "cup-instalment-sale-req": ((), "00"),
    "cup-preauth-cancel-req": ((HELD,), "00"),
    "cup-preauth-complete-advice-req": ((HELD,), "00"),
    "cup-preauth-complete-cancel-req": ((HELD, "cup-preauth-complete-req"), "00"),
    "cup-offline-adjust-req": (("cup-offline-sale-advice-req",), "00"),
    "cup-tip-adjust-req": ((SALE,), "00"),
    "cup-script-result-req": (("cup-sale-chip-pin-req",), "00"),
    "cup-qr-void-req": (("cup-qr-c2b-sale-req",), "00"),
    "cup-qr-refund-req": (("cup-qr-c2b-sale-req",), "00"),
    "cup-qr-reversal-req": (("cup-qr-c2b-sale-req",), "00"),
    "cup-reversal-chip-req-real": ((), "25"),
    "cup-reversal-mac-reason-req": ((SALE,), "00"),
    "cup-reversal-preauth-req": ((HELD,), "00"),
    "cup-reversal-void-req": ((SALE, "cup-void-req"), "00"),
    "cup-settle-req-real": ((), ""),
    "cup-batch-upload-refund-req": ((), "00"),
    "cup-batch-upload-tc-203-req": ((), "00"),
    "cup-batch-end-207-req": ((), "00"),
    "cup-aid-list-req": ((), "00"),
    "cup-aid-download-req": ((), "00"),
    "cup-capk-download-end-req": ((), "00"),
    "wallet-barcode-pay-req": ((), "00"),
    "wallet-query-req": (("wallet-qr-order-req",), "00"),
    "nii-sale-repeat-0201-req": ((), "00"),
    "nii-void-req-real": (("nii-sale-repeat-0201-req",), "00"),
    "nii-reversal-req-real": (("nii-sale-repeat-0201-req",), "00"),
    "nii-settlement-trailer-960000-req": ((), "00"),
    "nii-tc-upload-0320-req": (("nii-sale-repeat-0201-req",), "00"),
}
ELSEWHERE: dict[str, str] = {
    "cup-signin-req-003-noframe-real": "the bytes of another, without their frame",
    "nii-sale-chip-req-real": "three ASCII digits of length: a dialect that no listener has",
    "bbva-sale-p2pe-req-real": "another acquirer's own dialect",
}


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


def requests() -> set[str]:
    """Return the names of all golden requests of terminals."""
    return {
        one.name
        for one in golden_messages()
        if not one.name.startswith(("host-", "edge-"))
        and int(one.mti[2]) % 2 == 0
        and "resp" not in one.name
    }


def test_every_golden_request_of_a_terminal_is_sent() -> None:
    assert requests() == {*ANSWERED, *CODED, *ELSEWHERE}


class Scene:
    """What was answered so far, by the STAN of its request."""

    def __init__(self, house: Whole, pos: Pos) -> None:
        self.house = house
        self.pos = pos
        self.told: dict[str, Message] = {}
        self.last: Message | None = None

    async def send(self, name: str, **changes: str) -> Message:
        """Send one golden request as this house's terminal would; ``f4=...`` changes field 4."""
        chosen = golden(name)
        codec = CODES.get(chosen.dialect, POS)
        changed = {int(number[1:]): value for number, value in changes.items()}
        fields = self.fields(chosen) | changed
        mac = None if codec is not NII else False
        answer = await self.pos.ask(chosen.mti, fields, codec=codec, mac=mac)
        self.told[fields.get(11, "")] = self.last = answer
        return answer

    def fields(self, chosen: Golden) -> dict[int, str]:
        fields = dict(chosen.fields) | {41: TID, 42: MID}
        if chosen.dialect == "nii-bcd":
            return self._nii(chosen, fields)
        if 60 in fields:
            fields[60] = fields[60][:2] + BATCH + fields[60][8:]
        if 52 in fields:
            pan = fields.get(2) or parse_track2(fields[35]).pan
            fields[52] = self.pos.keys.pin_block(RIGHT_PIN, pan)
        if chosen.dialect == "cup-wallet-1xxx" and 61 in fields and self.last is not None:
            fields[61] = self.last[61]
        original = self.last
        if original is not None and 61 in fields and chosen.dialect != "cup-wallet-1xxx":
            original = self.told.get(fields[61][6:12], original)
        if int(fields.get(4, "0")) % 100 in {*BY_AMOUNT, *DECLINES}:
            fields[4] = fields[4][:-2] + "50"  # of which the simulated acquirer has no opinion
        if chosen.mti == "0400" and original is not None and fields[11] not in self.told:
            fields[11] = original[11]
        if original is not None:
            for number in (37, 38, 59):
                if number in fields and number in original:
                    fields[number] = original[number]
            if len(fields.get(61, "")) >= 16 and chosen.dialect != "cup-wallet-1xxx":
                fields[61] = fields[61][:12] + original[13] + fields[61][16:]
        return fields

    def _nii(self, chosen: Golden, fields: dict[int, str]) -> dict[int, str]:
        fields |= {41: NII_TID}
        if self.last is not None and chosen.name != "nii-tc-upload-0320-req":
            fields |= {4: self.last[4]}
            fields |= {2: "4111111111111111", 14: "3012"}
            if chosen.mti == "0400":
                fields |= {11: self.last[11], 3: self.last[3]}
            else:
                fields |= {37: self.last[37]}
        return fields


def acquirer(house: Whole) -> Listening:
    assert isinstance(house.acquirer.host, Listening)
    return house.acquirer.host


DOWNLOADS = Downloads(
    parameters=(("11", "60"), ("12", "60")),
    ca_keys=("9F0605A0000003339F220102DF05083230333031323331DF060101",),
    aids=("9F0607A0000003330101DF010100",),
    tables=(("394", ("9F0607A0000003330101DF1906000000010000",)),),
)


def issuer_of(answer: Golden) -> str:
    """Return field 44 for the acquirer to say where the golden answer has one."""
    return answer.fields.get(44, "")[:11].strip()


async def play(path: Path, name: str, before: Sequence[str], *, issuer: str = "") -> Message:
    async with whole(path) as house:
        acquirer(house).issuer = issuer
        house.db.downloads = DOWNLOADS
        await house.site_changed()
        framing = "tpdu" if golden(name).dialect == "nii-bcd" else "tpdu-header"
        async with house.terminal(framing) as pos:
            scene = Scene(house, pos)
            for one in before:
                assert (await scene.send(one))[39] == "00", one
                await trio.sleep(2)  # what is owed of it has gone
            return await scene.send(name)


@pytest.mark.parametrize("name", ANSWERED)
async def test_a_golden_request_has_the_golden_answer(
    clock: MockClock, tmp_path: Path, name: str
) -> None:
    before, expected = ANSWERED[name]
    wanted = golden(expected)
    answer = await play(tmp_path, name, before, issuer=issuer_of(wanted))
    request = golden(name).fields
    assert answer.mti == wanted.mti
    have, want = set(answer.fields), set(wanted.fields)
    assert have - want == MAY_ADD.get(name, set())
    assert want - have == MAY_LACK.get(name, set())
    told: Mapping[int, str] = answer.fields
    ours = {41: TID, 42: MID} | {n: request[n] for n in (3, 11) if n in request}
    if 4 in wanted.fields:
        ours[4] = told[4] if name == "wallet-qr-order-req" else wanted.fields[4]
    assert {n: told[n] for n in FIXED if n in told} == {
        n: ours.get(n, wanted.fields[n]) for n in FIXED if n in wanted.fields
    }


@pytest.mark.parametrize("name", CODED)
async def test_a_golden_request_has_its_code(clock: MockClock, tmp_path: Path, name: str) -> None:
    before, code = CODED[name]
    answer = await play(tmp_path, name, before)
    request = golden(name)
    assert (answer.get(39) or "") == code
    assert answer.mti[:2] == request.mti[:2]
    echoed = {n: request.fields[n] for n in (3, 11) if n in request.fields and n in answer}
    if name not in ("nii-reversal-req-real", "cup-reversal-mac-reason-req"):
        assert {n: answer[n] for n in echoed} == echoed


async def declined(scene: Scene) -> Message:
    return await scene.send(SALE, f4=f"{10_051:012d}")


async def wrong_mac(scene: Scene) -> Message:
    right = scene.pos.keys
    scene.pos.keys = replace(right, mak=right.mak[::-1])
    return await scene.send(SALE)


async def reversal_of_nothing(scene: Scene) -> Message:
    return await scene.send("cup-reversal-sale-req")


async def void_that_the_acquirer_does_not_know(scene: Scene) -> Message:
    await scene.send(SALE)
    book = acquirer(scene.house).book
    book.entries.clear()
    book.by_rrn.clear()
    return await scene.send("cup-void-req")


async def unknown_terminal(scene: Scene) -> Message:
    return await scene.send("cup-signin-req-004", f41="99999999")


async def balanced(scene: Scene) -> Message:
    """Sell for what the golden terminal counts: 646.00 and 30.00 back at home, 25.50 foreign."""
    for stan, minor in (("000201", 20_000), ("000202", 20_000), ("000120", 24_600)):
        assert (await scene.send(SALE, f4=f"{minor:012d}", f11=stan))[39] == "00"
    foreign = {"f4": f"{2_550:012d}", "f11": "000203"}
    assert (await scene.send("cup-sale-manual-req", **foreign))[39] == "00"
    assert (await scene.send("cup-refund-req", f4=f"{3_000:012d}"))[39] == "00"
    return await scene.send("cup-settle-req")


async def inquiry(scene: Scene) -> Message:
    return await scene.send("cup-balance-chip-req")


async def approved_chip(scene: Scene) -> Message:
    acquirer(scene.house).chip = golden("cup-sale-resp-approved-real").fields[55]
    return await scene.send("cup-sale-contactless-req-real")


# Golden answers that no golden request has by itself: what must be so that they are told.
TOLD: dict[str, Callable[[Scene], Awaitable[Message]]] = {
    "cup-sale-resp-51": declined,
    "cup-sale-resp-A0": wrong_mac,
    "cup-reversal-resp-25": reversal_of_nothing,
    "cup-void-resp-25": void_that_the_acquirer_does_not_know,
    "cup-signin-resp-97": unknown_terminal,
    "cup-settle-resp-balanced": balanced,
    "cup-balance-resp-real": inquiry,
    "cup-sale-resp-approved-real": approved_chip,
}
TOLD_ELSEWHERE = {
    "nii-sale-resp-approved-real": "test_niidesk: fields of an approved sale",
    "nii-settlement-resp-95": "test_niidesk: fields of a settlement that differs",
}
LACKS: dict[str, set[int]] = {
    "cup-balance-resp-real": {53},  # that host echoed what the terminal said of its PIN
}
ADDS: dict[str, set[int]] = {
    # terminal-protocol 4: 38 when approved, 14 and 23 with the card; clock, day, acquirer always
    "cup-sale-resp-approved-real": {38},
    "cup-balance-resp-real": {15, 23, 38, 63},
    # the same: what is echoed, also by a refusal, and 2 of a card that was read
    "cup-sale-resp-A0": {4, 25, 49, 60},
    "cup-void-resp-25": {2},
}


def test_every_golden_answer_to_a_terminal_is_told() -> None:
    answers = {
        one.name
        for one in golden_messages()
        if not one.name.startswith(("host-", "edge-")) and int(one.mti[2]) % 2 == 1
    }
    assert answers == {*(expected for _, expected in ANSWERED.values()), *TOLD, *TOLD_ELSEWHERE}


@pytest.mark.parametrize("name", TOLD)
async def test_a_golden_answer_is_told_where_it_is_due(
    clock: MockClock, tmp_path: Path, name: str
) -> None:
    wanted = golden(name)
    async with whole(tmp_path) as house, house.terminal() as pos:
        acquirer(house).issuer = issuer_of(wanted)
        answer = await TOLD[name](Scene(house, pos))
    have, want = set(answer.fields), set(wanted.fields)
    assert answer.mti == wanted.mti
    assert have - want == ADDS.get(name, set())
    assert want - have == LACKS.get(name, set())
    assert answer.get(39) == wanted.fields.get(39)
    assert answer.get(48) == wanted.fields.get(48)
    if 44 in wanted.fields:
        assert answer[44][:11] == wanted.fields[44][:11]
