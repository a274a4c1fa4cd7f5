"""Card number and MACs for messages outside a sale's own trip, by either HSM."""

from dataclasses import replace

import pytest

from pointsman.config import Timers
from pointsman.hsm import commands as c
from pointsman.store.records import Card
from pointsman.switch.hosts import HostDraft
from pointsman.switch.hostseal import HostSeal, NotNowError
from pointsman.switch.traffic import Lane
from tests.hsm.laboratory import PAN, Laboratory
from tests.switch.host_peer import ALPHA, CODEC, answer_to, sale_draft
from tests.switch.owed_house import ID, EngineHsm, hsm_of, mac_of, maced, transaction

pytestmark = pytest.mark.usefixtures("backend")


def seal(hsm: EngineHsm, zak: bytes | None) -> HostSeal:
    return HostSeal(replace(ALPHA, zak=zak), codec=CODEC, hsm=hsm, timers=Timers())


def cipher_of(hsm: EngineHsm, row: bytes = ID) -> bytes:
    done = hsm.laboratory.ask(c.Outbound(seal=c.PanSeal(PAN, row)))
    assert isinstance(done, c.OutboundDone)
    assert done.cipher is not None
    return done.cipher


async def test_a_card_number_is_opened_for_its_own_row_alone() -> None:
    async with hsm_of(Laboratory()) as (hsm, zak):
        assert await seal(hsm, zak).open_pan(transaction(cipher_of(hsm))) == PAN
        other = transaction(cipher_of(hsm, b"another row"))
        assert await seal(hsm, zak).open_pan(other) is None


async def test_a_payment_code_is_no_card_number() -> None:
    async with hsm_of(Laboratory()) as (hsm, zak):
        code = replace(transaction(None), card=Card(b"token", cipher_of(hsm), "", "9936"))
        assert await seal(hsm, zak).open_pan(code) is None
        assert await seal(hsm, zak).open_pan(replace(code, card=None)) is None


@pytest.mark.parametrize("above_64", [False, True])
async def test_a_request_leaves_under_the_zone_key(above_64: bool) -> None:
    draft = sale_draft()
    if above_64:
        draft = HostDraft("0420", {**draft.fields, 90: "0" * 42})
    async with hsm_of(Laboratory()) as (hsm, zak):
        request = await seal(hsm, zak).request(draft, Lane.REVERSAL)
    assert mac_of(CODEC.decode(request.data))
    assert request.lane is Lane.REVERSAL
    assert request.answer_s == Timers().host_s


async def test_without_a_zone_key_there_is_no_mac_and_none_is_asked_for() -> None:
    async with hsm_of(Laboratory()) as (hsm, _):
        hsm.away = True
        without = seal(hsm, None)
        request = await without.request(sale_draft(), Lane.REVERSAL)
        answer = CODEC.decode(CODEC.encode(*answer_to(CODEC.decode(request.data))))
        assert 64 not in answer
        assert await without.mac_is_right(answer)


async def test_an_answer_is_right_only_under_the_zone_key() -> None:
    reply = answer_to(CODEC.decode(CODEC.encode(sale_draft().mti, sale_draft().fields)))
    good = CODEC.decode(CODEC.encode(*maced(reply)))
    bare = CODEC.decode(CODEC.encode(*reply))
    wrong = CODEC.decode(CODEC.encode(reply[0], {**maced(reply)[1], 4: "000000090000"}))
    async with hsm_of(Laboratory()) as (hsm, zak):
        checker = seal(hsm, zak)
        assert await checker.mac_is_right(good)
        assert not await checker.mac_is_right(bare)
        assert not await checker.mac_is_right(wrong)
        hsm.away = True
        assert not await checker.mac_is_right(good)


async def test_while_the_hsm_is_away_nothing_is_made() -> None:
    async with hsm_of(Laboratory()) as (hsm, zak):
        sealer, original = seal(hsm, zak), transaction(cipher_of(hsm))
        hsm.away = True
        with pytest.raises(NotNowError):
            await sealer.request(sale_draft(), Lane.REVERSAL)
        with pytest.raises(NotNowError):
            await sealer.open_pan(original)
