"""Hypothesis strategies: rows of every kind, values that fit, dialects, messages, mutations."""

from hypothesis import strategies as st

from pointsman.codecs.rows import CODINGS, read_row
from pointsman.codecs.spec import THIRD_BITMAP, Coding, Counts, Field, Kind, Spec, make_fields

DIGITS = "0123456789"
PRINTABLE = "".join(map(chr, range(32, 127)))
HANZI = "银联商务收款成功"


@st.composite
def rows(draw: st.DrawFn, number: int) -> Field:
    """A row that the checks of rows.py let pass: every cell of kind, coding, length and pad."""
    kind = draw(st.sampled_from(list(Kind)))
    coding = draw(st.sampled_from(CODINGS[kind]))
    size = draw(st.integers(2 if kind is Kind.SIGNED else 1, 20))
    lengths = [
        f"{prefix} {places} {counts.value}"
        for prefix, places in [
            ("bcd", 1), ("bcd", 2), ("ascii", 2), ("ascii", 3), ("ebcdic", 2), ("ebcdic", 3),
            ("binary", 1), ("binary", 2), ("binary", 3),
        ]
        for counts in Counts
    ]  # fmt: skip
    row: dict[str, object] = {
        "name": f"field_{number}",
        "kind": kind.value,
        "size": size,
        "coding": coding.value,
        "length": draw(st.sampled_from(["fixed", *lengths])),
        "pad": f"{draw(st.sampled_from(['left', 'right']))} {draw(st.sampled_from('0F9A'))}",
    }
    for change in ({}, {"length": "ascii 3 bytes"}, {"length": "fixed"}, {"size": 9}):
        try:
            return read_row(number, row | change, None)
        except ValueError:
            continue
    return read_row(number, row | {"length": "fixed", "size": 9}, None)


@st.composite
def values(draw: st.DrawFn, field: Field) -> str:
    """A value that fits the row, of full size where the row is fixed."""
    low = field.size if field.prefix is None else 0
    even = field.packed and field.prefix is not None and field.prefix.counts is Counts.BYTES
    size = draw(st.integers(low, field.size))
    if even and size % 2:
        size -= 1
    match field.kind:
        case Kind.DIGITS:
            return draw(st.text(DIGITS, min_size=size, max_size=size))
        case Kind.TRACK:
            letters = "0123456789D" if field.packed else "0123456789="
            return draw(st.text(letters, min_size=size, max_size=size))
        case Kind.SIGNED:
            size = max(size, 2)
            return draw(st.sampled_from("CD")) + draw(
                st.text(DIGITS, min_size=size - 1, max_size=size - 1)
            )
        case Kind.BYTES:
            return draw(st.binary(min_size=size, max_size=size)).hex().upper()
        case Kind.TEXT if field.coding is Coding.GBK:
            return draw(st.text(HANZI, max_size=size // 2))
        case Kind.TEXT:
            return draw(st.text(PRINTABLE, min_size=size, max_size=size))


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A dialect of a few random rows."""
    known = st.integers(2, 128).filter(lambda n: n != THIRD_BITMAP)
    numbers = draw(st.lists(known, min_size=1, max_size=8, unique=True))
    fields = {n: draw(rows(n)) for n in numbers}
    return Spec(
        name="drawn",
        title="drawn",
        mti=draw(st.sampled_from([Coding.BCD, Coding.ASCII, Coding.EBCDIC])),
        bitmap=draw(st.sampled_from([Coding.BINARY, Coding.HEX, Coding.EBCDIC])),
        framing="len2",
        fields=make_fields(fields),
    )


@st.composite
def messages(draw: st.DrawFn, spec: Spec) -> tuple[str, dict[int, str]]:
    """A type and values for some of the rows."""
    numbers = draw(st.lists(st.sampled_from(sorted(spec.fields)), unique=True))
    mti = draw(st.text(DIGITS, min_size=4, max_size=4))
    return mti, {n: draw(values(spec.fields[n])) for n in sorted(numbers)}


def mutations(data: bytes) -> st.SearchStrategy[bytes]:
    """``data`` with bytes changed, cut out, doubled or added."""
    size = len(data)

    def change(where: int, what: bytes, take: int) -> bytes:
        return data[:where] + what + data[where + take :]

    return st.builds(change, st.integers(0, size), st.binary(max_size=3), st.integers(0, 4))
