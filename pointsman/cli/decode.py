"""`pointsman decode`: what the bytes of a message say, for people and for programs.

A shell: it reads an argument, a file or standard input and prints. What the bytes mean is found in
pointsman.codecs (dump, guess, explain); secret values are masked unless --unmasked is given.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from pointsman.cli.options import Exit, complain
from pointsman.codecs.codec import codec_names, get_spec
from pointsman.codecs.dump import read_dump
from pointsman.codecs.errors import SpecError
from pointsman.codecs.explain import Explained, Line, as_json, explain, lines
from pointsman.codecs.framing import get_framing
from pointsman.codecs.guess import Verdict, differing_rows
from pointsman.codecs.messages import BARE, verdicts
from pointsman.codecs.profile import load_spec
from pointsman.codecs.spec import Spec
from pointsman.codecs.suggest import suggest

_HALF_A_BYTE = re.compile(r"(?:[0-9A-Fa-f]{2})+[0-9A-Fa-f]")
_DIGITS = re.compile(r"[0-9]{12}")  # that may be part of a card number


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = subparsers.add_parser(
        "decode",
        help="explain the bytes of a message",
        description="Explain a message: hex, a hex dump or a file, framed or bare.",
    )
    parser.add_argument("input", nargs="?", default="-", help="hex, a file, or - (default)")
    parser.add_argument("--format", help="dialect by name or file; guessed when not given")
    parser.add_argument("--framing", help="framing profile, or none; guessed when not given")
    parser.add_argument("--json", action="store_true", help="one JSON object a message")
    parser.add_argument("--unmasked", action="store_true", help="show secret values as well")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Decode what was given; 0 where every message was good, 8 at a fault."""
    try:
        data = read_input(arguments.input)
        specs = [named_spec(arguments.format)] if arguments.format else all_specs()
        framed = arguments.framing
        if framed is not None and framed != BARE:
            get_framing(framed)
    except (KeyError, SpecError) as error:
        complain(str(error.args[0]))
        return Exit.NOT_FOUND if isinstance(error, KeyError) else Exit.CHECK_FAILED
    except FileNotFoundError as error:
        complain(f"neither hex nor a file: {_told(str(error.filename))}")
        return Exit.NOT_FOUND
    except OSError as error:
        complain(f"cannot read the input: {error.strerror}")  # not its name: it may be a message
        return Exit.USAGE
    except ValueError as error:
        complain(f"cannot read the input: {error}")
        return Exit.USAGE
    if arguments.unmasked:
        complain("secret values are shown; do not pass this output on")
    good = True
    for wire, verdict in verdicts(data, specs, framed):
        explained = explain(wire, verdict.best.opening, verdict.best.spec)
        good = good and explained.error is None
        if arguments.json:
            print(json.dumps(as_json(explained, unmasked=arguments.unmasked), ensure_ascii=False))
        else:
            show(explained, verdict, told=len(specs) == 1, unmasked=arguments.unmasked)
    return Exit.OK if good else Exit.CHECK_FAILED


def read_input(word: str) -> bytes:
    """Return the bytes of an argument: hex itself, a file, or standard input for ``-``."""
    if word == "-":
        raw = sys.stdin.buffer.read()
    else:
        try:
            return read_dump(word)
        except ValueError:
            if not word or _HALF_A_BYTE.fullmatch(word):
                raise ValueError("no whole bytes of hex") from None
            raw = Path(word).read_bytes()
    try:
        return read_dump(raw.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        if (raw and not raw.isascii()) or b"\0" in raw:
            return raw
        raise ValueError("neither hex nor a hex dump nor raw bytes") from None


def _told(name: str) -> str:
    """Return the name of a file that is not there; what may be part of a message is not told."""
    return "what was given" if _DIGITS.search(name) else name


def all_specs() -> list[Spec]:
    """Return every dialect that comes with the package."""
    return [get_spec(name) for name in codec_names()]


def named_spec(name: str) -> Spec:
    """Return a dialect by name, or from a file whose name ends with .toml.

    Raises KeyError with a text where it is not there, SpecError where it is wrong.
    """
    if name.endswith(".toml"):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise KeyError(f"no dialect file {name}") from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise SpecError(reason, path=name, line=1) from None
        return load_spec(text, name, get_spec)
    return get_spec(name)


def show(explained: Explained, verdict: Verdict, *, told: bool, unmasked: bool) -> None:
    """Print the table for people."""
    best, second = verdict.best, verdict.next
    framing = best.opening.framing
    length = "" if framing is None or best.opening.has_length else ", without its length"
    sure = "as told" if told else f"{verdict.percent} % sure"
    print(
        f"format {best.spec.name}, framing {framing.name if framing else 'none'}{length} ({sure})"
    )
    print(f"{'offset':>6} {'size':>4}  {'field':<26} {'name':<28} value")
    for line in lines(explained, unmasked=unmasked):
        print(draw(line))
    if explained.error is not None:
        print(f"FAULT  {explained.error}")
        changes = suggest(explained.spec, best.opening.envelope.body)
        for change in changes if explained.far.error else ():
            print(f"try    {change}")
    if not told and second is not None:
        rows = ", ".join(map(str, differing_rows(best.spec, second.spec, best.far.values)))
        how = (
            "decodes too" if second.whole else f"fails: {second.far.error or second.opening.fault}"
        )
        print(f"next   {second.spec.name} {how}; it writes otherwise: {rows or 'framing'}")


def draw(line: Line) -> str:
    """Return one line of the table."""
    place = f"{line.offset:>6} {line.size:>4}" if line.offset >= 0 else " " * 11
    label = line.label if line.offset >= 0 else f"  {line.label}"
    text = " ".join(filter(None, (line.value, f"({line.meaning})" if line.meaning else "")))
    octets = f"  [{line.octets}]" if line.octets else ""
    return f"{place}  {label:<26} {line.name:<28} {text}{octets}".rstrip()
