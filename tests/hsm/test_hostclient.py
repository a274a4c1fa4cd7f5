"""Host commands as a client writes them; the whole back end is shown in test_payshield."""

import pytest

from pointsman.hsm import hostclient
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.hostclient import Device, HostAnswer, HostCannotError, HostPin, HostRefusedError
from tests.hsm.laboratory import PAN

KEY = b"U" + b"0" * 32


def test_what_ca_cannot_say_is_refused() -> None:
    for formats, pan in (((4, 4), PAN), ((0, 2), PAN), ((0, 0), "12"), ((0, 0), "x" * 16)):
        with pytest.raises(ValueError, match=r"format|number"):
            hostclient.translate_pin("CA", KEY, KEY, HostPin(bytes(8), pan, formats))


def test_what_m6_cannot_say_is_refused() -> None:
    for method, data in ((MacMethod.CUP_ECB, b""), (MacMethod.CMAC, b""),
                         (MacMethod.X9_19, bytes(65_536))):  # fmt: skip
        with pytest.raises(ValueError, match=r"hardware"):
            hostclient.make_mac(KEY, "003", method, data)


def test_what_can_be_no_mac_is_asked_of_nobody() -> None:
    wrong = [(MacMethod.X9_19, mac) for mac in (b"", bytes(7), bytes(9), b"x" * 16, b"0" * 15)]
    wrong += [(MacMethod.X9_19_SHORT, b"\1" * 8), (MacMethod.X9_19_SHORT, b"0" * 15 + b"1")]
    for method, mac in wrong:
        assert hostclient.check_mac(KEY, "003", method, b"", mac) == b""
    lower = hostclient.check_mac(KEY, "003", MacMethod.X9_19, b"", b"00aabbccddeeff00")
    assert lower.endswith(b"00AABBCCDDEEFF00")


def test_key_blocks_tell_their_type_themselves() -> None:
    assert (
        hostclient.make_mac(b"S" + b"D0016" + b"x" * 11, "003", MacMethod.X9_19, b"")[4:10]
        == b"131FFF"
    )
    assert hostclient.check_value("TPK", b"S...")[:5] == b"BUFFF"
    assert hostclient.check_value("TPK", b"0123")[:5] == b"BU020"


def test_errors_are_told_by_command_and_number() -> None:
    for read in (lambda answer: hostclient.translated_pin("CA", answer), hostclient.checked_mac,
                 lambda answer: hostclient.made_mac(MacMethod.X9_19, answer)):  # fmt: skip
        with pytest.raises(HostRefusedError) as caught:
            read(HostAnswer("10", b""))
        assert caught.value.code == "10"
    for code in ("20", "22", "24"):
        assert hostclient.translated_pin("CA", HostAnswer(code, b"")) is None
    assert hostclient.checked_mac(HostAnswer("01", b"")) is False


def test_short_mac_ends_in_zeros() -> None:
    answer = HostAnswer("00", b"0123456789ABCDEF")
    assert hostclient.made_mac(MacMethod.X9_19_SHORT, answer).hex() == "0123456700000000"
    assert hostclient.made_mac(MacMethod.X9_19, answer).hex() == "0123456789abcdef"


def test_keys_are_as_long_as_their_scheme_says() -> None:
    lengths = {b"U": 33, b"X": 33, b"T": 49, b"Y": 49, b"SD0100": 101, b"0123": 16}
    for text, size in lengths.items():
        assert hostclient.key_length(text) == size
    for wrapped in (b"", bytes(7), bytes(32)):
        with pytest.raises(HostCannotError, match="blocks"):
            hostclient.import_under(Device(), "ZPK", KEY, wrapped)


def test_generate_names_what_wraps_it() -> None:
    assert hostclient.generate(Device(), "ZPK") == b"A00001U"
    assert hostclient.generate(Device(), "TAK", KEY) == b"A01003U;1" + KEY + b"X"
    assert hostclient.generate(Device(lmk_id=7), "TMK") == b"A00002U%07"


def test_key_block_says_what_a_new_key_is_and_under_which_lmk() -> None:
    device = Device(key_blocks=True, lmk_id=1)
    made = hostclient.generate(device, "TPK", b"S")
    assert made == b"A01FFFS;1SX%01#P0T2D00N00"
    taken = hostclient.import_under(device, "ZAK", b"S", bytes(16))
    assert taken == b"A6FFFSX" + b"0" * 32 + b"S%01#M3T2C00N00"


def test_formats_before_and_after_stand_in_their_order() -> None:
    made = hostclient.translate_pin("CA", KEY, KEY, HostPin(bytes(8), PAN, (1, 3)))
    assert made[-16:-12] == b"0547"
