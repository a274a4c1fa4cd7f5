"""``pointsman report``: the reports of the back office as text, JSON or a file.

A shell over console/reporting.py: the same definitions, figures and hashes as on the pages. Exit
codes: 3 no such report, 7 database away.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import trio

from pointsman.cli.asking import everywhere, exit_of
from pointsman.cli.options import Exit, Setting, add_options, complain
from pointsman.cli.user import with_office
from pointsman.console.files import MEDIA
from pointsman.console.office import Office
from pointsman.console.problems import Problem
from pointsman.console.reporting import document
from pointsman.reports.catalogue import REPORTS
from pointsman.reports.making import Run
from pointsman.reports.period import FILTERS, OUTLET, PERIODS
from pointsman.reports.table import Row
from pointsman.reports.text import shown

_OPTIONS = ("period", "from", "to", "mid", OUTLET, *FILTERS, "by")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "report",
        help="the reports of the back office",
        description="Make a report of business days: "
        + ", ".join(f"{one.code} {one.en.lower()}" for one in REPORTS.values())
        + ". Without a name the reports are listed.",
    )
    add_options(parser)
    parser.add_argument("name", nargs="?", metavar="NAME", help="R01, R02, ...")
    parser.add_argument("--period", metavar="WORD", help=", ".join(PERIODS))
    parser.add_argument("--from", metavar="YYYY-MM-DD", help="the first business date")
    parser.add_argument("--to", metavar="YYYY-MM-DD", help="the last business date")
    parser.add_argument("--by", metavar="WORD", help="what the rows stand for")
    parser.add_argument("--compare", action="store_true", help="beside the period before")
    for name in ("mid", OUTLET, *FILTERS):
        word = name.replace("_", "-")
        parser.add_argument(f"--{word}", metavar="X", help=f"of this {word.replace('-', ' ')} only")
    parser.add_argument("--language", choices=("en", "zh-CN"), default="en")
    parser.add_argument("--format", choices=tuple(MEDIA), help="write a file instead of text")
    parser.add_argument("--out", metavar="FILE", help="where the file goes (usual: its own name)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, whole")
    parser.set_defaults(run=lambda arguments: with_office(arguments, _report))


async def _report(office: Office, arguments: argparse.Namespace, _: Setting) -> int:
    if arguments.name is None:
        return _list(as_json=arguments.json)
    given = {name: getattr(arguments, name) for name in _OPTIONS if getattr(arguments, name)}
    if arguments.compare:
        given["compare"] = "before"
    chinese = arguments.language == "zh-CN"
    ask = everywhere(given)
    try:
        definition = office.reporting.of(ask, arguments.name.upper())
        if arguments.format:
            office.exports.at_once_max = sys.maxsize  # nobody else waits here
            made = await office.exports.file(
                ask, definition.code, arguments.format, chinese=chinese
            )
            path = Path(arguments.out or made.name)
            await trio.to_thread.run_sync(path.write_bytes, made.content)
            if arguments.json:
                print(json.dumps({"file": str(path), **made.manifest}, ensure_ascii=False))
            else:
                print(f"{path}: {made.manifest['rows']} rows, sha256 {made.manifest['sha256']}")
            return Exit.OK
        run = await office.reporting.begin(ask, definition, given, chinese=chinese)
        rows = await office.reporting.making.whole(run)
    except Problem as problem:
        complain(problem.detail)
        return exit_of(problem)
    except OSError as error:
        complain(f"cannot write: {error}")
        return Exit.FAILED
    if arguments.json:
        print(json.dumps(document(run, rows), ensure_ascii=False))
    else:
        _print(run, rows)
    return Exit.OK


def _list(*, as_json: bool) -> int:
    for one in REPORTS.values():
        if as_json:
            line: dict[str, Any] = {"report": one.code, "version": one.version, "title": one.en}
            print(json.dumps({**line, "groupings": one.groupings, "formats": one.formats}))
        else:
            print(f"{one.code}  {one.en:<24} {one.about_en}")
    return Exit.OK


def _print(run: Run, rows: list[Row]) -> None:
    """Print the table with its totals, and what the report says of itself."""
    period, manifest = run.question.period, run.manifest()
    state = "final" if run.final else "provisional"
    print(f"{run.definition.code} {run.definition.title(chinese=run.chinese)}")
    print(f"{period.begin} to {period.end}, {run.zone}, {state}")
    titles = ["", *(column.title(chinese=run.chinese) for column in run.columns)]
    body = [_texts(run, row) for row in (*rows, *run.totals)]
    widths = [max(len(line[n]) for line in [titles, *body]) for n in range(len(titles))]
    right = [False, *(column.kind.value in {"count", "money", "ratio"} for column in run.columns)]
    for line in [titles, *body]:
        cells = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        )
        print("  ".join(cells).rstrip())
    print(f"{manifest.rows} rows, sha256 {manifest.sha256}")


def _texts(run: Run, row: Row) -> list[str]:
    return [
        row.currency,
        *(
            shown(column.named(cell, chinese=run.chinese), column.kind, row.currency, run.zone)
            for cell, column in zip(row.cells, run.columns, strict=True)
        ),
    ]
