"""`pointsman hsm rewrap|reseal|change-lmk|change-pan-key`: the long changes, in batches, resumable.

A job reads lines from one file and appends as many to another; started again it goes on behind the
last whole line. A shell over the operator socket, like ``hsm_keys``; the work is the HSM's.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from pointsman.cli.hsm_keys import ask, secret_line
from pointsman.cli.options import Exit, complain
from pointsman.hsm import commands as c
from pointsman.hsm import storage
from pointsman.hsm.vault import PASSPHRASE_SIZE_MAX, VaultError

BATCH = 1_000
LINE_SIZE_MAX = 20_000
LOST = "-"  # stands where a key or cipher text could not be opened


def add_words(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the jobs."""
    for name, run, text in (
        ("rewrap", _rewrap, "key blocks, one a line, from the old LMK to the new one"),
        ("reseal", _reseal, "card number cipher texts (hex, space, row as hex) to the newest key"),
    ):
        job = words.add_parser(name, help=text)
        job.add_argument("--socket-dir", type=Path, required=True, metavar="DIR")
        job.add_argument("source", type=Path)
        job.add_argument("target", type=Path)
        job.set_defaults(run=run)
    for name, change in (
        ("change-lmk", _change_lmk),
        ("end-lmk-change", _end_lmk_change),
        ("change-pan-key", _change_pan_key),
    ):
        act = words.add_parser(name, help="a change of the store; restart the HSM after it")
        act.add_argument("--store", type=Path, required=True, metavar="DIR")
        act.add_argument("--passphrase-fd", type=int, default=None, metavar="N")
        act.set_defaults(run=change)


def whole_lines(target: Path) -> int:
    """Return how many whole lines stand in a file; a half one at its end is cut off."""
    if not target.exists():
        return 0
    with target.open("rb+") as file:
        data = file.read()
        end = data.rfind(b"\n") + 1
        file.truncate(end)
    return data.count(b"\n", 0, end)


def run_job(source: Path, target: Path, work: Callable[[list[str]], list[str]]) -> tuple[int, int]:
    """Do what is left of a job; return lines done in all and lines lost in this run."""
    done, lost = whole_lines(target), 0
    with source.open() as lines, target.open("a") as out:
        for batch in _batches(islice(lines, done, None)):
            made = work(batch)
            lost += made.count(LOST)
            out.write("".join(line + "\n" for line in made))
            out.flush()
            os.fsync(out.fileno())
            done += len(made)
    return done, lost


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := [line.strip() for line in islice(lines, BATCH)]:
        yield batch


class _JobError(Exception):
    pass


def _job(arguments: argparse.Namespace, work: Callable[[list[str]], list[str]]) -> int:
    try:
        done, lost = run_job(arguments.source, arguments.target, work)
    except (OSError, ValueError, _JobError) as fault:
        complain(f"the job stopped and can be started again: {fault}")
        return Exit.FAILED
    print(f"{done} lines done, {lost} could not be opened in this run")
    return Exit.CHECK_FAILED if lost else Exit.OK


def _rewrap(arguments: argparse.Namespace) -> int:
    def work(batch: list[str]) -> list[str]:
        request = c.Rewrap(tuple(line.encode() for line in batch))
        answer = ask(arguments.socket_dir, request)
        if not isinstance(answer, c.Rewrapped):
            raise _JobError("the HSM refuses")
        return [block.decode() or LOST for block in answer.blocks]

    return _job(arguments, work)


def _reseal(arguments: argparse.Namespace) -> int:
    def work(batch: list[str]) -> list[str]:
        items = []
        for line in batch:
            cipher, _, row = line.partition(" ")
            items.append((bytes.fromhex(cipher), bytes.fromhex(row)))
        answer = ask(arguments.socket_dir, c.Reseal(tuple(items)))
        if not isinstance(answer, c.Resealed):
            raise _JobError("the HSM refuses")
        return [
            f"{cipher.hex()} {row.hex()}" if cipher else LOST
            for cipher, (_, row) in zip(answer.ciphers, items, strict=True)
        ]

    return _job(arguments, work)


def _with_passphrase(
    arguments: argparse.Namespace, change: Callable[[Path, bytes], object], told: str
) -> int:
    secret = secret_line(arguments.passphrase_fd, "HSM passphrase: ", PASSPHRASE_SIZE_MAX)
    try:
        found = change(arguments.store, secret)
    except VaultError as fault:
        complain(str(fault))
        return Exit.FAILED
    print(told.format(found))
    return Exit.OK


def _change_lmk(arguments: argparse.Namespace) -> int:
    return _with_passphrase(arguments, storage.change_lmk, "new LMK, check value {}")


def _end_lmk_change(arguments: argparse.Namespace) -> int:
    def end(store: Path, secret: bytes) -> None:
        storage.open_store(store, secret)  # only who knows the passphrase
        storage.end_lmk_change(store)

    return _with_passphrase(arguments, end, "the old LMK is forgotten")


def _change_pan_key(arguments: argparse.Namespace) -> int:
    return _with_passphrase(arguments, storage.add_pan_key, "a newer card number key is in place")
