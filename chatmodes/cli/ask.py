"""`chatmodes ask`: one prompt, the answer streamed to stdout, everything else to stderr."""

import argparse
import os
import sys
from collections.abc import Sequence

import anyio

from chatmodes import events as ev
from chatmodes import running
from chatmodes.chat import Chat, Run, in_thread
from chatmodes.cli import CANCELLED, FAILED, USAGE, complain
from chatmodes.cli.asking import Asker, can_ask
from chatmodes.cli.attachments import add_attach_option, attachments, check_eyes, tell_left_behind
from chatmodes.cli.costs import affordable
from chatmodes.cli.narration import Narrator
from chatmodes.cli.options import Commands, add_model_options, add_session_options, settings_of
from chatmodes.cli.prompting import add_template_options, apply_template, typed_prompt, with_template
from chatmodes.cli.session import (
    Asked,
    Place,
    asked_for,
    cancelled_by_signals,
    never_sent,
    place_of,
    run_async,
    set_aside,
    user_chat,
)
from chatmodes.folding import RunView
from chatmodes.messages import File, Image, user
from chatmodes.sanitize import clean, escape_controls
from chatmodes.settings import Settings
from chatmodes.store import StoreError
from chatmodes.store.errors import UnknownError


def add_parser(commands: Commands) -> None:
    """The command's options."""
    parser = commands.add_parser(
        "ask",
        help="ask one prompt and stream the answer to stdout",
        description="Ask one prompt. The answer goes to stdout as it comes, everything else to stderr.",
        epilog="Exit codes: 0 answered, 1 the provider or run failed, 2 wrong usage or configuration, 130 cancelled.",
    )
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="the question; - or nothing reads stdin")
    parser.add_argument("--json", action="store_true", help="the run's events, one JSON object a line, as they happen")
    parser.add_argument("--reasoning", action="store_true", help="stream the chain of thought to stderr")
    parser.add_argument("--yes", action="store_true", help="do not ask before a costly prompt")
    parser.add_argument("-q", "--quiet", action="store_true", help="nothing on stderr but errors")
    add_attach_option(parser)
    add_template_options(parser)
    add_model_options(parser)
    add_session_options(parser)


def run(args: argparse.Namespace) -> int:
    """Ask, and return the exit code."""
    apply_template(args)
    settings = settings_of(args)
    [prompt], settings = with_template(args, settings, [typed_prompt(args)])
    return run_async(_ask, args, settings, prompt)


async def _ask(args: argparse.Namespace, settings: Settings, prompt: str) -> int:
    narrator = Narrator(quiet=args.quiet or args.json, reasoning=args.reasoning)
    async with user_chat(args, settings) as chat:
        place = await place_of(chat, args)
        asked = asked_for(args, chat.settings, place.choice)  # before the prompt is stored
        files = await attachments(args.attach)
        check_eyes(chat, files, asked.mode or asked.settings.mode, asked.model, asked.settings)
        await tell_left_behind(chat, place.leaf, asked.mode or asked.settings.mode, asked.model, asked.settings)
        if not args.yes and not await affordable(chat, user(prompt, files), place.leaf, asked):
            return CANCELLED
        asks = bool(asked.settings.tools.use) and not args.json and can_ask()
        started = await _started(chat, place, prompt, asked, files, asks=asks)
        async with cancelled_by_signals(started.cancel):
            terminal = await _print(started, narrator, as_json=args.json, asks=asks)
        await started.ended.wait()
        if isinstance(started, Run) and started.unsaved:
            complain(f"The answer was not saved: {started.unsaved.message}", started.unsaved.hint)
        if isinstance(started, Run) and place.conversation is None and narrator.view.status == "failed":
            await set_aside(chat, started.message)
    return _exit_code(terminal, narrator.view)


async def _started(
    chat: Chat, place: Place, prompt: str, asked: Asked, files: Sequence[File | Image], *, asks: bool
) -> running.Run:
    """The run that answers the prompt, kept in the conversation: or not kept, where the database cannot take it now."""
    try:
        message = await chat.add_prompt(prompt, conversation=place.conversation, parent=place.leaf, files=files)
        return await chat.answer(message, mode=asked.mode, model=asked.model, settings=asked.settings, asks=asks)
    except StoreError as error:
        if isinstance(error, UnknownError):  # what was asked about is not there
            raise
        complain(f"Prompt and answer are not saved: {error.message}", error.hint)
    before = await in_thread(chat.store.context, place.leaf) if place.leaf else []
    return chat.running.start(
        [*before, user(prompt, files)], mode=asked.mode, model=asked.model, settings=asked.settings, asks=asks
    )


async def _print(started: running.Run, narrator: Narrator, *, as_json: bool, asks: bool) -> ev.Terminal:
    """Write the events, or the answer in them, as they come, to the terminal one; put what is asked to the person."""
    terminal: ev.Terminal | None = None
    async with anyio.create_task_group() as asking:
        terminal = await _follow(
            started,
            narrator,
            as_json=as_json,
            asker=Asker(asking, started.questions, sys.stdin.fileno()) if asks else None,
        )
        asking.cancel_scope.cancel()
    assert terminal is not None
    return terminal


async def _follow(started: running.Run, narrator: Narrator, *, as_json: bool, asker: Asker | None) -> ev.Terminal:
    terminal: ev.Terminal | None = None
    output = _Output(as_json=as_json)
    async for event in started.events:
        if isinstance(event, ev.AnswerDelta):
            narrator.answer_begins()
        try:
            output.take(event)
        except BrokenPipeError:
            started.cancel("the reader of the output went away")
        narrator.tell(event)
        if isinstance(event, ev.ToolAsking) and asker is not None:
            asker.ask(event.call)
        if isinstance(event, ev.Terminal):
            terminal = event
    assert terminal is not None
    narrator.end(terminal)
    return terminal


class _Output:
    """Stdout: each piece flushed, since somebody is reading along; deaf once nobody reads any more."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._open_line = False
        self._gone = False

    def take(self, event: ev.AnyEvent) -> None:
        """Write what this event means. Raises `BrokenPipeError` once, when the reader has gone."""
        if self._as_json:
            self._write(escape_controls(ev.to_json(event)) + "\n")
        elif isinstance(event, ev.AnswerDelta):
            self._write(clean(event.text))
        elif self._open_line and isinstance(event, ev.AnswerRestarted):
            self._write("\n\n")
        elif self._open_line and isinstance(event, ev.Terminal):
            self._write("\n")

    def _write(self, text: str) -> None:
        if not text or self._gone:
            return
        self._open_line = not text.endswith("\n")
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            self._gone = True
            # What is left in the buffer must not be tried again at exit, when Python would complain about it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise


def _exit_code(terminal: ev.Terminal, view: RunView) -> int:
    match terminal:
        case ev.RunFinished():
            return 0
        case ev.RunFailed(error=error):
            complain(error.message, error.hint)
            return USAGE if never_sent(view) else FAILED
        case ev.RunCancelled():
            return CANCELLED
