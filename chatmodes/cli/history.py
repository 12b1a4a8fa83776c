"""`chatmodes history`: what has been said, found again, taken out, brought in and taken away."""

import argparse
from collections.abc import Callable
from pathlib import Path

from chatmodes import tags
from chatmodes.cli import FAILED, complain, say
from chatmodes.cli.history_costs import show_costs
from chatmodes.cli.history_files import export, find, import_files
from chatmodes.cli.options import Commands, ModeNames
from chatmodes.cli.table import counted, room, table
from chatmodes.cli.times import iso, local, moment
from chatmodes.opening import DATABASE, open_database
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, home
from chatmodes.store import Store, StoreError, open_salvaged
from chatmodes.store.errors import DamagedError

_MANY = 2**31
"""More rows than there are: SQLite counts up to 2**63, a command line further."""


def add_parser(subparsers: Commands) -> None:
    """Add `history` with its own commands."""
    parser = subparsers.add_parser(
        "history",
        help="list, search, show, export, import and delete conversations",
        description="The conversations stored on this machine. Without a command it lists them, last used first.",
    )
    _listing(parser)
    parser.set_defaults(history=_list)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    listed = commands.add_parser("list", help="list conversations, last used first")
    _listing(listed)
    listed.set_defaults(history=_list)

    _add_search(commands)
    _add_show_and_delete(commands)
    _add_export_and_import(commands)
    _add_prune(commands)
    _add_costs_and_sizes(commands)


def _add_search(commands: Commands) -> None:
    search = commands.add_parser(
        "search",
        help="find messages by words, phrases, mode, model and date",
        description='Finds messages that hold every word and "phrase", newest first; begin* finds what begins so.',
    )
    search.add_argument("text", nargs="*", metavar="TEXT", help='words, and "phrases" in double quotes')
    # Under names of their own: `mode` and `model` are the program's options for what is to answer.
    search.add_argument(
        "--mode",
        dest="by_mode",
        metavar="MODE",
        choices=ModeNames(),
        default="",
        help="only answers of this mode",
    )
    search.add_argument(
        "--model", dest="by_model", default="", metavar="NAME",
        help="only answers by this model, or by one whose name holds this",
    )  # fmt: skip
    search.add_argument("--tag", default="", metavar="TAG", help="only in conversations that have this tag")
    search.add_argument("--since", metavar="DATE", help="only from this day on: 2026-11-24, or 30d for 30 days back")
    search.add_argument("--until", metavar="DATE", help="only up to this day, itself included")
    search.add_argument("-n", "--limit", type=int, default=20, metavar="N", help="at most N hits (20)")
    search.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first N hits")
    search.add_argument("--json", action="store_true", help='a JSON list of {"id", "title", "snippet", "at", …}')
    search.set_defaults(history=_search)


def _add_show_and_delete(commands: Commands) -> None:
    show = commands.add_parser("show", help="show a conversation")
    show.add_argument("id", metavar="ID", help="as listed; its beginning will do where that is unambiguous")
    show.set_defaults(history=_show)

    delete = commands.add_parser("delete", help="delete conversations for good, from the search index too")
    delete.add_argument("id", nargs="+", metavar="ID")
    delete.set_defaults(history=_delete)


