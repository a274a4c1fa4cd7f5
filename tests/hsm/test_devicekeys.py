"""Keys made, imported and told to a terminal by hardware, as variants and as key blocks."""

import trio
from Crypto.Cipher import DES3

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod, Refused
from pointsman.hsm.hostclient import Device
from pointsman.hsm.mac import x9_19
from pointsman.hsm.primitives import Algorithm, encryptor
from tests.hsm.hardware import VARIANT, block_of, both, field, key, tdes
from tests.hsm.laboratory import PAN, TMK, ZMK, ZPK, Laboratory


async def test_sign_in_keys_and_zone_keys_come_from_hardware() -> None:
    async with both(Laboratory()) as client:
        deadline = trio.current_time() + 2
        sign_in = c.NewTerminalKeys(key("002", TMK), "003", method=MacMethod.X9_19)
        keys = await client.ask(sign_in, deadline)
        assert isinstance(keys, c.TerminalKeys)
        assert len(keys.field62) == 40
        pik = VARIANT.open("002", field(keys.tpk))
        assert encryptor(Algorithm.TDES, TMK)(pik) == keys.field62[:16]
        assert encryptor(Algorithm.TDES, pik)(bytes(8))[:4] == keys.field62[16:20]
        wrapped = encryptor(Algorithm.TDES, ZMK)(ZPK)
        kcv = encryptor(Algorithm.TDES, ZPK)(bytes(8))[:3]
        made = await client.ask(c.ImportUnder(key("000", ZMK), "ZPK", wrapped, kcv), deadline)
        assert isinstance(made, c.KeyMade)
        assert VARIANT.open("001", field(made.block)) == ZPK
        # A key whose parity was wrong is set right, and the hardware's warning is no refusal.
        even = bytes(byte ^ 1 for byte in ZPK)
        bent = encryptor(Algorithm.TDES, ZMK)(even)
        made = await client.ask(c.ImportUnder(key("000", ZMK), "ZPK", bent, kcv), deadline)
        assert isinstance(made, c.KeyMade)
        assert VARIANT.open("001", field(made.block)) == ZPK
        wrong = c.ImportUnder(key("000", ZMK), "ZPK", wrapped, b"\0\0\0")
        answer = await client.ask(wrong, deadline)
        assert answer == Refused("refused", "the check value does not agree")


async def test_hardware_with_key_blocks_makes_and_uses_its_keys() -> None:
    lab, hard = Laboratory(), Laboratory(lmk=b"\x2a" * 32)
    tmk = b"S" + hard.key("TMK", TMK)
    async with both(lab, Device(key_blocks=True, lmk_id=0), hard.engine.keys) as client:
        deadline = trio.current_time() + 2
        sign_in = c.NewTerminalKeys(tmk, "003", method=MacMethod.X9_19)
        keys = await client.ask(sign_in, deadline)
        assert isinstance(keys, c.TerminalKeys)
        pik = DES3.new(TMK, DES3.MODE_ECB).decrypt(keys.field62[:16])
        mak = DES3.new(TMK, DES3.MODE_ECB).decrypt(keys.field62[20:36])
        assert keys.field62[36:] == tdes(mak, bytes(8))[:4]
        request = c.Outbound(
            c.MacCheck(keys.tak, MacMethod.X9_19, b"data", x9_19(mak, b"data")),
            pin=c.PinTranslate(keys.tpk, b"S" + hard.key("ZPK", ZPK), block_of("4321", pik), PAN),
            host=c.HostMessage(bytes(8), 0, False, None, MacMethod.X9_19, 0, mac_hex=False),
        )
        answer = await client.ask(request, deadline)
        assert isinstance(answer, c.OutboundDone)
        assert (answer.mac_ok, answer.host) == (True, block_of("4321", ZPK))
        made = await client.ask(c.NewKey("TMK"), deadline)
        assert isinstance(made, c.KeyMade)
        assert await client.check_value("TMK", made.block, deadline) == made.kcv
        assert hard.engine.keys.open(made.block[1:])[0].kind.name == "TMK"
        assert isinstance(await client.check_value("TMK", b"SD0016" + b"0" * 10, deadline), Refused)
