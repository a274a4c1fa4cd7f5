"""The golden messages: public and constructed messages with the fields they must give.

Reads tests/data/messages; the manifest there says which framing profile each was sent in. Used by
the tests of this room and by the benchmarks.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pointsman.codecs.framing import get_framing

MESSAGES = Path(__file__).parent.parent / "data" / "messages"


@dataclass(frozen=True, slots=True)
class Golden:
    """One golden message: its wire bytes, where its body stands, and what it must decode to."""

    name: str
    dialect: str
    framing: str | None
    has_length: bool
    wire: bytes
    body: bytes
    mti: str
    fields: dict[int, str]
    subfields: dict[str, dict[str, object]]


@cache
def golden_messages() -> tuple[Golden, ...]:
    """Return all but the two about streams."""
    manifest = json.loads((MESSAGES / "manifest.json").read_text())
    return tuple(_load(name, row) for name, row in manifest.items() if row["mti"])


def golden(name: str) -> Golden:
    """Return one by name."""
    return next(message for message in golden_messages() if message.name == name)


def stream(name: str) -> bytes:
    """Return the bytes of one of the two that are about streams."""
    return bytes.fromhex(json.loads((MESSAGES / f"{name}.json").read_text())["wire_hex"])


def _load(name: str, row: dict[str, object]) -> Golden:
    data = json.loads((MESSAGES / f"{name}.json").read_text())
    wire = bytes.fromhex(data["wire_hex"])
    framing = row["framing"]
    assert framing is None or isinstance(framing, str)
    body = wire
    if framing is not None:
        profile = get_framing(framing)
        frame = profile.reader().feed(wire)[0] if row["length"] else wire
        body = profile.open(frame).body
    return Golden(
        name=name,
        dialect=data["format"],
        framing=framing,
        has_length=bool(row["length"]),
        wire=wire,
        body=body,
        mti=str(row["mti"]),
        fields={int(key): value for key, value in data["fields"].items()},
        subfields=data.get("subfields", {}),
    )
