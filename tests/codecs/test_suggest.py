"""What would have to change for a message to decode; and the example of docs/dialects.md."""

import json
import re
from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.codecs.codec import get_spec
from pointsman.codecs.framing import FRAMINGS, get_framing
from pointsman.codecs.profile import load_spec
from pointsman.codecs.profiles import profile_names
from pointsman.codecs.suggest import suggest
from pointsman.codecs.walk import walk_decode
from tests.codecs.golden import golden, golden_messages

PAGE = (Path(__file__).parents[2] / "docs" / "dialects.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_variants_of_golden_messages_are_found_from_their_base() -> None:
    message = golden("nii-sale-chip-req-real")
    changes = [str(one) for one in suggest(get_spec("nii-bcd"), message.body)]
    assert changes == [
        '62 = { length = "ascii 3 bytes" }',
        '63 = { length = "ascii 3 bytes" }',
    ]


def test_good_and_hopeless_messages_have_no_suggestions() -> None:
    for message in golden_messages()[:20]:
        assert suggest(get_spec(message.dialect), message.body) == ()
    assert suggest(get_spec("cup-bcd"), b"\xff" * 60) == ()
    assert suggest(get_spec("cup-bcd"), b"") == ()


def test_page_of_dialects_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = block("hex").strip()
    assert main(["decode", wire, "--format", "nii-bcd"]) == 8
    shown = capsys.readouterr().out
    for line in PAGE.split("```toml")[0].splitlines():
        if line.startswith(("    FAULT", "    try")):
            assert line.strip() in shown
    path = tmp_path / "example-acquirer.toml"
    path.write_text(block("toml"), encoding="utf-8")
    assert main(["spec", "lint", str(path)]) == 0
    assert "35 fields, 3 layouts, good" in capsys.readouterr().out
    assert main(["decode", wire, "--format", str(path), "--json", "--unmasked"]) == 0
    given = capsys.readouterr().out
    assert json.loads(given)["sub"]["48"] == {"01": "3.1.7", "02": "SN004711"}
    assert main(["encode", given, "--format", str(path)]) == 0
    assert capsys.readouterr().out.strip() == wire


def test_message_of_the_page_encodes_to_itself() -> None:
    spec = load_spec(block("toml"), "page", get_spec)
    framing = get_framing(spec.framing)
    (frame,) = framing.reader().feed(bytes.fromhex(block("hex")))
    assert walk_decode(spec, framing.open(frame).body).values[62] == "000093"


@pytest.mark.parametrize("name", [*FRAMINGS, *profile_names()])
def test_page_names_every_profile_and_dialect(name: str) -> None:
    assert f"`{name}`" in PAGE
