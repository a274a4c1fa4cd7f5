"""Source code that encodes the messages of one set of fields, in one straight line.

Neighbours written alike are joined as text and turned into bytes together: packed and binary
content as one hex text, characters as one string. The code refuses by DoubtError whatever does not
plainly fit; the careful walk then fills, converts, or tells what is wrong.
"""

from binascii import unhexlify
from dataclasses import dataclass, field

from pointsman.codecs.bitmap import write_bitmap
from pointsman.codecs.content import EBCDIC_PAGE
from pointsman.codecs.cuts import IMAGES, Image
from pointsman.codecs.places import Namespace
from pointsman.codecs.spec import Coding, Counts, Field, Kind, Side, Spec
from pointsman.codecs.tables import PAD, DoubtError, digit_texts


@dataclass(slots=True)
class _Writer:
    """The code under construction: pieces wait in ``open`` until another image begins."""

    names: Namespace
    lines: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    chunks: list[str] = field(default_factory=list)
    image: Image = Image.HEX
    open: list[str] = field(default_factory=list)
    run: list[str] = field(default_factory=list)
    run_test: str = ""
    runs: int = 0

    def put(self, image: Image, text: str, test: str) -> None:
        """Append ``text`` (the inside of an f-string); ``test`` is what its run must pass."""
        if image is not self.image:
            self.close()
            self.image = image
        if test != self.run_test:
            self.end_run()
            self.run_test = test
        self.run.append(text)

    def end_run(self) -> None:
        """Name the run of alike neighbours and note its test."""
        if self.run and self.run_test:
            name = f"r{self.runs}"
            self.runs += 1
            self.lines.append(f'{name} = f"{"".join(self.run)}"')
            self.conditions.append(self.run_test.format(name))
            self.open.append(f"{{{name}}}")
        else:
            self.open += self.run
        self.run, self.run_test = [], ""

    def close(self) -> None:
        """Turn what is open into bytes."""
        self.end_run()
        if not self.open:
            return
        text = f'f"{"".join(self.open)}"'
        if self.image is Image.HEX:
            self.chunks.append(f"unhexlify({text})")
        else:
            page = EBCDIC_PAGE if self.image is Image.EBCDIC else "latin-1"
            self.chunks.append(f'{text}.encode("{page}")')
        self.open = []


# Runs become ASCII or fail: digits of other scripts and blanks inside hex are refused.
DIGITS = "{0}.isdecimal() and {0}.isascii()"
TEXT_TESTS = {
    Coding.ASCII: "{0}.isprintable() and {0}.isascii()",
    Coding.EBCDIC: "{0}.isprintable()",
}


def emit_encode(spec: Spec, numbers: tuple[int, ...]) -> tuple[str, Namespace]:
    """Return source of ``encode(mti, fields)`` for exactly these fields, and its names."""
    names: Namespace = {"DoubtError": DoubtError, "unhexlify": unhexlify}
    out = _Writer(names)
    for number in numbers:
        row = spec.fields[number]
        # ISO 8583: fixed text is left-justified and filled with blanks.
        fill = f".ljust({row.size})" if row.kind is Kind.TEXT and row.prefix is None else ""
        out.lines.append(f"v{number} = fields[{number}]{fill}  # {row.name}")
    out.conditions.append("len(mti) == 4")
    out.put(IMAGES[spec.mti], "{mti}", DIGITS)
    bits = write_bitmap(numbers).hex().upper()
    out.put(IMAGES[spec.bitmap], bits, "")
    for number in numbers:
        _put_field(out, spec.fields[number])
    out.close()
    body = [*out.lines, f"if not ({_join(out.conditions)}):", "    raise DoubtError"]
    body.append(
        f"return {out.chunks[0]}"
        if len(out.chunks) == 1
        else "return b''.join((" + ", ".join(out.chunks) + "))"
    )
    return "def encode(mti, fields):\n" + "".join(f"    {line}\n" for line in body), names


def _join(conditions: list[str]) -> str:
    return " and ".join(conditions)


