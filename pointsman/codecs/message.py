"""A decoded message: immutable, typed, decoded no further than asked, and not to be printed.

A message keeps the bytes it came from, so that what nobody touched can be forwarded as it was.
How the bytes become fields is the codec's business (engine.py); what fields mean is not known here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NoReturn, Protocol

NOTHING: Final[Mapping[int, str]] = MappingProxyType({})


class Reader(Protocol):
    """What a message leans on: the codec's knowledge of one bitmap."""

    @property
    def bitmap_hex(self) -> str:
        """Upper-case hex of the bitmap, 16 or 32 characters."""
        ...

    @property
    def numbers(self) -> Mapping[int, int]:
        """The fields present, in order, each with its position."""
        ...

    def read_all(self, raw: bytes) -> tuple[str, ...]:
        """Decode every field of ``raw``, in order; raises DecodeError."""
        ...

    def read_spans(self, raw: bytes) -> Mapping[int, tuple[int, int]]:
        """Return where each field's content stands; raises DecodeError."""
        ...

    def read_span(self, raw: bytes, number: int) -> tuple[int, int]:
        """Return where a field's content stands; raises KeyError when absent."""
        ...


def _refuse(_fields: object, *_values: object, **_named: object) -> NoReturn:
    raise TypeError("a message does not change")


class Fields(dict[int, str]):
    """The values of a message by number; never changed, and printing it shows the numbers alone.

    A dict, since a sale looks at some seventy fields: a mapping around one costs a call each.
    """

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = setdefault = pop = popitem = clear = _refuse

    def copy(self) -> dict[int, str]:
        """Return a new dict of the values, to be changed into another message."""
        return dict(self)

    def __repr__(self) -> str:
        return f"Fields({', '.join(map(str, self))})"


class Message:
    """One message as received: its type, which fields it has, and their values.

    ``mti`` and ``raw`` are there at once. A message from ``Codec.peek`` decodes the fields that
    were not asked for when they are first read, which may raise DecodeError; one from
    ``Codec.decode`` never raises.
    """

    __slots__ = ("_fields", "_mti", "_raw", "_reader", "_some", "_values")

    def __init__(
        self,
        reader: Reader,
        raw: bytes,
        mti: str,
        values: tuple[str, ...] | None,
        some: Mapping[int, str] = NOTHING,
    ) -> None:
        self._reader = reader
        self._raw = raw
        self._mti = mti
        self._values = values
        self._some = some
        self._fields: Fields | None = None

    @property
    def mti(self) -> str:
        """The message type, four digits."""
        return self._mti

    @property
    def raw(self) -> bytes:
        """The message as received, from its type to its last field."""
        return self._raw

    @property
    def bitmap_hex(self) -> str:
        """The bitmap, 16 or 32 upper-case hex characters."""
        return self._reader.bitmap_hex

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the fields present, in order."""
        return tuple(self._reader.numbers)

    @property
    def fields(self) -> Fields:
        """Every field; raises DecodeError after ``peek`` where one is faulty."""
        if self._fields is None:
            self._fields = Fields(zip(self._reader.numbers, self._whole(), strict=True))
        return self._fields

    def get(self, number: int) -> str | None:
        """Return the value of a field, or None where it is absent."""
        fields = self._fields
        if fields is not None:
            return fields.get(number)
        value = self._some.get(number)
        if value is None and number in self._reader.numbers:
            return self.fields[number]
        return value

    def __getitem__(self, number: int) -> str:
        value = self.get(number)
        if value is None:
            raise KeyError(number)
        return value

    def __contains__(self, number: object) -> bool:
        return number in self._reader.numbers

    def span(self, number: int) -> tuple[int, int]:
        """Return start and end of a field's content in ``raw``; raises KeyError when absent.

        ``span(64)[0]`` is the end of what a message authentication code covers.
        """
        return self._reader.read_span(self._raw, number)

    @property
    def spans(self) -> Mapping[int, tuple[int, int]]:
        """Start and end of each field's content in ``raw``."""
        return self._reader.read_spans(self._raw)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self._raw == other._raw and self._reader.numbers == other._reader.numbers

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"Message({self._mti}, fields {', '.join(map(str, self._reader.numbers))})"

    def __reduce__(self) -> str:
        raise TypeError("a message holds secrets and is not pickled")

    def _whole(self) -> tuple[str, ...]:
        if self._values is None:
            self._values = self._reader.read_all(self._raw)
        return self._values
