"""``pointsman hsm change-lmk|rewrap|reseal``: what is moved, and moved on after a stop."""

import json
from pathlib import Path

from pointsman.cli.hsm_jobs import run_job, whole_lines
from pointsman.hsm import commands as c
from pointsman.hsm.wire import frame
from tests.cli.hsm_words import SECRET, pointsman
from tests.hsm.laboratory import PAN
from tests.hsm.processes import hsm
from tests.hsm.test_server import answers, connect


def test_change_of_lmk_and_data_key_end_to_end(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    with hsm(tmp_path) as process, connect(process) as link:
        made = answers(link, frame([(n, c.NewKey("TMK", f"T{n}")) for n in range(5)]), 5)
        sealed = answers(link, frame([(1, c.Outbound(seal=c.PanSeal(PAN, b"row")))]))
    blocks = [key.block.decode() for key in made if isinstance(key, c.KeyMade)]
    (tmp_path / "keys").write_text("\n".join(blocks) + "\n")
    assert isinstance(sealed[0], c.OutboundDone)
    assert sealed[0].cipher is not None
    (tmp_path / "pans").write_text(f"{sealed[0].cipher.hex()} {b'row'.hex()}\n")
    assert pointsman("change-lmk", "--store", store, secrets=SECRET)[0] == 0
    assert pointsman("change-pan-key", "--store", store, secrets=SECRET)[0] == 0
    with hsm(tmp_path) as process:
        where = ("--socket-dir", str(process.sockets))
        # A run that was cut off in the middle of its second line.
        (tmp_path / "new-keys").write_text("first\nsec")
        job = ("rewrap", *where, str(tmp_path / "keys"), str(tmp_path / "new-keys"))
        assert pointsman(*job)[0] == 0
        first, *moved = (tmp_path / "new-keys").read_text().split()
        assert first == "first"
        assert len(moved) == 4
        _, told, _ = pointsman("key", "describe", moved[0], *where)
        assert json.loads(told)["owner"] == "T1"
        assert pointsman("key", "describe", blocks[1], *where)[0] == 5
        job = ("reseal", *where, str(tmp_path / "pans"), str(tmp_path / "new-pans"))
        assert pointsman(*job)[0] == 0
        cipher = bytes.fromhex((tmp_path / "new-pans").read_text().split()[0])
        assert cipher[:3] == b"\x01\x00\x02"
        with connect(process) as link:
            assert answers(link, frame([(1, c.OpenPan(cipher, b"row"))])) == [c.Opened(PAN)]
    assert pointsman("end-lmk-change", "--store", store, secrets=SECRET)[0] == 0
    assert pointsman("change-lmk", "--store", store, secrets={"--passphrase-fd": b"x" * 9})[0] == 1


def test_job_goes_on_behind_its_last_whole_line(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_text("".join(f"{n}\n" for n in range(2_500)))
    target.write_text("0\n1\nhal")
    assert whole_lines(target) == 2
    assert run_job(source, target, lambda batch: batch) == (2_500, 0)
    assert target.read_text() == source.read_text()
    assert run_job(source, target, lambda batch: batch) == (2_500, 0)
