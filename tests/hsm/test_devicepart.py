"""What goes to hardware, byte for byte: the shared messages, and the guide's rules built anew."""

import pytest
import trio
from Crypto.Cipher import DES

from pointsman.hsm import commands as c
from pointsman.hsm import hostclient
from pointsman.hsm.commands import MacMethod, Refused
from pointsman.hsm.hostclient import Device, HostPin
from pointsman.hsm.hostcommands import COMMANDS, Front
from pointsman.hsm.hostkeys import HostKeys
from tests.hsm.hardware import CASES, PAIRS, VARIANT, both, key, tdes
from tests.hsm.laboratory import PAN, PIK, TMK, ZAK, ZMK, ZPK, Laboratory


def test_commands_are_written_as_the_shared_messages_have_them() -> None:
    tpk, zpk = b"U8463435FC4B4DAA0C49025272C29B12C", b"U1EF828AA8F6B80EB83E19FBC373F3A85"
    made = hostclient.translate_pin(
        "CA", tpk, zpk, HostPin(bytes.fromhex("6428EB94035AF53B"), "5500000253210")
    )
    case = CASES["CA-f0-f0-double"]
    assert made.decode() == case["in"]["request"]
    answer = hostclient.read_answer("CA", case["out"]["response"].encode())
    assert hostclient.translated_pin("CA", answer) == bytes.fromhex("91DDDA0A7C12CFAA")
    zmk = b"U71979DEB8587E2734F1E99D5DCAEF9AC"
    wrapped = bytes.fromhex("C8E3118AFA853807EB7E92294663A5BA")
    case = CASES["A6-zpk-X-to-U"]
    assert hostclient.import_under(Device(), "ZPK", zmk, wrapped).decode() == case["in"]["request"]
    case = CASES["BU-zpk"]
    assert hostclient.check_value("ZPK", zpk).decode() == case["in"]["request"]


def test_g0_is_written_and_read_as_the_shared_message_has_it() -> None:
    case = CASES["G0-00001"]
    text = case["in"]["request"]
    bdk, zpk, ksn = text[2:35].encode(), text[35:68].encode(), bytes.fromhex(text[71:91])
    pin = HostPin(bytes.fromhex(text[91:107]), text[111:123] + "0")
    assert hostclient.translate_dukpt(bdk, ksn, zpk, pin).decode() == text
    answer = hostclient.read_answer("G0", case["out"]["response"].encode())
    assert hostclient.translated_pin("G0", answer) == bytes.fromhex(case["out"]["response"][6:22])


def test_cc_and_m8_are_bytes_that_the_guide_s_rules_give() -> None:
    # Built from the layouts and the variant rules anew: the length variant A6, 5A on the first byte
    # of the pair's right half, pair 06-07 for ZPK and 26-27 for ZAK.
    def wrapped(pair: str, clear: bytes) -> bytes:
        lmk = bytearray.fromhex(PAIRS[pair])
        halves = []
        for mask, half in zip((0xA6, 0x5A), (clear[:8], clear[8:]), strict=True):
            varied = bytes(lmk[:8]) + bytes([lmk[8] ^ mask]) + bytes(lmk[9:])
            halves.append(tdes(varied, half))
        return b"U" + b"".join(halves).hex().upper().encode()

    one, two = wrapped("06-07", ZPK), wrapped("06-07", PIK)
    pan = "5500000253210"
    account, digits = bytes.fromhex("0000" + pan[-13:-1]), bytes.fromhex("041234FFFFFFFFFF")
    clear = bytes(a ^ b for a, b in zip(digits, account, strict=True))
    block = tdes(ZPK, clear)
    made = hostclient.translate_pin("CC", one, two, HostPin(block, pan))
    assert made == b"CC" + one + two + b"12" + block.hex().upper().encode() + b"0101550000025321"
    front = Front(HostKeys(bytes, variant=VARIANT), frozenset(COMMANDS))
    assert front.answer(made) == b"CD0004" + tdes(PIK, clear).hex().upper().encode() + b"01"
    # ISO 9797-1 algorithm 3, padding 1, of two blocks: DES, DES, then back and forth.
    zak, data = wrapped("26-27", ZAK), b"0200 and so"
    padded = data.ljust(16, b"\0")
    left = DES.new(ZAK[:8], DES.MODE_ECB)  # noqa: S304  (the algorithm in question)
    right = DES.new(ZAK[8:], DES.MODE_ECB)  # noqa: S304
    state = left.encrypt(padded[:8])
    state = left.encrypt(bytes(a ^ b for a, b in zip(state, padded[8:], strict=True)))
    mac = left.encrypt(right.decrypt(state))
    asked = hostclient.check_mac(zak, "008", MacMethod.X9_19, data, mac)
    assert asked == b"M800131008" + zak + b"000B" + data + mac.hex().upper().encode()
    assert front.answer(asked) == b"M900"
    assert front.answer(asked[:-1] + (b"0" if asked[-1:] != b"0" else b"1")) == b"M901"


