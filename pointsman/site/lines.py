"""On which line of a TOML text each key stands: what the standard parser does not tell.

`line_index` walks a text that tomllib has accepted already, so it only has to find keys, not to
judge them. A path holds the parts of a key, and the number of an element within an array.
"""

from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]

_BLANK = " \t\r\n"
_END_OF_WORD = "=.,]}#\n" + _BLANK
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def line_index(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every table, key and array element of a valid TOML text."""
    return dict(_Walk(text).document())


def line_of(index: Mapping[Path, int], path: Path) -> int:
    """Return the line of the path, or of the nearest table or key around it; 1 for none."""
    for size in range(len(path), 0, -1):
        line = index.get(path[:size])
        if line is not None:
            return line
    return 1


class _Walk:
    """A position in the text; every method leaves it behind what it has read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._elements: dict[Path, int] = {}  # arrays of tables: the number of the newest

    def document(self) -> Iterator[tuple[Path, int]]:
        table: Path = ()
        while self._next():
            line = self._line
            if self._text.startswith("[[", self._at):
                self._step(2)
                path = self._inside(self._key())
                self._elements[path] = self._elements.get(path, -1) + 1
                table = (*path, self._elements[path])
                self._step(2)
                yield table, line
            elif self._peek() == "[":
                self._step(1)
                table = self._inside(self._key())
                self._step(1)
                yield table, line
            else:
                yield from self._pair(table)

    def _pair(self, table: Path) -> Iterator[tuple[Path, int]]:
        line = self._line
        path = (*table, *self._key())
        yield path, line
        self._step(1)  # the equals sign
        yield from self._value(path)

    def _value(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._next()
        match self._peek():
            case "[":
                yield from self._array(path)
            case "{":
                yield from self._inline_table(path)
            case '"' | "'":
                self._string()
            case _:
                while self._peek() and self._peek() not in ",]}#\n":
                    self._step(1)

    def _array(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._step(1)
        number = 0
        while self._next() and self._peek() != "]":
            yield (*path, number), self._line
            yield from self._value((*path, number))
            number += 1
            if self._next() and self._peek() == ",":
                self._step(1)
        self._step(1)

    def _inline_table(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._step(1)
        while self._next() and self._peek() != "}":
            yield from self._pair(path)
            if self._next() and self._peek() == ",":
                self._step(1)
        self._step(1)

    def _key(self) -> tuple[str, ...]:
        """Read a dotted key up to its equals sign or bracket."""
        parts: list[str] = []
        while True:
            self._next()
            parts.append(self._string() if self._peek() in ('"', "'") else self._word())
            self._next()
            if self._peek() != ".":
                return tuple(parts)
            self._step(1)

    def _word(self) -> str:
        begin = self._at
        while self._peek() and self._peek() not in _END_OF_WORD:
            self._step(1)
        return self._text[begin : self._at]

    def _string(self) -> str:
        quote = self._peek()
        if self._text.startswith(quote * 3, self._at):
            quote *= 3
        self._step(len(quote))
        parts: list[str] = []
        while self._peek() and not self._text.startswith(quote, self._at):
            if self._peek() == "\\" and quote[0] == '"':
                self._step(1)
                parts.append(self._escaped())
            else:
                parts.append(self._peek())
                self._step(1)
        self._step(len(quote))
        while len(quote) > 1 and self._peek() == quote[0]:
            self._step(1)  # up to two quotes may stand right before the closing three
        return "".join(parts)

    def _escaped(self) -> str:
        mark = self._peek()
        self._step(1)
        size = {"u": 4, "U": 8}.get(mark)
        if size is None:
            return _ESCAPES.get(mark, mark)
        digits = self._text[self._at : self._at + size]
        self._step(size)
        return chr(int(digits, 16))

    def _inside(self, parts: tuple[str, ...]) -> Path:
        """Put the newest element's number behind each array of tables that the header names."""
        path: Path = ()
        for number, part in enumerate(parts):
            path = (*path, part)
            if number < len(parts) - 1 and path in self._elements:
                path = (*path, self._elements[path])
        return path

    def _next(self) -> bool:
        """Skip blanks, ends of line and comments; false at the end of the text."""
        while self._peek():
            if self._peek() == "#":
                while self._peek() and self._peek() != "\n":
                    self._step(1)
            elif self._peek() in _BLANK:
                self._step(1)
            else:
                return True
        return False

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _step(self, count: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count
