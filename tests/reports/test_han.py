"""The Chinese face: every word of the product is in it, and it is embedded as far as it is used."""

import io
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pypdf import PdfReader

from pointsman.reports import han
from pointsman.reports.as_pdf import pdf
from pointsman.reports.measures import Kind
from pointsman.reports.table import Column, Row

WORDS = Path(han.__file__).parents[1] / "console"


def fonts(text: str) -> dict[str, int]:
    """Return the bytes of each face that a file with this text brings; 0 where it only names it."""
    column = Column("merchant", Kind.TEXT, "Merchant", "商户")
    data = pdf(
        ["R01 日交易汇总"], (column,), [Row("CNY", [text])], totals=[], manifest=[],
        zone=ZoneInfo("UTC"), chinese=True,
    )  # fmt: skip
    found: dict[str, int] = {}
    for page in PdfReader(io.BytesIO(data)).pages:
        resources: Any = page["/Resources"]  # pypdf's objects are typed by what they hold
        for one in resources["/Font"].values():
            font = one.get_object()
            for inner in font.get("/DescendantFonts", [font]):
                described = inner.get_object().get("/FontDescriptor")
                file = described and described.get_object().get("/FontFile2")
                name = str(font["/BaseFont"]).rpartition("+")[2].removeprefix("/")
                found[name] = len(file.get_object().get_data()) if file else 0
    return found


def test_every_word_of_the_product_is_in_the_face() -> None:
    files = sorted(WORDS.glob("words*zh-CN.toml"))
    assert files
    for file in files:
        for text in tomllib.loads(file.read_text("utf-8")).values():
            beyond = {letter for letter in str(text) if ord(letter) not in han.known()}
            assert not beyond - set("✓✗→←↑↓⌘⌃⏎␣"), (file.name, text, beyond)


def test_what_is_shown_is_embedded_and_no_more() -> None:
    short, long = (
        fonts("茶馆"),
        fonts("港口茶馆北方书店花园市场莲花酒店河畔药房蓝巷咖啡玉山户外晨光面包"),
    )
    name = next(name for name in short if "Han" in name)
    assert 1_000 < short[name] < long[name] < 200_000
    assert han.READERS not in {name.partition("-")[0] for name in short}


def test_a_character_beyond_the_face_is_left_to_the_reader() -> None:
    assert han.face_of("茶") == han.EMBEDDED
    assert han.face_of("\u3400") == han.READERS
    assert any(name.startswith(han.READERS) for name in fonts("\u3400"))
