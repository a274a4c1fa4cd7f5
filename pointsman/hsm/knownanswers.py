"""Known answers that the HSM computes at every start; it refuses to serve if one is wrong.

One published value for each algorithm, and every block cipher computed by both libraries. The
shared vector files are run by ``selftest``, on demand.
"""

from collections.abc import Callable

from pointsman.hsm import cardvalues, dukpt, emv, pinblock
from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.keys import kcv
from pointsman.hsm.mac import cmac, cup_ecb_mac, x9_19
from pointsman.hsm.pinblock import PinFormat
from pointsman.hsm.primitives import Algorithm, Library, decryptor, encryptor

_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
_AES = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")


def _ciphers_agree() -> bool:
    for algorithm, key in (
        (Algorithm.DES, _KEY[:8]),
        (Algorithm.TDES, _KEY),
        (Algorithm.TDES, _KEY + _AES[:8]),
        (Algorithm.AES, _AES),
        (Algorithm.AES, _KEY + _AES),
    ):
        block = bytes(range(32))
        for make in (encryptor, decryptor):
            if make(algorithm, key)(block) != make(algorithm, key, Library.PYCRYPTODOME)(block):
                return False
    return True


def _sm4() -> bool:  # GB/T 32907-2016, example 1
    return encryptor(Algorithm.SM4, _KEY)(_KEY).hex() == "681edf34d206965e86b3e94f536e4246"


def _kcv() -> bool:
    return kcv(_KEY).hex() == "08d7b4fb629d0885"


def _cup_mac() -> bool:
    data = bytes.fromhex("1234567890ABCDEFABCDEF1234567890")
    return cup_ecb_mac(b"\x22" * 8, data) == b"E267B6E2"


def _retail_mac() -> bool:  # ISO 9797-1, algorithm 3, padding 1
    return x9_19(_KEY, b"Now is the time for all ").hex() == "a1c72e74ea3fa9b6"


def _cmac() -> bool:  # NIST SP 800-38B, example 1
    return cmac(Algorithm.AES, _AES, b"").hex() == "bb1d6929e95937287fa37d129b756746"


def _pin_blocks() -> bool:
    clear = pinblock.encode(0, "1234", "5555555551234567").hex()
    key = bytes.fromhex("AF8CB133A78F8DC2D1359F18527593FB")  # X9.24-3, format 4
    field = pinblock.plain_field(PinFormat.ISO_4, "1234", "2F69ADDE2E9E7ACE")
    encrypt = encryptor(Algorithm.AES, key)
    four = pinblock.encipher(PinFormat.ISO_4, field, "4111111111111111", encrypt).hex()
    return clear == "041261aaaaedcba9" and four == "a912150391ab65a67e52883d81ce2d15"


def _key_block() -> bool:  # TR-31:2018, A.7.4
    kbpk = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"
    block = (
        b"D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D2"
        b"07E2E417C07156A27E8E31DA05F7425509593D03A457DC34"
    )
    opened = Wrapper(bytes.fromhex(kbpk), Algorithm.AES).open(block)
    return opened.key.hex() == "3f419e1cb7079442aa37474c2efbf8b8"


def _dukpt() -> bool:  # X9.24-1, KSN ...E00001, and X9.24-3, counter 1
    keys = dukpt.DukptKeys()
    ksn = bytes.fromhex("FFFF9876543210E00001")
    tdes = keys.transaction_key(dukpt.Bdk(Algorithm.TDES, _KEY, b"tdes"), ksn).hex()
    bdk = bytes.fromhex("FEDCBA9876543210F1F1F1F1F1F1F1F1")
    aes_ksn = bytes.fromhex("123456789012345600000001")
    aes = keys.transaction_key(dukpt.Bdk(Algorithm.AES, bdk, b"aes"), aes_ksn).hex()
    return tdes == "042666b49184cfa368de9628d0397bc9" and aes == "4f21b565bad9835e112b6465635eae44"


def _card_values() -> bool:
    cvk = bytes.fromhex("99999999999999998888888888888888")
    return (
        cardvalues.cvv(cvk, "2222222222222222", "3333", "111") == "361"
        and cardvalues.pvv(_KEY, "1122334455667788", "1", "4524") == "8523"
    )


def _emv() -> bool:
    card = emv.card_key(_KEY, "9901234567890123", "45")
    return card.hex() == "f84315c7b95bd3b0c74694922c3808b0"


KNOWN_ANSWERS: dict[str, Callable[[], bool]] = {
    "block ciphers": _ciphers_agree,
    "SM4": _sm4,
    "check value": _kcv,
    "UnionPay POS MAC": _cup_mac,
    "retail MAC": _retail_mac,
    "CMAC": _cmac,
    "PIN blocks": _pin_blocks,
    "key block": _key_block,
    "DUKPT": _dukpt,
    "card values": _card_values,
    "EMV": _emv,
}


def run_known_answers(answers: dict[str, Callable[[], bool]] | None = None) -> list[str]:
    """Compute all of them; return the names of those that are wrong."""
    return [name for name, right in (answers or KNOWN_ANSWERS).items() if not right()]
