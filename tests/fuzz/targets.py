"""What is fuzzed: framing, decode by walk and by code, chip data, private fields, explain, dumps.

Each target takes any bytes, raises only when something escaped, and returns a mark: what it
reached, so that a fuzzer without code coverage can tell new ground from old.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pointsman.codecs.codec import codec_names, get_codec, get_spec
from pointsman.codecs.dump import read_dump
from pointsman.codecs.errors import DecodeError, FrameError
from pointsman.codecs.explain import as_json, explain, lines
from pointsman.codecs.framing import FRAMINGS
from pointsman.codecs.opening import bare, open_framed
from pointsman.codecs.tlv import build_tlv, parse_tlv, walk_tlv
from pointsman.codecs.track import parse_track2
from pointsman.codecs.walk import walk_far
from pointsman.codecs.write import walk_encode
from tests.codecs.golden import golden_messages

T = TypeVar("T")
Target = Callable[[bytes], object]
PROFILES = tuple(FRAMINGS.values())
CODECS = tuple(get_codec(name) for name in codec_names())
# What coverage-guided fuzzing found worth keeping, one input a line.
CORPUS = Path(__file__).parent / "corpus.hex"
ROUTING = (2, 3, 4, 11, 41, 42, 49)


def seeds() -> Iterator[bytes]:
    """Yield the inputs to begin with: the recorded corpus, golden messages, their chip data."""
    for line in CORPUS.read_text(encoding="ascii").split():
        yield bytes.fromhex(line)
    for message in golden_messages():
        yield message.wire
        yield message.body
        if 55 in message.fields:
            yield bytes.fromhex(message.fields[55])


def fuzz_framing(data: bytes) -> object:
    """Frames come out the same however the stream is split, and open or are refused."""
    profile = PROFILES[len(data) % len(PROFILES)]
    whole, fault = _cut(profile.reader().feed, [data])
    step = 1 + len(data) % 7
    split, later = _cut(
        profile.reader().feed, [data[i : i + step] for i in range(0, len(data), step)]
    )
    assert (whole, fault) == (split, later)
    opened = 0
    for frame in whole:
        try:
            envelope = profile.open(frame)
        except DecodeError:
            continue
        profile.reply(envelope, envelope.body)
        opened += 1
    return profile.name, min(len(whole), 3), fault, min(opened, 3)


def fuzz_decode(data: bytes) -> object:
    """Codec and walk agree; what decodes encodes, and decodes to the same again."""
    codec = CODECS[sum(data[:8]) % len(CODECS)]
    far = walk_far(codec.spec, data)
    message, error = _caught(codec.decode, data)
    assert _told(error) == _told(far.error)
    if message is None:
        assert error is not None
        assert 0 <= error.offset <= len(data)
        return codec.name, error.field, error.reason[:9]
    assert message.fields == far.values
    again, _ = walk_encode(codec.spec, message.mti, message.fields)
    back = walk_far(codec.spec, again)
    assert {n: v.replace("D", "=") for n, v in back.values.items()} == {
        n: v.replace("D", "=") for n, v in far.values.items()
    }
    codec.patch(message, {})
    return codec.name, tuple(far.values)


def fuzz_peek(data: bytes) -> object:
    """A peek never raises but DecodeError, and agrees with the walk where that is whole."""
    codec = CODECS[sum(data[:8]) % len(CODECS)]
    try:
        message = codec.peek(data, ROUTING)
    except DecodeError as error:
        return codec.name, error.field
    far = walk_far(codec.spec, data)
    if far.error is None:
        assert all(message.get(n) == far.values.get(n) for n in ROUTING)
    return codec.name, tuple(n for n in ROUTING if n in message)


def fuzz_chip(data: bytes) -> object:
    """Chip data parses or is refused; what parses builds and parses to the same."""
    found, error = _caught(lambda octets: list(walk_tlv(octets)), data)
    if found is None:
        assert error is not None
        assert 0 <= error.offset <= len(data)
        return error.reason[:12], (error.sub or "")[:1]
    objects = parse_tlv(data)
    depth = max((depth for depth, _ in found), default=0)
    assert parse_tlv(build_tlv(objects)) == objects
    return depth, min(len(objects), 8)


def fuzz_explain(data: bytes) -> object:
    """Everything can be explained, in every dialect and framing, without an escape."""
    spec = get_spec(codec_names()[len(data) % len(codec_names())])
    framing = PROFILES[sum(data[:4]) % len(PROFILES)]
    explained = explain(data, open_framed(data, framing) or bare(data), spec)
    as_json(explained)
    count = sum(1 for _ in lines(explained))
    return spec.name, count // 8, explained.error and explained.error.field


def fuzz_text(data: bytes) -> object:
    """Dumps and tracks: text that people and cards give."""
    text = data.decode("latin-1")
    marks = []
    for read in (read_dump, parse_track2):
        try:
            read(text)
        except ValueError as error:
            marks.append(type(error).__name__)
    return tuple(marks)


def _caught(read: Callable[[bytes], T], data: bytes) -> tuple[T | None, DecodeError | None]:
    try:
        return read(data), None
    except DecodeError as error:
        return None, error


def _told(error: DecodeError | None) -> object:
    return error and (error.reason, error.offset, error.field, dict(error.decoded))


def _cut(feed: Callable[[bytes], list[bytes]], chunks: list[bytes]) -> tuple[list[bytes], bool]:
    frames: list[bytes] = []
    try:
        for chunk in chunks:
            frames += feed(chunk)
    except FrameError as error:
        return frames + list(error.frames), True
    return frames, False


TARGETS: tuple[Target, ...] = (
    fuzz_framing, fuzz_decode, fuzz_peek, fuzz_chip, fuzz_explain, fuzz_text,
)  # fmt: skip
