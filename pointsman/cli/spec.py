"""`pointsman spec`: look at dialects: lint, diff, show, the generated code, pyiso8583 both ways.

A shell: it reads files and prints. Reading and checking dialects is pointsman.codecs.profile, the
code shape.py, the exchange pyiso.py.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from pointsman.cli import strict_json
from pointsman.cli.decode import named_spec
from pointsman.cli.options import Exit, complain
from pointsman.codecs.codec import codec_names, get_codec, get_spec
from pointsman.codecs.engine import Codec
from pointsman.codecs.errors import SpecError
from pointsman.codecs.profile_text import profile_text, row_text
from pointsman.codecs.pyiso import from_pyiso, to_pyiso
from pointsman.codecs.shape import encode_source

HINTS = "ascii87-hexbitmap"  # what the fields of 1987 are, for dictionaries that do not say


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = subparsers.add_parser("spec", help="look at message formats")
    acts = parser.add_subparsers(metavar="ACT", required=True)
    one = acts.add_parser("list", help="the dialects there are")
    one.set_defaults(run=run, act=_list)
    one = acts.add_parser("lint", help="check dialect files")
    one.add_argument("files", nargs="+", help="files, or names of dialects")
    one.set_defaults(run=run, act=_lint)
    one = acts.add_parser("show", help="print a dialect in full")
    one.add_argument("name", help="a dialect or file")
    one.add_argument("--pyiso", action="store_true", help="as a pyiso8583 dictionary, in JSON")
    one.set_defaults(run=run, act=_show)
    one = acts.add_parser("diff", help="what two dialects write differently")
    one.add_argument("one")
    one.add_argument("other")
    one.set_defaults(run=run, act=_diff)
    one = acts.add_parser("compile", help="the code made for one bitmap")
    one.add_argument("name", help="a dialect or file")
    one.add_argument("--bitmap", required=True, help="16 or 32 hex characters")
    one.add_argument("--show", action="store_true", help="print the code")
    one.set_defaults(run=run, act=_compile)
    one = acts.add_parser("import", help="make a dialect file from a pyiso8583 dictionary")
    one.add_argument("file", help="the dictionary as JSON")
    one.add_argument("--name", required=True)
    one.set_defaults(run=run, act=_import)


def run(arguments: argparse.Namespace) -> int:
    """Do one act; 3 where a dialect or file is not there, 8 where one is wrong."""
    act: Callable[[argparse.Namespace], int] = arguments.act
    try:
        return act(arguments)
    except KeyError as error:
        complain(str(error.args[0]))
        return Exit.NOT_FOUND
    except (SpecError, OSError) as error:
        complain(str(error))
        return Exit.CHECK_FAILED


def _list(_: argparse.Namespace) -> int:
    for name in codec_names():
        spec = get_spec(name)
        print(f"{name:<20} {spec.framing:<16} {spec.title}{' (assumed)' if spec.assumed else ''}")
    return Exit.OK


def _lint(arguments: argparse.Namespace) -> int:
    faults: list[Exit] = []
    for name in arguments.files:
        try:
            spec = named_spec(name)
        except KeyError as error:
            complain(str(error.args[0]))
            faults.append(Exit.NOT_FOUND)
        except (SpecError, OSError) as error:
            complain(str(error))
            faults.append(Exit.CHECK_FAILED)
        else:
            print(f"{name}: {len(spec.fields)} fields, {len(spec.layouts)} layouts, good")
    return max(faults, default=Exit.OK)


def _show(arguments: argparse.Namespace) -> int:
    spec = named_spec(arguments.name)
    if not arguments.pyiso:
        print(profile_text(spec), end="")
        return Exit.OK
    exported = to_pyiso(spec)
    for note in exported.notes:
        complain(note)
    print(json.dumps(exported.spec, indent=1))
    return Exit.OK


def _diff(arguments: argparse.Namespace) -> int:
    one, other = named_spec(arguments.one), named_spec(arguments.other)
    for key in ("version", "framing", "mti", "bitmap"):
        before, after = getattr(one, key), getattr(other, key)
        if before != after:
            print(f"- {key} = {getattr(before, 'value', before)}")
            print(f"+ {key} = {getattr(after, 'value', after)}")
    for number in sorted(set(one.fields) | set(other.fields)):
        rows = one.fields.get(number), other.fields.get(number)
        if rows[0] != rows[1]:
            for sign, row in zip("-+", rows, strict=True):
                if row is not None:
                    print(f"{sign} {row_text(row)}")
    return Exit.OK


def _compile(arguments: argparse.Namespace) -> int:
    spec = named_spec(arguments.name)
    try:
        bits = bytes.fromhex(arguments.bitmap)
    except ValueError:
        bits = b""
    if len(bits) not in (8, 16) or (len(bits) == 16) != bool(bits[0] & 0x80):  # noqa: PLR2004
        complain("a bitmap is 16 hex characters, or 32 with its first bit set")
        return Exit.USAGE
    shape = (get_codec(spec.name) if spec.name in codec_names() else Codec(spec)).shape(bits)
    missing = [number for number in shape.numbers if number not in spec.fields]
    if missing:
        complain(f"{spec.name} has no fields {', '.join(map(str, missing))}")
        return Exit.CHECK_FAILED
    sources = shape.decode_source(), encode_source(spec, tuple(shape.numbers))
    for source in sources:
        compile(source, spec.name, "exec")
        if arguments.show:
            print(source)
    return Exit.OK


def _import(arguments: argparse.Namespace) -> int:
    try:
        source = strict_json.load(Path(arguments.file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        complain(f"no file {arguments.file}")
        return Exit.NOT_FOUND
    except (OSError, ValueError) as error:
        complain(f"{arguments.file}: not JSON in a file: {error}")
        return Exit.CHECK_FAILED
    try:
        spec = from_pyiso(arguments.name, source, get_spec(HINTS).fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        complain(f"{arguments.file}: not a spec dictionary: {error}")
        return Exit.CHECK_FAILED
    print(profile_text(spec), end="")
    return Exit.OK
