"""`chatmodes compare`: one prompt, or a file of them, through several modes and models, side by side."""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec

from chatmodes import events as ev
from chatmodes.chat import Chat, Run, in_thread
from chatmodes.cli import CANCELLED, FAILED, USAGE, complain, say
from chatmodes.cli.attachments import add_attach_option, attachments, check_eyes
from chatmodes.cli.costs import agreed
from chatmodes.cli.options import Commands, add_model_options, add_session_options, base_url_of, settings_of
from chatmodes.cli.prompting import add_template_options, apply_template, with_template
from chatmodes.cli.session import cancelled_by_signals, never_sent, place_of, run_async, set_aside, user_chat
from chatmodes.cli.streams import MOST_PIPED, naming, piped_text, writable
from chatmodes.cli.table import UNCUT, across, fit, fits, table
from chatmodes.cli.table import fold as folded
from chatmodes.comparing.foresee import foreseen
from chatmodes.comparing.report import Column, as_html, as_json, as_markdown, attached_json, facts, is_page
from chatmodes.folding import RunView, fold
from chatmodes.messages import File, Image, Message, user
from chatmodes.modes import base
from chatmodes.sanitize import clean, escape_controls, one_line
from chatmodes.settings import ConfigError, Settings

Columns = list[tuple[str, str | None]]


def add_parser(commands: Commands) -> None:
    """The command's options."""
    parser = commands.add_parser(
        "compare",
        help="one prompt through several modes and models, side by side",
        description="Send one prompt through several modes and models at once and show the answers side by side.",
    )
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="the question; - reads stdin")
    parser.add_argument("--modes", metavar="A,B", help="modes, separated by commas (default: those of the settings)")
    parser.add_argument("--models", metavar="X,Y", help="models, separated by commas; each mode is tried with each")
    parser.add_argument("--prompts", metavar="FILE", type=Path, help="a file of prompts: one a line, or JSON lines")
    parser.add_argument("--out", metavar="FILE", type=Path, help="with --prompts: results, a JSON line each; resumable")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the answers and figures as JSON")
    form.add_argument("--markdown", action="store_true", help="the answers and figures as Markdown")
    form.add_argument("--html", metavar="FILE", type=Path, help="write a self-contained page with the answers")
    parser.add_argument("--yes", action="store_true", help="do not ask before a costly comparison")
    add_attach_option(parser)
    add_template_options(parser)
    add_model_options(parser)
    add_session_options(parser)


def run(args: argparse.Namespace) -> int:
    """Compare, and return the exit code."""
    apply_template(args)
    settings = settings_of(args)
    columns = _columns(args, settings)
    if (args.prompt is None) == (args.prompts is None):
        raise ConfigError(
            "Name one prompt, or a file with --prompts.", 'As in chatmodes compare "Why is the sky blue?"'
        )
    if args.prompts and not args.out:
        raise ConfigError("--prompts needs --out FILE.", "The results go there as they come, so that a run can go on.")
    writable(args.html, args.out)
    if args.html:
        _refuse_foreign(args.html)
    if args.out:
        _refuse_other(args.out)
    typed = _prompts_of(args.prompts) if args.prompts else [_single(args.prompt)]
    prompts, settings = with_template(args, settings, typed)
    return run_async(_compare, args, settings, columns, prompts)


def _refuse_foreign(page: Path) -> None:
    """Only a page of an earlier comparison is written over: the same command is said again to go on, or to retry."""
    if page.exists() and not (page.is_file() and (page.stat().st_size == 0 or is_page(page))):
        raise ConfigError(f"{page} exists and is no page of a comparison.", "Choose another name, or move it away.")
    if not os.access(page.parent, os.W_OK):
        raise ConfigError(f"{page.parent} may not be written in.", "Choose another place, or change its permissions.")


def _single(word: str) -> str:
    return (piped_text() if word == "-" else word).strip()


def _columns(args: argparse.Namespace, settings: Settings) -> Columns:
    modes = [m.strip() for m in args.modes.split(",") if m.strip()] if args.modes else list(settings.compare.modes)
    if not modes:
        raise ConfigError("--modes names no mode.", f"The modes are {', '.join(base.names())}.")
    for mode in modes:
        base.check(settings, mode)
    prefix = "endpoint/" if base_url_of(args) else ""
    named = [m.strip() for m in args.models.split(",") if m.strip()] if args.models else []
    models: list[str | None] = [prefix + model for model in named] or [None]
    return [(mode, model) for mode in modes for model in models]


