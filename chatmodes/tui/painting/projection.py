"""A conversation as blocks of the transcript: what is stored, and what its runs' events add to it.

The stored path is the truth and blocks are made from it by functions without state, so that a conversation opened from
disk looks the way it looked while it streamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.messages import File, Image, Part, Text
from chatmodes.providers.known.ids import ENDPOINT
from chatmodes.tui import attached, tool_text
from chatmodes.tui.figures import line_count
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.names import mode_name, short_model
from chatmodes.tui.painting import run_text
from chatmodes.tui.transcript import blocks
from chatmodes.tui.transcript.blocks import Block

if TYPE_CHECKING:
    from chatmodes.store.records import StoredMessage


LONG = 30
"""Lines beyond which a prompt is folded: a pasted log of 300 put the answer to it ten screens below."""
BEGINNING = 20
"""Lines of a folded prompt that stay in sight."""


def reasoning_id(message: str) -> str:
    """The block of an answer's reasoning."""
    return f"{message}:reasoning"


def panel_id(message: str) -> str:
    """The block of what stands behind a Contemplating answer."""
    return f"{message}:panel"


def tool_id(message: str, call: str) -> str:
    """The block of one of an answer's calls."""
    return f"{message}:tool:{call}"


def sources_id(message: str) -> str:
    """The block under an answer that says what it looked up."""
    return f"{message}:sources"


def note_id(message: str) -> str:
    """The block that says what went wrong or is missing."""
    return f"{message}:note"


def shown_as(message: str) -> tuple[str, ...]:
    """The blocks that a message may be shown by, the one that is read first."""
    return message, note_id(message), panel_id(message), reasoning_id(message)


def message_of(block: str) -> str:
    """The stored message that a block belongs to."""
    return block.partition(":")[0]


def place(message: StoredMessage) -> str:
    """Where the message stands among its siblings; empty for an only one."""
    return f"{message.position}/{message.siblings}" if message.siblings > 1 else ""


def elsewhere(message: StoredMessage) -> str:
    """Which version this is and the key to another, as a sentence; empty for an only one.

    A failure has no head to stand in, and nothing else would say that the good answer before it is still there.
    """
    if message.siblings < 2:
        return ""
    key, which = ("older", "before") if message.position > 1 else ("newer", "after")
    return f" Version {place(message)}; {shown(key)} shows the one {which}."


def prompt_blocks(message: StoredMessage) -> Iterator[Block]:
    """What the user wrote, and lines that open to the rest of a long prompt and to each attached file."""
    begin, rest, more = shortened(message.message.written)
    yield blocks.prompt(message.id, begin, " · ".join(filter(None, ("You", place(message)))))
    if rest:
        yield blocks.attached(f"{message.id}:rest", rest, more)
    for number, part in enumerate(part for part in message.message.parts if not is_written(part)):
        if isinstance(part, Image):
            yield blocks.picture(picture_id(message.id, number), attached.line(part))
        elif isinstance(part, Text | File):
            yield _file(f"{message.id}:file:{number}", part)


def picture_id(message: str, number: int) -> str:
    """The block of a picture, by its number among what is attached to its message."""
    return f"{message}:picture:{number}"


def number_of(block: str) -> int:
    """The number in what `picture_id` made."""
    return int(block.rpartition(":")[2])


def is_written(part: Part) -> bool:
    """Whether it is the prompt itself rather than something attached to it."""
    return isinstance(part, Text) and not part.file


def _file(id: str, part: Text | File) -> Block:
    text, name = part.text.strip("\n"), part.file if isinstance(part, Text) else part.name
    if isinstance(part, File) and part.media_type != "text/plain":
        return blocks.attached(id, text, attached.line(part))
    lines = len(text.split("\n")) - 3  # its name and the fence around it
    return blocks.attached(id, text, f"{name}, {_lines(lines)}")


def shortened(text: str) -> tuple[str, str, str]:
    """The beginning of a prompt, the rest of a long one, and what to say of the rest."""
    lines = text.split("\n")
    if len(lines) <= LONG:
        return text, "", ""
    rest = "\n".join(lines[BEGINNING:])
    return "\n".join(lines[:BEGINNING]), rest, f"… {line_count(rest):,} more lines"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def answer_head(mode: str, model: str, *more: str) -> str:
    """Who answers, and in which mode."""
    parts = [mode_name(mode) if mode else "", short_model(model), *more]
    return " · ".join(filter(None, parts)) or "Answer"


