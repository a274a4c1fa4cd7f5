"""Where secrets are not: in a client's memory, in any file or line that an HSM writes."""

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.mac import cup_ecb_mac
from pointsman.hsm.pinblock import encode
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.hsm.wire import frame
from tests.hsm.laboratory import PAN
from tests.hsm.processes import hsm
from tests.hsm.test_server import answers, connect

# Keys that occur nowhere else, so that a hit is a leak; the planted one must be found.
TPK, TAK, ZPK, ZAK = (os.urandom(size) for size in (16, 8, 16, 16))
PIN = "739205184663"
PLANTED = os.urandom(16)
CLIENT = """
import sys, trio
from pointsman.hsm import commands as c
from pointsman.hsm.client import HsmClient
from pointsman.hsm.wire import FrameReader, read_requests

planted = bytes.fromhex(sys.argv[2])[::-1]

async def main():
    (payload,) = FrameReader().feed(bytes.fromhex(sys.stdin.readline()))
    ((_, request),) = read_requests(payload)
    client = HsmClient(sys.argv[1])
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        for _ in range(50):
            done = await client.ask(request, trio.current_time() + 5)
            assert done.mac_ok and done.pin_ok, done
        print("ready", flush=True)
        await trio.to_thread.run_sync(sys.stdin.readline)
        nursery.cancel_scope.cancel()

trio.run(main)
"""


def memory_of(pid: int) -> Iterator[bytes]:
    """Yield every readable region of another process."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if found is None or line.endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                continue
            start, end = int(found[1], 16), int(found[2], 16)
            memory.seek(start)
            try:
                yield memory.read(end - start)
            except OSError:
                continue


def forms(secret: bytes) -> list[bytes]:
    """Return every way in which a secret might stand somewhere."""
    text = secret.hex()
    return [
        secret,
        text.encode(),
        text.upper().encode(),
        base64.b64encode(secret).rstrip(b"="),
        base64.urlsafe_b64encode(secret).rstrip(b"="),
        text.encode("utf-16-le"),
        repr(secret)[2:-1].encode(),
        secret[::-1],
    ]


def hits(regions: Iterator[bytes], secrets: dict[str, bytes]) -> set[str]:
    """Return the names of the secrets that occur."""
    wanted = {name: forms(secret) for name, secret in secrets.items()}
    found: set[str] = set()
    for region in regions:
        found |= {name for name, ways in wanted.items() if any(way in region for way in ways)}
    return found


def sale(link: object) -> c.Outbound:
    import socket  # noqa: PLC0415

    assert isinstance(link, socket.socket)
    keys = (("TAK", TAK), ("TPK", TPK), ("ZPK", ZPK), ("ZAK", ZAK))
    data = frame([(n, c.ImportKey(name, key.hex())) for n, (name, key) in enumerate(keys)])
    tak, tpk, zpk, zak = (
        answer.block for answer in answers(link, data, 4) if isinstance(answer, c.KeyMade)
    )
    block = encryptor(Algorithm.TDES, TPK)(encode(0, PIN, PAN))
    host = c.HostMessage(bytes(64), 0, False, zak, MacMethod.X9_19, 56, mac_hex=False)
    mac = c.MacCheck(tak, MacMethod.CUP_ECB, b"data", cup_ecb_mac(TAK, b"data"))
    return c.Outbound(mac, c.PanSeal(PAN, b"row"), c.PinTranslate(tpk, zpk, block, PAN), host)


def test_client_never_holds_a_clear_key_and_the_scan_would_see_one(tmp_path: Path) -> None:
    with hsm(tmp_path) as process, connect(process, "simulator") as link:
        request = sale(link)
        argv = [sys.executable, "-c", CLIENT, str(process.sockets / "switch.sock")]
        client = subprocess.Popen(
            [*argv, PLANTED.hex()], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write(frame([(1, request)]).hex().encode() + b"\n")
        client.stdin.flush()
        assert client.stdout.readline() == b"ready\n"
        secrets = {"TPK": TPK, "TAK": TAK, "ZPK": ZPK, "ZAK": ZAK, "planted": PLANTED}
        try:
            found = hits(memory_of(client.pid), secrets)
        except PermissionError:
            pytest.skip("the kernel lets no process look at another")
        finally:
            client.communicate(b"\n", timeout=20)
        assert found == {"planted"}


def test_nothing_secret_stands_in_what_the_hsm_writes(tmp_path: Path) -> None:
    pin_block = encryptor(Algorithm.TDES, TPK)(encode(0, PIN, PAN))
    with hsm(tmp_path) as process:
        with connect(process, "simulator") as link:
            request = sale(link)
            junk = c.VerifyPin(b"x", b"y", pin_block, PAN, "1", "4821")
            wrong = c.ImportKey("NOTHING", TPK.hex(), "owner")
            bad = c.Outbound(pin=c.PinTranslate(TPK, ZPK, pin_block, PAN))
            data = frame(enumerate([request, junk, wrong, bad, c.OpenPan(TPK, ZPK)]))
            answers(link, data, 5)
        with connect(process) as link:
            link.sendall(b"\xff" * 8 + PAN.encode() + TPK)
        written = process.stop()
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(path.name == "audit-0.log" and data for path, data in files.items())
    secrets = {
        "TPK": TPK, "TAK": TAK, "ZPK": ZPK, "ZAK": ZAK, "PAN": PAN.encode(),
        "PIN": PIN.encode(), "PIN block": pin_block,
    }  # fmt: skip
    assert hits(iter([written, *files.values()]), secrets) == set()
    for name, secret in secrets.items():
        for way in forms(secret):
            assert hits(iter([b"before" + way + b"after"]), secrets) >= {name}
