"""Key requests keep their secrets out of their reprs."""

from pointsman.hsm.keycommands import Component, ImportKey, ImportUnder, KeyMade, TerminalKeys


def test_no_key_shows() -> None:
    values = (
        ImportKey("ZPK", "ABCDEF"),
        ImportUnder(b"SECRET", "ZPK", b"SECRET", b"kcv"),
        Component("e", "ZMK", "ann", 1, 2, "ABCDEF"),
        KeyMade(b"SECRET", "kcv"),
        TerminalKeys(b"SECRET", b"SECRET", b"SECRET", b"SECRET", ("kcv",)),
    )
    text = repr(values)
    assert "SECRET" not in text
    assert "ABCDEF" not in text
    assert "ann" in text