def _prompts_of(path: Path) -> list[str]:
    """The file's prompts: JSON lines with `input` or `prompt`, or plain lines. Raises `ConfigError` naming the line."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_PIPED + 1)
        if len(data) > MOST_PIPED:
            raise ConfigError(f"{path} holds more than {MOST_PIPED // 1_000_000} MB.", "Send a part of it.")
        lines = _lines(data.decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from None
    prompts: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("{"):
            try:
                item = json.loads(line)
                prompt = item.get("input") or item["prompt"]
            except (ValueError, KeyError):
                raise ConfigError(f'{path}, line {number}: no JSON object with "input" or "prompt".') from None
            if not isinstance(prompt, str):
                raise ConfigError(
                    f"{path}, line {number}: the prompt is no text.", "Turns are asked one by one, with --continue."
                )
            prompts.append(prompt)
        elif line.strip():
            prompts.append(line.strip())
    if not prompts:
        raise ConfigError(f"{path} holds no prompt.", "Write one a line.")
    return list(dict.fromkeys(prompts))  # a second answer to the same one could not be told from the first


def _lines(text: str) -> list[str]:
    """A file's lines. `str.splitlines` would also break at U+2028 and others, which JSON allows inside a string."""
    return text.split("\n")


async def _compare(args: argparse.Namespace, settings: Settings, columns: Columns, prompts: list[str]) -> int:
    from chatmodes.providers.known.prices import warm

    files = await attachments(args.attach)
    results: list[tuple[str, list[Column]]] = []
    async with user_chat(args, settings) as chat:
        place = await place_of(chat, args)
        before = await in_thread(chat.store.context, place.leaf) if place.leaf else []
        await in_thread(warm)
        wanted = {(mode, model or chat.running.model_for(mode)) for mode, model in columns}
        done = _done(args.out, files, wanted)
        todo = [prompt for prompt in prompts if prompt not in done]
        if len(todo) < len(prompts):
            say(f"{len(prompts) - len(todo)} of {len(prompts)} prompts are in {args.out} already.")
        for mode, model in columns:
            check_eyes(chat, files, mode, model, chat.settings)
        if not _agreed(chat, columns, [user(prompt, files) for prompt in todo], before, yes=args.yes):
            return CANCELLED
        for prompt in todo:
            # What follows a comparison follows an answer of it.
            leaf = await chat.leaf(place.conversation) if place.conversation else None
            compared = await _one(chat, columns, prompt, files, place.conversation, leaf)
            results.append((prompt, compared))
            if args.out:
                _append(args.out, msgspec.json.encode(as_json(prompt, compared, files)))
            if any(isinstance(column.view.end, ev.RunCancelled) for column in compared):
                break
    _show(args, results, files)
    return _exit_code(results)


