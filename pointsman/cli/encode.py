"""`pointsman encode`: the bytes of a message from JSON as `decode --json --unmasked` gives it.

A shell: it reads an argument, a file or standard input and prints hex. Writing the message is
pointsman.codecs; errors name the field, never its value.
"""

import argparse
import sys
from pathlib import Path
from typing import cast

from pointsman.cli import strict_json
from pointsman.cli.decode import named_spec
from pointsman.cli.options import Exit, complain
from pointsman.codecs.compose import compose_field
from pointsman.codecs.content import is_digits
from pointsman.codecs.engine import Codec
from pointsman.codecs.errors import EncodeError, SpecError
from pointsman.codecs.framing import Envelope, get_framing
from pointsman.codecs.private import CONTROL_FIELD


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = subparsers.add_parser(
        "encode",
        help="make the bytes of a message",
        description='Make a message from JSON: {"format", "mti", "fields": {"2": ...}} and, for '
        'a framed one, "framing", "tpdu", "header". A private field may be given by its parts '
        'instead: "sub": {"60": {"60.1_txn_type": ...}}, keys as decode shows them.',
    )
    parser.add_argument("input", nargs="?", default="-", help="JSON, a file, or - (default)")
    parser.add_argument("--format", help="dialect by name or file")
    parser.add_argument("--framing", help="framing profile, or none")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the message as hex; 8 where the dialect cannot carry it."""
    try:
        given = read_object(arguments.input)
        name = arguments.format or given.get("format")
        if not isinstance(name, str):
            complain("which format? say --format, or put it into the object")
            return Exit.USAGE
        print(encode(given, Codec(named_spec(name)), arguments.framing).hex().upper())
    except KeyError as error:
        complain(str(error.args[0]))
        return Exit.NOT_FOUND
    except (EncodeError, SpecError) as error:
        complain(str(error))
        return Exit.CHECK_FAILED
    except FileNotFoundError as error:
        complain(f"neither a JSON object nor a file: {error.filename}")
        return Exit.NOT_FOUND
    except (OSError, ValueError) as error:
        complain(f"cannot read the input: {error}")
        return Exit.USAGE
    return Exit.OK


def read_object(word: str) -> dict[str, object]:
    """Return the JSON object of an argument: itself, a file, or standard input for ``-``."""
    if word == "-":
        text = sys.stdin.read()
    else:
        text = (
            word if word.lstrip().startswith(("{", "[")) else Path(word).read_text(encoding="utf-8")
        )
    given = strict_json.load(text)
    if not isinstance(given, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the input is wrong, not the program
    return given


def encode(given: dict[str, object], codec: Codec, framing_name: str | None) -> bytes:
    """Return the wire bytes of the object; raises EncodeError, KeyError or ValueError."""
    fields = given.get("fields", {})
    if not isinstance(fields, dict):
        raise ValueError('"fields" is not an object')  # noqa: TRY004 - as above
    values = {}
    for key, value in fields.items():
        if not isinstance(value, str):
            raise ValueError(f"field {key!r} is not a text")  # noqa: TRY004 - as above
        if _number(key) in values:
            raise ValueError(f"field {_number(key)} stands twice")
        values[_number(key)] = value
    mti = str(given.get("mti", ""))
    # Field 60 first: its code may decide which layout another field has.
    for number, parts in sorted(_divided(given).items(), key=lambda one: one[0] != CONTROL_FIELD):
        if number not in values:
            values[number] = compose_field(codec.spec, number, mti, values.get, parts)
    body = codec.encode(mti, values)
    name = framing_name or cast("str | None", given.get("framing"))
    if name is None or name == "none":
        return body
    tpdu, header = (bytes.fromhex(str(given.get(key) or "")) for key in ("tpdu", "header"))
    return get_framing(name).close(Envelope(tpdu, header, body), body)


def _number(key: str) -> int:
    if not is_digits(key) or not key:
        raise ValueError(f"field {key!r} is not a number")
    return int(key)


def _divided(given: dict[str, object]) -> dict[int, dict[str, str]]:
    """Return the fields that are given by their parts."""
    divided = given.get("sub", {})
    if not isinstance(divided, dict):
        raise ValueError('"sub" is not an object')  # noqa: TRY004 - as above
    for key, parts in divided.items():
        if not isinstance(parts, dict) or not all(isinstance(one, str) for one in parts.values()):
            raise ValueError(f'"sub" of field {key!r} is not an object of texts')
    found = {_number(key): parts for key, parts in divided.items()}
    if len(found) < len(divided):
        raise ValueError('a field stands twice in "sub"')
    return found