def _add_export_and_import(commands: Commands) -> None:
    exported = commands.add_parser("export", help="write a conversation as Markdown, JSON or an HTML page")
    exported.add_argument("id", nargs="*", metavar="ID")
    exported.add_argument("--all", action="store_true", help="every conversation, as JSON")
    exported.add_argument(
        "--format", choices=["md", "json", "html"], default=None, help="md unless --all; json is complete"
    )
    exported.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to, a file or a folder; otherwise, and for -, stdout"
    )
    exported.add_argument("--force", action="store_true", help="overwrite FILE")
    exported.set_defaults(history=export)

    imported = commands.add_parser(
        "import",
        help="take conversations in",
        description="Takes in our own JSON, ChatGPT's and Claude's exports (the .zip, a folder it was unpacked to, a "
        "conversations.json or lines of JSON), llm's logs.db. Pictures and files in an export come along. What is here "
        "already stays as it is, so a newer export of the same chats can follow an older one.",
    )
    imported.add_argument("file", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of them")
    imported.set_defaults(history=import_files)


def _add_prune(commands: Commands) -> None:
    prune = commands.add_parser(
        "prune",
        help="delete what is old; shows first what would go",
        description="Deletes conversations last used before a day, except pinned. Without --yes it only shows them.",
    )
    prune.add_argument("--older-than", required=True, metavar="DATE", help="a day, or 90d for 90 days back")
    prune.add_argument("--archived", action="store_true", help="only archived conversations")
    prune.add_argument("--events-only", action="store_true", help="keep the messages; drop drafts and reasoning")
    prune.add_argument("--yes", action="store_true", help="do it")
    prune.set_defaults(history=_prune)


def _add_costs_and_sizes(commands: Commands) -> None:
    costs = commands.add_parser(
        "costs",
        help="what the answers stored here have cost, by model and mode",
        description="What was spent on what is stored here, by model and mode; names and summaries that the program "
        "asked for itself are among it. Deleted conversations are not, once they are purged.",
    )
    costs.add_argument("--since", metavar="DATE", help="only from this day on: 2026-11-24, or 30d for 30 days back")
    costs.add_argument("--until", metavar="DATE", help="only up to this day, itself included")
    costs.add_argument(
        "--json", action="store_true", help='a JSON list of {"model", "what", "calls", "cost", "unknown"}'
    )
    costs.set_defaults(history=show_costs)

    sizes = commands.add_parser("sizes", help="how much is stored, and where")
    sizes.set_defaults(history=_sizes)


def run(args: argparse.Namespace) -> int:
    """Run a history command; 0 done, 1 the store failed, 2 wrong usage."""
    command: Callable[[Store, argparse.Namespace], int] = args.history
    try:
        try:
            with open_database() as store:
                if store.read_only:
                    complain(store.read_only)
                return command(store, args)
        except DamagedError:
            with open_salvaged(home("data") / DATABASE) as store:
                complain(store.read_only)
                return command(store, args)
    except StoreError as error:
        complain(error.message, error.hint)
        return FAILED


def _listing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--limit", type=int, default=20, metavar="N", help="at most N conversations (20)")
    parser.add_argument("--archived", action="store_true", help="the archived ones instead")
    parser.add_argument("--tag", default="", metavar="TAG", help="only those with a tag that begins so")
    parser.add_argument("--json", action="store_true", help="as a JSON list")


def _list(store: Store, args: argparse.Namespace) -> int:
    found = store.conversations(tags=_tags(args.tag), archived=args.archived, limit=_counted(args.limit))
    if args.json:
        _print_json(
            [
                {
                    "id": c.id, "title": c.name, "created": iso(c.created), "updated": iso(c.updated),
                    "pinned": c.pinned, "archived": c.archived, "tags": c.tags,
                }
                for c in found
            ]
        )  # fmt: skip
    elif found:
        rows = [
            (c.id, local(c.updated), f"{'* ' if c.pinned else ''}{c.name} {tags.shown(c.tags)}".rstrip()) for c in found
        ]
        print(table(("id", "last used", "title"), rows, excerpt=True))
    else:
        say("No conversation has that tag." if args.tag else "No conversations yet.")
    return 0


def _search(store: Store, args: argparse.Namespace) -> int:
    query = " ".join(args.text)
    if not (query.strip() or args.by_mode or args.by_model):
        raise ConfigError("Nothing to search for.", "Give words, --mode or --model.")
    since = moment(args.since) if args.since else None
    until = moment(args.until, end=True) if args.until else None
    store.tend()
    hits = store.search(
        query, mode=args.by_mode, model=args.by_model, tags=_tags(args.tag), since=since, until=until,
        limit=_counted(args.limit), offset=min(max(args.offset, 0), _MANY),
    )  # fmt: skip
    if args.json:
        _print_json(
            [
                {
                    "id": hit.id, "title": hit.title, "snippet": hit.snippet, "at": iso(hit.at),
                    "message": hit.message, "role": hit.role, "mode": hit.mode, "model": hit.model,
                }
                for hit in hits
            ]
        )  # fmt: skip
    elif hits:
        rows = [(hit.id, local(hit.at), one_line(hit.title, room(30)), hit.snippet) for hit in hits]
        print(table(("id", "at", "title", "text"), rows, excerpt=True))
    else:
        say("Nothing found.")
    return 0


def _show(store: Store, args: argparse.Namespace) -> int:
    from chatmodes.exporting import markdown

    print(markdown(store, find(store, args.id)), end="")
    return 0


def _delete(store: Store, args: argparse.Namespace) -> int:
    for conversation in [find(store, id) for id in args.id]:  # all named ones exist before the first is gone
        store.erase_conversations([conversation.id])
        say(f"Deleted {conversation.id}: {conversation.name}")
    _mention_backups(store)
    return 0


def _prune(store: Store, args: argparse.Namespace) -> int:
    before = moment(args.older_than)
    plan = store.plan_prune(before=before, archived_only=args.archived, events_only=args.events_only)
    if plan.conversations:
        rows = [(c.id, local(c.updated), c.name) for c in plan.conversations]
        print(table(("id", "last used", "title"), rows, excerpt=True))
    size = f"about {plan.bytes / 1e6:,.1f} MB"
    if args.events_only:
        what = f"the drafts and reasoning behind {counted(len(plan.runs), 'answer')} ({size})"
    else:
        what = f"{counted(len(plan.conversations), 'conversation')} with {counted(plan.messages, 'message')} ({size})"
    if not (plan.conversations or plan.runs):
        say("Nothing is that old.")
    elif not args.yes:
        say(f"This would delete {what}. Nothing has been deleted; add --yes to do it.")
    else:
        store.purge()
        store.prune(plan)
        say(f"Deleted {what}.")
        _mention_backups(store)
    return 0


def _sizes(store: Store, args: argparse.Namespace) -> int:
    del args
    s = store.sizes()
    rows = [
        ("conversations", f"{s.conversations:,}", ""),
        ("messages", f"{s.messages:,}", _megabytes(s.text)),
        ("runs", f"{s.runs:,}", _megabytes(s.events)),
        ("attachments", "", _megabytes(s.attachments)),
        ("deleted messages, not purged yet", f"{s.deleted:,}", ""),
        ("whole file", "", _megabytes(s.file)),
        ("free inside it", "", _megabytes(s.free)),
        *((f"backup {file.name}", "", _megabytes(file.stat().st_size)) for file in store.backups()),
    ]
    print(table(("what", "count", "size"), rows, right=(1, 2)))
    say(str(store.file))
    return 0


def _mention_backups(store: Store) -> None:
    for file in store.backups():
        complain(f"A backup from before an update may still hold it: {file}.", "Delete that file too if you want.")


def _tags(named: str) -> tuple[str, ...]:
    tag = tags.tag_of(named)
    return (tag,) if tag else ()


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _counted(limit: int) -> int:
    if limit < 1:
        raise ConfigError(f"--limit is {limit}; it must be at least 1.")
    return min(limit, _MANY)


def _print_json(value: object) -> None:
    import msgspec

    from chatmodes.sanitize import escape_controls

    print(escape_controls(msgspec.json.encode(value).decode()))
