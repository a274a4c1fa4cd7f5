"""Where in a dialect file a key stands, so that a mistake is told with its line.

The TOML reader gives values without places. Dialect files keep one row to a line, so a plain scan
for the key inside its section finds it. What is a mistake is decided in profile.py and rows.py.
"""

import re
from tomllib import TOMLDecodeError
from typing import Final

from pointsman.codecs.errors import SpecError

_SECTION: Final = re.compile(r"\s*\[+\s*([A-Za-z0-9_.-]+)\s*\]+")
_KEY: Final = re.compile(r"""\s*["']?([A-Za-z0-9_.-]+)["']?\s*=""")
_AT_LINE: Final = re.compile(r"\(at line (\d+)")


class RowError(ValueError):
    """A mistake in one row or table, before its line is known."""


class Lines:
    """The lines of one dialect file."""

    def __init__(self, text: str, path: str) -> None:
        self.path: Final = path
        self._lines: Final = text.splitlines()

    def line(self, key: str, section: str = "", nth: int = 0) -> int:
        """Return the line of ``key`` in the ``nth`` copy of ``section``; 1 where it is not seen."""
        inside, seen = "", -1
        for number, line in enumerate(self._lines, 1):
            if header := _SECTION.match(line):
                inside = header[1]
                if inside == section:
                    seen += 1
                if inside == key and not section:
                    return number
                continue
            found = _KEY.match(line)
            if found and found[1] == key and inside == section and (not section or seen == nth):
                return number
        return 1

    def fault(self, key: str, reason: str, section: str = "", nth: int = 0) -> SpecError:
        """Return the error for a mistake at ``key``."""
        return SpecError(reason, path=self.path, line=self.line(key, section, nth))

    def syntax(self, error: TOMLDecodeError) -> SpecError:
        """Return the error for text that is not TOML."""
        place = _AT_LINE.search(str(error))
        line = int(place[1]) if place else len(self._lines)
        return SpecError(f"not TOML: {error}", path=self.path, line=max(line, 1))
