"""Field 62 of downloads, as the golden messages have it."""

from dataclasses import replace

import hypothesis
import pytest
from hypothesis import strategies as st

from pointsman.codecs.tlv import parse_tlv
from pointsman.store.parties import Downloads, RefusedCard
from pointsman.switch import downloads, reading
from pointsman.switch.requests import Download
from tests.codecs.golden import golden
from tests.switch.lives import MERCHANT

REAL_KEY = golden("cup-capk-download-resp-real").fields[62][2:].removesuffix("0D0A")
LISTED = golden("cup-capk-list-resp").fields[62][2:]
NAMES = [LISTED[start : start + 46] for start in range(0, len(LISTED), 46)]
AID = "9F0608A000000333010101DF0101009F08020020"


def ask(name: str, downloads_: Downloads) -> bytes:
    given = golden(name)
    request = reading.read(given.mti, given.fields)
    assert isinstance(request, Download)
    return downloads.answer(request.code, request.asked, downloads_, MERCHANT)


def test_the_golden_list_of_ca_keys_comes_out_of_the_keys() -> None:
    given = Downloads(ca_keys=tuple(f"{name}DF060101DF040103" for name in NAMES))
    told = ask("cup-capk-list-req", given)
    assert told == b"1" + bytes.fromhex(LISTED)  # whole: the golden one is the last part


def test_a_list_comes_in_parts_until_it_ends() -> None:
    sets = tuple(
        f"9F0605A0000003339F2201{number:02X}DF05083230333031323331" for number in range(18)
    )
    kinds, received = [], 0
    while (told := downloads.listed(sets, ("9F06", "9F22", "DF05"), received))[:1] != b"0":
        kinds.append(told[:1])
        received += len(told[1:]) // 23
    assert (kinds, received) == ([b"2", b"2", b"3"], 18)
    assert downloads.listed((), ("9F06",), 0) == b"0"


def test_a_key_is_fetched_by_its_name() -> None:
    found = ask("cup-capk-download-req", Downloads(ca_keys=(NAMES[0], NAMES[1])))
    assert found == b"1" + bytes.fromhex(NAMES[0])
    assert ask("cup-capk-download-req", Downloads(ca_keys=(NAMES[2],))) == b"0"
    assert downloads.entry((NAMES[0],), ("9F06",), b"\x9f") == b"0"


def test_a_real_key_is_told_byte_for_byte() -> None:
    items = {item.tag: item.value for item in parse_tlv(bytes.fromhex(REAL_KEY))}
    asked = b"\x9f\x06\x05" + items["9F06"] + b"\x9f\x22\x01" + items["9F22"]
    given = Downloads(ca_keys=(REAL_KEY,))
    assert downloads.answer("370", asked, given, MERCHANT) == b"1" + bytes.fromhex(REAL_KEY)


def test_aids_are_listed_by_name_alone_and_fetched_whole() -> None:
    given = Downloads(aids=(AID,))
    assert ask("cup-aid-list-req", given) == b"1" + bytes.fromhex(AID[:22])
    assert ask("cup-aid-download-req", given) == b"1" + bytes.fromhex(AID)


def test_parameters_are_pairs_of_their_sizes_as_the_golden_answer_has_them() -> None:
    values = {"11": "60", "12": "60", "13": "3", "14": "02112345678", "18": "1", "19": "15"}
    values |= {"20": "1", "21": "0", "23": "3", "25": "1"}
    given = Downloads(parameters=tuple(values.items()))
    expected = bytes.fromhex(golden("cup-param-download-resp").fields[62])
    assert ask("cup-param-download-req", given) == expected


def test_a_name_that_is_not_latin_is_gbk() -> None:
    merchant = replace(MERCHANT, name="茶")
    told = downloads.parameters(Downloads(), merchant)
    assert told == b"22" + "茶".encode("gbk").ljust(40)


@pytest.mark.parametrize("code", sorted(downloads.ENDS | {downloads.STATUS}))
def test_an_end_or_a_status_has_no_field_62(code: str) -> None:
    assert downloads.answer(code, b"", Downloads(), MERCHANT) == b""


def test_what_is_not_kept_is_an_empty_list() -> None:
    for code in downloads.BLOCKS:
        assert downloads.answer(code, b"1", Downloads(), MERCHANT) == b"0"


def test_the_black_list_tells_codes_and_first_six_and_last_four() -> None:
    cards = (RefusedCard("41", "622848", "0019"), RefusedCard("04", "411111", "1111"))
    told = downloads.answer("390", b"", Downloads(), MERCHANT, cards)
    assert told == b"1" + b"416228480019" + b"044111111111"


@hypothesis.given(st.lists(st.binary(min_size=1, max_size=511), max_size=30))
def test_a_table_of_records_comes_whole_in_packets_that_fit(records: list[bytes]) -> None:
    given = Downloads(tables=(("394", tuple(one.hex() for one in records)),))
    got, first, kinds = 0, 1, []
    while True:
        told = downloads.answer("394", b"%d" % first, given, MERCHANT)
        assert len(told) <= 512
        if told == b"0":
            break
        data = told[1:]
        taken = next(n for n in range(31 - got) if b"".join(records[got : got + n]) == data)
        assert taken > 0
        got, first = got + taken, first + taken
        kinds.append(told[:1])
        if told[:1] != b"2":
            break
    assert got == len(records)
    assert kinds[:-1] == [b"2"] * len(kinds[:-1])
    assert kinds[-1:] == ([] if not records else [b"3"] if len(kinds) > 1 else [b"1"])


@pytest.mark.parametrize(
    ("asked", "first"), [(b"", 1), (b"0", 1), (b"000", 1), (b"1", 1), (b"042", 42), (b"x", 1)]
)
def test_the_first_record_is_a_number_from_one_on(asked: bytes, first: int) -> None:
    assert downloads.first_record(asked) == first
    assert downloads.first_record(b"9" * 7) == 1
