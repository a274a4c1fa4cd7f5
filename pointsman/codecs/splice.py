"""A message with some fields changed and every other byte as it was received.

What is kept is cut out of the original with its length and pad, so that nothing a peer wrote is
tidied on the way. Where fields stand is the shape's knowledge; write.py writes single fields.
"""

from collections.abc import Collection, Mapping

from pointsman.codecs.errors import EncodeError
from pointsman.codecs.message import Message
from pointsman.codecs.spec import Spec
from pointsman.codecs.write import write_field, write_head


def splice(
    spec: Spec,
    message: Message,
    changes: Mapping[int, str],
    mti: str | None,
    remove: Collection[int],
) -> bytes:
    """Return ``message`` with ``changes`` set and ``remove`` left out; raises EncodeError."""
    raw, spans = message.raw, message.spans
    begin = head_end = spec.mti_size + spec.bitmap_size * (len(message.bitmap_hex) // 16)
    pieces: dict[int, bytes] = {}
    for number, (_, end) in spans.items():
        if number not in remove:
            pieces[number] = raw[begin:end]
        begin = end
    for number, value in changes.items():
        field = spec.fields.get(number)
        if field is None:
            raise EncodeError(f"dialect {spec.name} has no such field", field=number)
        length, content = write_field(field, value)
        pieces[number] = length + content
    if mti is None and pieces.keys() == spans.keys():
        start = raw[:head_end]
    else:
        start = write_head(spec, message.mti if mti is None else mti, pieces)
    return start + b"".join(pieces[number] for number in sorted(pieces))
