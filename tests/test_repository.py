"""What is kept in the repository: locks without addresses, no card numbers, links that lead on.

Words of a workplace (paths of a machine, names of tools, hosts of registries) do not belong to a
product; they are put together here from pieces, so that this file does not hold them either.
"""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import pointsman
from pointsman.config import Config
from pointsman.sim.live import VISITOR_TID

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-browser.lock")
TEXT = {".py", ".md", ".toml", ".sql", ".json", ".yml", ".yaml", ".service", ".lock", "", ".csv"}

FORBIDDEN = [
    *("/wo" + "rk/", r"\.\./sha" + "red", "clau" + "de", "anthro" + "pic", "open" + "ai"),
    *(r"\bchat" + r"gpt\b", r"\bll" + r"m\b", "language mo" + "del", "sub" + "agent"),
    *(
        "pypi" + r"\.org",
        "files" + r"\.pythonhosted",
        "registry" + r"\.npmjs",
        r"\bas an a" + r"i\b",
    ),
]

# Public test card numbers; nothing else that looks like a card number may stand anywhere.
TEST_CARDS = {
    *("6216261000000000018", "6226090000000048", "6226388000000095", "6250947000000014"),
    *("6223164991230014", "6200000000000005", "6205500000000000004", "4111111111111111"),
    *("4012888888881881", "5555555555554444", "3566002020360505"),
}
# Bitmaps that happen to look like a card number.
BITMAPS = {"4100000000000001"}
# Published vectors of cryptographic standards: their numbers are random or of no issuer.
VECTORS = ROOT / "tests" / "data" / "vectors"
CARD = re.compile(
    r"(?<![0-9A-Fa-f.])(?:62\d{14,17}|4\d{15}|5[1-5]\d{14}|35\d{14}|3[47]\d{13})(?![0-9A-Fa-f])"
)


def files() -> list[Path]:
    """Return every file under version control, or, without it, every file that could be."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        names = listed.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    skipped = {".venv", "var", "dist", "node_modules"}
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not any(part in skipped or part[:1] == "." for part in path.parts)
    ]


def text_of(path: Path) -> str:
    return path.read_text("utf-8") if path.suffix in TEXT else ""


def luhn(digits: str) -> bool:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def test_repository_speaks_of_the_product_alone() -> None:
    pattern = re.compile("|".join(FORBIDDEN), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_card_number_but_the_public_test_cards() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {number[:6]}...{number[-4:]}"
        for path in files()
        if path.suffix in {".py", ".md", ".toml", ".json"} and VECTORS not in path.parents
        for number in CARD.findall(text_of(path))
        if luhn(number) and number not in TEST_CARDS | BITMAPS
    ]
    assert found == []


def test_card_scan_finds_a_planted_number() -> None:
    planted = "4" + "0" * 14 + "2"
    assert luhn(planted)
    assert planted not in TEST_CARDS
    assert CARD.findall(f"pan = '{planted}'") == [planted]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_every_package_by_hash_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text  # names of packages may hold "http"
    assert "index-url" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 10
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ ", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]


def test_version_is_said_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == pointsman.__version__
    assert f"## {pointsman.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)} -> {target}"
        for path in files()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(path))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    asked = set(re.findall(r"(?:`|^ +)make ([a-z]+)", readme, re.MULTILINE))
    assert {"demo", "test"} <= asked
    for target in asked:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_readme_points_a_terminal_at_what_the_demo_leaves_free() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    terminals = Config().terminals
    assert f"`{terminals.host}:{terminals.port}`" in readme
    site = tomllib.loads((ROOT / "pointsman" / "sim" / "demo_site.toml").read_text("utf-8"))
    mid = re.findall(r"merchant `(\d+)`", readme)[0]
    tid = re.findall(r"terminal `(\d+)`", readme)[0]
    assert tid == VISITOR_TID
    assert site["merchants"][mid]["terminals"][tid]["tmk"] in readme


def test_continuous_integration_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text("utf-8").startswith("#!/usr/bin/env bash\n")
