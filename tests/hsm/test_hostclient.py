"""Host commands as a client writes them; the whole back end is shown in test_payshield."""

import pytest

from pointsman.hsm import hostclient
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.hostclient import HostAnswer, HostRefusedError
from tests.hsm.laboratory import PAN

KEY = b"U" + b"0" * 32


def test_what_ca_cannot_say_is_refused() -> None:
    for formats, pan in (((4, 4), PAN), ((0, 2), PAN), ((0, 0), "12"), ((0, 0), "x" * 16)):
        with pytest.raises(ValueError, match=r"format|PAN"):
            hostclient.translate_pin(KEY, KEY, bytes(8), pan, formats)


def test_what_m6_cannot_say_is_refused() -> None:
    for method, data in ((MacMethod.CUP_ECB, b""), (MacMethod.CMAC, b""),
                         (MacMethod.X9_19, bytes(65_536))):  # fmt: skip
        with pytest.raises(ValueError, match="hardware"):
            hostclient.make_mac(KEY, "003", method, data)
    for method, mac in ((MacMethod.X9_19, b""), (MacMethod.X9_19, bytes(7)),
                        (MacMethod.X9_19_SHORT, b"\1" * 8)):  # fmt: skip
        with pytest.raises(ValueError, match="MAC"):
            hostclient.check_mac(KEY, "003", method, b"", mac)


def test_key_blocks_tell_their_type_themselves() -> None:
    assert (
        hostclient.make_mac(b"S" + b"D0016" + b"x" * 11, "003", MacMethod.X9_19, b"")[4:10]
        == b"131FFF"
    )
    assert hostclient.check_value("002", b"S...")[:5] == b"BU02F"
    assert hostclient.check_value("002", b"0123")[:5] == b"BU020"


def test_errors_are_told_by_command_and_number() -> None:
    for read in (hostclient.translated_pin, hostclient.checked_mac,
                 lambda answer: hostclient.made_mac(MacMethod.X9_19, answer)):  # fmt: skip
        with pytest.raises(HostRefusedError) as caught:
            read(HostAnswer("10", b""))
        assert caught.value.code == "10"
    for code in ("20", "22", "24"):
        assert hostclient.translated_pin(HostAnswer(code, b"")) is None
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
        with pytest.raises(KeyError):
            hostclient.import_under("001", KEY, wrapped, "U")


def test_generate_names_what_wraps_it() -> None:
    assert hostclient.generate("001", "U") == b"A00001U"
    assert hostclient.generate("003", "U", ("1", KEY, "X")) == b"A01003U;1" + KEY + b"X"