def live_head(view: RunView, model: str, *more: str) -> str:
    """The same of a run under way or just ended, with Auto's reason for the mode; `model` is its chosen one."""
    return answer_head(view.mode, view.model or model, *more, run_text.auto_reason(view))


def stored_head(message: StoredMessage, view: RunView | None) -> str:
    """The same of a stored answer, with the reason as far as its run is known."""
    return answer_head(message.mode, message.model, place(message), run_text.auto_reason(view) if view else "")


def path_blocks(path: Iterable[StoredMessage], views: Mapping[str, RunView]) -> Iterator[Block]:
    """The blocks of a stored path. `views` are the folded runs by message, as far as they are known."""
    for message in path:
        if message.message.role == "user":
            yield from prompt_blocks(message)
        else:
            yield from answer_blocks(message, views.get(message.id))


def answer_blocks(message: StoredMessage, view: RunView | None) -> Iterator[Block]:
    """An answer with what stands before and behind it."""
    if view is not None:
        yield from extra_blocks(message.id, view)
    elif message.run is None and (thought := message.message.reasoning):  # an imported answer's
        head = f"Thought · {len(thought):,} characters"
        yield blocks.reasoning(reasoning_id(message.id), thought, head)
    notes = list(_note(message, view))
    before = view is not None and view.status == "finished"
    if before:  # that something is missing from an answer is said above it, where it is read first
        yield from notes
    # The path may have been read before the run's last write.
    text = message.message.text if view is None or view.end is None else view.answer_text
    if text or (view is None and message.state == "complete"):
        yield blocks.answer(message.id, text, stored_head(message, view))
    if view is not None and (sources := sources_block(message.id, view)) is not None:
        yield sources
    if not before:
        yield from notes


def extra_blocks(message: str, view: RunView) -> Iterator[Block]:
    """The reasoning, the panel and the calls of an ended run, folded."""
    agent = view.reasoner
    if agent is not None:
        text = "".join(agent.reasoning)
        yield blocks.reasoning(reasoning_id(message), text, run_text.reasoning_line(view, agent, view.now))
    if view.drafts:
        yield blocks.agents(panel_id(message), run_text.panel_line(view, view.now), text=run_text.details(view))
    yield from tool_blocks(message, view, view.now)


def tool_blocks(message: str, view: RunView, now: float) -> Iterator[Block]:
    """The calls of whoever writes the answer, each folded to a line."""
    for call in tool_text.own_calls(view):
        yield blocks.tool(tool_id(message, call.call), tool_text.line(call, now), tool_text.whole(call))


def sources_block(message: str, view: RunView) -> Block | None:
    """What an ended answer looked up; None where nothing."""
    text = tool_text.sources(view) if view.end is not None else ""
    return Block(sources_id(message), "notice", text) if text else None


def _note(message: StoredMessage, view: RunView | None) -> Iterator[Block]:
    if view is not None and view.end is not None:
        note = end_note(message.id, view, elsewhere(message))
        if note:
            yield note
        return
    empty = not message.message.text
    where = elsewhere(message) if empty else ""
    if message.state == "cancelled":
        yield blocks.notice(
            note_id(message.id), f"Stopped.{where}" if empty else "Stopped here; what had come is kept."
        )
    elif message.state in ("failed", "partial"):
        yield blocks.notice(
            note_id(message.id), f"This answer was cut short. {shown('regenerate')} asks again.{where}", "warning"
        )


def end_note(message: str, view: RunView, where: str = "") -> Block | None:
    """What a reader has to know about how the run ended; None where all went as planned.

    where: what `elsewhere` says, for an answer without a text whose head would tell its place.
    """
    id = note_id(message)
    where = "" if view.answer_text else where
    match view.end:
        case ev.RunFailed(error=error):
            again = f"{shown('regenerate')} sends it again."
            if error.kind in ("not_found", "context_length"):  # the same model would answer the same
                again = f"{shown('model')} chooses another model, then {again}"
            elif error.kind == "auth" and error.provider not in (None, ENDPOINT) and "/key" not in error.hint:
                again = f"/key stores a key here, then {again}"
            return blocks.notice(id, f"{run_text.error_text(error)} {again}{where}", "error")
        case ev.RunCancelled(reason=reason, partial=partial):
            kept = "; what had come is kept" if partial else ""
            return blocks.notice(
                id, f"{reason[:1].upper()}{reason[1:]}{kept}. {shown('regenerate')} asks again.{where}"
            )
        case ev.RunFinished(degraded=str(degraded)):
            return blocks.notice(id, degraded, "warning")
        case _:
            return None
