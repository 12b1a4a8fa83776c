"""`chatmodes history export` and `import`: conversations into files and out of them."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from chatmodes.cli import FAILED, complain, say
from chatmodes.cli.table import counted
from chatmodes.messages import Part
from chatmodes.sanitize import escape_controls, one_line
from chatmodes.settings import ConfigError
from chatmodes.store import Store, StoreError
from chatmodes.store.records import Conversation


def find(store: Store, id: str) -> Conversation:
    """The conversation a person named. Raises `ConfigError`, which is wrong usage."""
    found = store.conversation(id)
    if found is None:
        raise ConfigError(f"There is no conversation {id!r}.", "`chatmodes history` lists them with their ids.")
    return found


def export(store: Store, args: argparse.Namespace) -> int:
    """Write one conversation in a form for people, or any number of them as JSON."""
    if bool(args.id) == args.all:
        raise ConfigError("Name a conversation to export, or give --all.", "`chatmodes history` lists them.")
    kind = args.format or ("json" if args.all else "md")
    if kind != "json" and (args.all or len(args.id) > 1):
        raise ConfigError("Only JSON holds several conversations.", "Add --format json, or export them one by one.")
    found = store.conversations(archived=None, limit=-1) if args.all else [find(store, id) for id in args.id]
    if kind == "json":
        document = _json(store, found)
    else:
        from chatmodes import exporting

        document = (exporting.page if kind == "html" else exporting.markdown)(store, found[0])
    if args.output in (None, Path("-")):
        sys.stdout.write(escape_controls(document) if kind == "json" else document)
    else:
        target = _target(args.output, found, kind)
        _save(target, document, overwrite=args.force)
        if target != args.output:
            say(f"Written to {target}.")
    return 0


def _target(output: Path, found: list[Conversation], kind: str) -> Path:
    """The file that was named, or in a folder that was named one called by what is in it."""
    if not output.is_dir():
        return output
    from datetime import date

    from chatmodes import exporting

    title = found[0].name if len(found) == 1 else f"{len(found)} conversations"
    return exporting.free_path(output, exporting.file_name(title, date.today()), kind)


def _json(store: Store, found: list[Conversation]) -> str:
    from chatmodes.store.archive import dump
    from chatmodes.store.importing import to_json

    archived = tuple(dump(store, conversation.id) for conversation in found)
    for each in archived:
        if damaged := sum(run.damaged for run in each.runs):
            what = counted(damaged, "answer")
            complain(f"{each.id}: drafts and reasoning behind {what} are damaged, and left out in part or whole.")
    return to_json(archived).decode()


def import_files(store: Store, args: argparse.Namespace) -> int:
    """Take in every file that can be read; 1 where something could not."""
    failures: list[str] = []
    for file in args.file:
        _import(store, file, failures)
    for failure in failures[:20]:
        complain(one_line(failure, 500))
    if len(failures) > 20:
        complain(f"{len(failures) - 20:,} more could not be read.")
    return FAILED if failures else 0


def _import(store: Store, file: Path, failures: list[str]) -> None:
    from chatmodes.store.archive import restore
    from chatmodes.store.foreign.intake import Tally
    from chatmodes.store.importing import read

    tally = Tally()
    conversations = new = messages = 0
    failed = len(failures)
    try:
        for archived in read(file, failures.append, tally=tally, attach=_attached):
            try:
                added = restore(store, archived)
            except StoreError as error:
                failures.append(error.message)
                continue
            conversations += 1
            new += added > 0
            messages += added
    except StoreError as error:
        failures.append(f"{error.message} {error.hint}")
    here = conversations - new
    if not conversations and len(failures) > failed:
        return  # nothing came of it; the failure says which file, and why
    say(
        f"{file}: {counted(new, 'conversation')} with {counted(messages, 'new message')}"
        + (f"; {counted(here, 'conversation')} already here" if here else "")
        + _listed("kept as text", tally.kept)
        + _listed("left out", tally.left_out)
    )


def _listed(what: str, kinds: Counter[str]) -> str:
    return f"; {what}: {', '.join(counted(number, kind) for kind, number in kinds.most_common())}" if kinds else ""


def _attached(data: bytes, name: str) -> Sequence[Part]:
    """A file of an export as a model is sent it; empty where no model reads such a file."""
    import anyio

    from chatmodes.attaching import AttachError, attach_bytes

    try:
        return anyio.run(attach_bytes, data, name)
    except AttachError:
        return ()


def _save(file: Path, document: str, *, overwrite: bool) -> None:
    from chatmodes import exporting

    try:
        exporting.save(file, document, overwrite=overwrite)
    except FileExistsError:
        if not file.is_file():
            raise ConfigError(f"{file} is no regular file.", "Name one, or leave -o out to write to stdout.") from None
        raise ConfigError(f"{file} exists.", "Choose another name, or add --force to overwrite it.") from None
    except OSError as error:
        hint = "Check the folder and its free space."
        raise StoreError(f"{file} cannot be written: {error.strerror}.", hint) from error
