"""The Chinese face of PDF files: embedded, and only those of its characters that a file shows.

A core but for reading its own package. The face holds GB 2312 and Latin; it is a subset of Noto
Sans CJK SC under another name (faces/OFL.txt). A text with a character beyond it is set in the
reader's own Adobe-GB1 face, which is not embedded (docs/reports.md).
"""

from functools import cache
from importlib import resources

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

EMBEDDED, READERS = "PointsmanHan", "STSong-Light"
_FILE = "faces/PointsmanHan-Regular.ttf"


def face_of(text: str) -> str:
    """Return the name of the face in which a text with Chinese is set."""
    return EMBEDDED if known() >= set(map(ord, text)) else _readers()


@cache
def known() -> frozenset[int]:
    """Return the characters of the embedded face; it is read at the first Chinese text."""
    with resources.as_file(resources.files("pointsman.reports").joinpath(_FILE)) as path:
        font = TTFont(EMBEDDED, str(path))
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


@cache
def _readers() -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(READERS))
    return READERS