def _put_field(out: _Writer, row: Field) -> None:
    v, n = f"v{row.number}", f"n{row.number}"
    if row.coding is Coding.GBK:
        out.lines.append(f'{v} = {v}.encode("gbk")')
    if row.prefix is None:
        characters = row.size * 2 if row.kind is Kind.BYTES else row.size
        out.conditions.append(f"len({v}) == {characters}")
    else:
        out.lines.append(f"{n} = len({v})")
        _put_length(out, row, n)
    match row.kind:
        case Kind.BYTES:
            if row.prefix is not None:
                out.conditions.append(f"{n} & 1 == 0")
            if row.coding is Coding.HEX:
                out.conditions.append(f"unhexlify({v}) is not None")
                out.put(Image.TEXT, f"{{{v}.upper()}}", "")
            else:
                out.put(Image.HEX, f"{{{v}}}", "")
        case Kind.SIGNED:
            out.conditions.append(f'{v}[:1] in ("C", "D")')
            _put_signed(out, row, v)
        case Kind.TEXT:
            _put_text(out, row, v)
        case Kind.DIGITS | Kind.TRACK:
            _put_digits(out, row, v, n)


def _put_signed(out: _Writer, row: Field, v: str) -> None:
    if row.packed:
        # The sign is one ASCII byte: C is 43 and D is 44.
        out.put(Image.HEX, f"{{'43' if {v}[0] == 'C' else '44'}}", "")
        out.put(Image.HEX, f"{{{v}[1:]}}", DIGITS)
        return
    image = IMAGES[row.coding]
    out.put(image, f"{{{v}[0]}}", "")
    out.put(image, f"{{{v}[1:]}}", DIGITS)


def _put_text(out: _Writer, row: Field, v: str) -> None:
    if row.coding is Coding.GBK:
        out.close()
        out.chunks.append(v)
    else:
        out.put(IMAGES[row.coding], f"{{{v}}}", TEXT_TESTS.get(row.coding, ""))


def _put_digits(out: _Writer, row: Field, v: str, n: str) -> None:
    if not row.packed:
        if row.kind is Kind.TRACK:
            # ISO/IEC 7813: the separator is = as a character and D as a nibble.
            out.lines.append(f'{v} = {v}.replace("D", "=")')
            out.conditions.append(f'({v}.replace("=", "0", 1) or "0").isdecimal()')
        out.put(IMAGES[row.coding], f"{{{v}}}", DIGITS if row.kind is Kind.DIGITS else "")
        return
    test = DIGITS if row.kind is Kind.DIGITS else ""
    pad = ""
    if row.prefix is None:
        pad = row.pad.nibble if row.size % 2 else ""
    elif row.prefix.counts is Counts.DIGITS:
        out.names[f"PAD{row.pad.nibble}"] = PAD[row.pad.nibble]
        pad = f"{{PAD{row.pad.nibble}[{n} & 1]}}"
    pad_test = test if row.pad.nibble <= "9" else ""
    pieces = [(f"{{{v}}}", test)]
    if pad:
        at = 0 if row.pad.side is Side.LEFT else 1
        pieces.insert(at, (pad, pad_test))
    for text, one_test in pieces:
        out.put(Image.HEX, text, one_test)


def _put_length(out: _Writer, row: Field, n: str) -> None:
    prefix = row.prefix
    assert prefix is not None
    count, largest = _told(out, row, n)
    match prefix.coding:
        case Coding.BINARY:
            out.put(Image.HEX, f"{{{count}:0{prefix.size * 2}X}}", "")
        case Coding.BCD:
            table = f"BCD{prefix.size}_{largest}"
            out.names[table] = digit_texts(prefix.size * 2, largest)
            out.put(Image.HEX, f"{{{table}[{count}]}}", DIGITS)
        case _:
            image = Image.EBCDIC if prefix.coding is Coding.EBCDIC else Image.TEXT
            table = f"DIGITS{prefix.size}_{largest}"
            out.names[table] = digit_texts(prefix.size, largest)
            # A run goes on over its lengths.
            tests = {Kind.DIGITS: DIGITS, Kind.TEXT: TEXT_TESTS.get(row.coding, "")}
            test = tests.get(row.kind, "")
            out.put(image, f"{{{table}[{count}]}}", test)


def _told(out: _Writer, row: Field, n: str) -> tuple[str, int]:
    """Return the expression of what the length tells, and the largest it may be."""
    assert row.prefix is not None
    counts = row.prefix.counts
    if row.kind is Kind.BYTES:
        out.conditions.append(f"{n} <= {row.size * 2}")
        whole = counts is Counts.DIGITS or (counts is Counts.BYTES and row.coding is Coding.HEX)
        return (n, row.size * 2) if whole else (f"{n} >> 1", row.size)
    out.conditions.append(f"{n} <= {row.size}")
    if row.packed and counts is Counts.BYTES:
        out.conditions.append(f"{n} & 1 == 0")
        return f"{n} >> 1", row.size // 2
    return n, row.size