def test_mac_command_differs_from_the_shared_one_in_form_alone() -> None:
    # The shared message carries its data in hex, ours in binary: all other fields are the same.
    text = CASES["M6-hex-zak-pad1"]["in"]["request"]
    zak = text[10:43].encode()
    data = bytes.fromhex(text[47:])
    made = hostclient.make_mac(zak, "008", MacMethod.X9_19, data)
    assert made[:10] == b"M600131008"
    assert made[10:] == zak + f"{len(data):04X}".encode() + data
    keys = HostKeys(bytes, variant=VARIANT)
    answer = Front(keys, frozenset(COMMANDS)).answer(made)
    full = hostclient.made_mac(MacMethod.X9_19, hostclient.read_answer("M6", answer))
    assert full[:4].hex().upper() == CASES["M6-hex-zak-pad1"]["out"]["response"][4:]


@pytest.mark.parametrize("message", [b"", b"CB", b"CA00", b"CB\xff\xff", b"MB00"])
def test_answer_to_another_command_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="another command"):
        hostclient.read_answer("CA", message)


async def test_what_hardware_cannot_do_is_refused_in_plain_words() -> None:
    lab = Laboratory()
    tpk, zpk, tak, tmk = key("002", PIK), key("001", ZPK), key("003", ZMK), key("002", TMK)
    aes_ksn = c.Dukpt(key("009", ZMK), bytes(12))
    refusals: dict[str, c.Request] = {
        "formats 0, 1 and 3": c.Outbound(pin=c.PinTranslate(tpk, zpk, bytes(16), PAN, 4, 4)),
        "both keys": c.Outbound(pin=c.PinTranslate(tpk, lab.key("ZPK", ZPK), bytes(8), PAN)),
        "TDES DUKPT": c.Outbound(pin=c.PinTranslate(b"", zpk, bytes(8), PAN, dukpt=aes_ksn)),
        "no MAC cup-ecb": c.Outbound(mac=c.MacCheck(tak, MacMethod.CUP_ECB, b"", bytes(8))),
        "no MAC cmac": c.Inbound(make=c.MacMake(tak, MacMethod.CMAC, b"")),
        "derived key": c.Inbound(make=c.MacMake(b"", MacMethod.X9_19, b"", dukpt=aes_ksn)),
        "layout 004": c.NewTerminalKeys(tmk, "004", method=MacMethod.X9_19),
        "MAC cup-ecb for": c.NewTerminalKeys(tmk, "003"),
        "second time": c.NewTerminalKeys(tmk, "003", method=MacMethod.X9_19, again=(tpk, tak)),
        "no CVK": c.ImportUnder(key("000", ZMK), "CVK", bytes(16), bytes(3)),
        "one to three": c.ImportUnder(key("000", ZMK), "ZPK", bytes(32), bytes(3)),
    }
    async with both(lab) as client:
        for words, request in refusals.items():
            answer = await client.ask(request, trio.current_time() + 2)
            assert isinstance(answer, Refused), words
            assert words in answer.reason