def _done(out: Path | None, files: Sequence[File | Image], wanted: set[tuple[str, str]]) -> set[str]:
    """The prompts that a results file holds whole: asked with the same files in all modes and models that are `wanted`,
    with an answer of at least one. A last line that a crash cut is ignored, and asked again."""
    if out is None or not out.exists():
        return set()
    done: set[str] = set()
    for line in _lines(out.read_bytes().decode(errors="replace")):
        try:
            entry = json.loads(line)
            runs = entry["runs"]
            same = entry.get("attachments", []) == attached_json(files)
            asked = {(run["mode"], run["model"]) for run in runs if "cancelled" not in run}
            if same and wanted <= asked and not all("error" in run for run in runs):
                done.add(entry["prompt"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return done


def _refuse_other(out: Path) -> None:
    """Results are added to results only: not to the prompts, nor to whatever else a wrong name may mean."""
    if not out.exists():
        return
    with naming(out):
        lines = [line for line in out.read_bytes().split(b"\n") if line.strip()]
    found = list(map(_is_result, lines))
    # A crash may have cut the only one.
    cut = found == [None] and _BEGINNING.startswith(lines[0][: len(_BEGINNING)])
    if found and not cut and not any(found):
        raise ConfigError(f"{out} exists and holds no results of a comparison.", "Name another file with --out.")


_BEGINNING = b'{"prompt":'


def _is_result(line: bytes) -> bool | None:
    """Whether a line is a comparison's; None where it is no JSON."""
    try:
        msgspec.json.decode(line, type=_Result)
    except msgspec.ValidationError:
        return False
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return True


class _Result(msgspec.Struct):
    prompt: str
    runs: list[msgspec.Raw]


def _append(file: Path, line: bytes) -> None:
    """Add a line, on one of its own where a crash cut the last: together the two could never be read again."""
    with naming(file), file.open("a+b") as out:
        if out.tell():
            out.seek(-1, os.SEEK_END)
            if out.read(1) != b"\n":
                out.write(b"\n")
        out.write(line + b"\n")


def _agreed(chat: Chat, columns: Columns, prompts: Sequence[Message], before: Sequence[Message], *, yes: bool) -> bool:
    """Whether the foreseen cost is under the limit, or the user says yes to it."""
    limit = chat.settings.compare.cost_limit
    bound = foreseen(chat, columns, prompts, before)
    return yes or bound is None or bound <= limit or agreed(bound, limit, "compare.cost_limit")


async def _one(
    chat: Chat,
    columns: Columns,
    prompt: str,
    files: Sequence[File | Image],
    conversation: str | None,
    leaf: str | None,
) -> list[Column]:
    """Run all columns at once to their ends, whatever they are."""
    message = await chat.add_prompt(prompt, conversation=conversation, parent=leaf, files=files)
    comparison = await chat.compare(message, columns)
    compared = [Column(run.mode, run.model, RunView()) for run in comparison.runs]

    def cancel(reason: str) -> None:
        for started in comparison.runs:
            started.cancel(reason)

    async with cancelled_by_signals(cancel), anyio.create_task_group() as tasks:
        for started, column in zip(comparison.runs, compared, strict=True):
            tasks.start_soon(_follow, started, column)
    if conversation is None and all(column.view.status == "failed" for column in compared):
        await set_aside(chat, *(started.message for started in comparison.runs))
    return compared


async def _follow(started: Run, column: Column) -> None:
    async for event in started.events:
        fold(column.view, event)
    await started.ended.wait()
    ending = column.error.message if column.error else f"{column.view.status} after {column.view.now:.1f} s"
    say(f"{column.name}: {ending}")
    if started.unsaved:
        complain(f"{column.name} was not saved: {started.unsaved.message}", started.unsaved.hint)


def _show(args: argparse.Namespace, results: list[tuple[str, list[Column]]], files: Sequence[File | Image]) -> None:
    if args.html and results:
        from chatmodes.exporting import save

        save(args.html, as_html(results, files), overwrite=True)
        say(f"Written to {args.html}.")
    elif args.json:
        for prompt, columns in results:
            print(escape_controls(msgspec.json.encode(as_json(prompt, columns, files)).decode()))
    elif args.markdown:
        print("\n".join(as_markdown(prompt, columns, files) for prompt, columns in results), end="")
    else:
        for _, columns in results:
            _print_plain(columns)


def _print_plain(columns: list[Column]) -> None:
    for column in columns:
        print(fit(f"── {one_line(column.name)} " + "─" * 20, across()))
        if column.error:
            print(clean(f"{column.error.message} {column.error.hint}"))
        print(clean(column.view.answer_text).strip() + "\n")
    told = [facts(column) for column in columns]
    labels = list(dict.fromkeys(label for each in told for label in each))
    rows = [
        [c.mode, c.model, *(each.get(label, "") for label in labels)] for c, each in zip(columns, told, strict=True)
    ]
    whole = table(["mode", "model", *labels], rows, right=range(2, 6))
    print(whole if fits(whole) else "\n".join(map(_below, columns)))


def _below(column: Column) -> str:
    """A column's figures below its name, where the terminal has no room for both in a line."""
    said = one_line(" · ".join(f"{label} {value}" for label, value in facts(column).items()), UNCUT)
    return "\n".join([one_line(column.name), *(f"  {line}" for line in folded(said, across() - 2))])


def _exit_code(results: list[tuple[str, list[Column]]]) -> int:
    columns = [column for _, compared in results for column in compared]
    if any(isinstance(column.view.end, ev.RunCancelled) for column in columns):
        return CANCELLED
    if not columns or not all(column.error for column in columns):
        return 0
    return USAGE if all(never_sent(column.view) for column in columns) else FAILED
