"""A stored conversation as a document for people: Markdown and a self-contained HTML page.

Both show the path that the screen shows. The page also holds, folded, what the screen has behind a key: other answers
to the same prompt, drafts and reasoning. Complete, and made to be read back in, is only the JSON export.
"""

import re
from datetime import datetime
from typing import NamedTuple

from chatmodes.exporting import rendering, webpage
from chatmodes.exporting.enclosing import enclosed, literal
from chatmodes.folding import AgentView, RunView, fold
from chatmodes.messages import File, Message, Text, ToolCall, ToolResult
from chatmodes.sanitize import fenced, one_line
from chatmodes.store import Store
from chatmodes.store.records import Conversation, MessageState, StoredMessage

_ENDINGS: dict[MessageState, str] = {
    "complete": "",
    "partial": "This answer was cut: the program ended, or is still writing it.",
    "failed": "This answer failed before its end.",
    "cancelled": "This answer was cancelled.",
}


def markdown(store: Store, conversation: Conversation) -> str:
    """The current path as Markdown, without anything a terminal would act on, or a reader take for another turn."""
    pieces = [f"# {literal(conversation.name)}\n"]
    for message in _path(store, conversation):
        pieces.append(f"## {literal(_speaker(message))}\n\n_{_details(message)}_\n")
        pieces += [f"{shown}\n" for block in _blocks(message.message) if (shown := _block(block))]
        pieces += [f"- Attached: {literal(a.name or a.hash)}\n" for a in store.attachments(message.id)]
        if _ENDINGS[message.state]:
            pieces.append(f"_{_ENDINGS[message.state]}_\n")
    return "\n".join(pieces)


def page(store: Store, conversation: Conversation) -> str:
    """The current path as an HTML document that loads nothing and runs nothing."""
    parts = [
        f"<h1>{webpage.text(one_line(conversation.name))}</h1>",
        f'<p class="dim">{_when(conversation.created)}, exported from chatmodes</p>',
    ]
    parts += [
        f'<section class="card" style="margin-bottom:1rem">\n{_card(store, message)}</section>'
        for message in _path(store, conversation)
    ]
    # Lines of prose are read at 60 to 80 characters, narrower than the comparisons the page's frame is made for.
    body = '<div style="max-width:48rem;margin:0 auto">\n' + "\n".join(parts) + "\n</div>"
    return webpage.page(one_line(conversation.name), body)


def _path(store: Store, conversation: Conversation) -> list[StoredMessage]:
    return store.path(conversation.leaf) if conversation.leaf is not None else []


def _card(store: Store, message: StoredMessage) -> str:
    parts = [f'<h2>{webpage.text(_speaker(message))}</h2>\n<p class="dim">{webpage.text(_details(message))}</p>']
    if message.message.role == "assistant":
        parts += [
            rendering.markdown(block) if isinstance(block, str) else _folded(f"Called {block.name}", block.source)
            for block in _blocks(message.message)
        ]
    else:
        parts.append(f'<div class="prompt">{webpage.text(message.message.text)}</div>')
    for attachment in store.attachments(message.id):
        picture = attachment.media_type.startswith("image/")
        data = store.attachment_data(attachment.hash) if picture else None
        parts.append(webpage.attached(attachment.name or attachment.hash, data))
    if _ENDINGS[message.state]:
        parts.append(f'<p class="error">{_ENDINGS[message.state]}</p>')
    if message.run is not None:
        parts += [_folded(title, body) for title, body in _working(store, message.run)]
    elif message.message.reasoning:  # of an imported answer, behind which there is no run
        parts.append(_folded("Reasoning", message.message.reasoning))
    if message.message.role == "assistant" and message.siblings > 1:
        others = [other for other in store.siblings(message.id) if other.id != message.id]
        parts += [_folded(f"Another answer: {_speaker(other)}", other.message.text) for other in others]
    return "\n".join(parts) + "\n"


class _Call(NamedTuple):
    """A tool that was called in the middle of an answer."""

    name: str
    arguments: str
    result: str | None
    """None where there is none: the answer was stopped before."""

    @property
    def source(self) -> str:
        """What was asked and answered, as Markdown."""
        answered = "It was stopped before it ran." if self.result is None else fenced(self.result)
        return f"{fenced(self.arguments or '{}', 'json')}\n\n{answered}"


def _blocks(message: Message) -> list[str | _Call]:
    """What is said in a message and what was called in between, in order."""
    results = {part.call: _answered(part) for part in message.parts if isinstance(part, ToolResult)}
    blocks: list[str | _Call] = []
    for part in message.parts:
        last = blocks[-1] if blocks else None
        if isinstance(part, ToolCall):
            blocks.append(_Call(part.name, part.arguments, results.get(part.id)))
        elif isinstance(part, Text | File) and isinstance(last, str):
            blocks[-1] = last + part.text
        elif isinstance(part, Text | File):
            blocks.append(part.text)
    return blocks


def _answered(result: ToolResult) -> str:
    return "\n".join(part.text if isinstance(part, Text) else f"[picture: {part.name}]" for part in result.content)


def _block(block: str | _Call) -> str:
    if isinstance(block, str):
        return enclosed(block)
    return f"- Called {literal(block.name)}: {literal(one_line(block.arguments, 200))}"


def _working(store: Store, run: str) -> list[tuple[str, str]]:
    """What lies behind an answer: each agent's reasoning and draft, under a name."""
    log = store.run_log(run)
    view = RunView()
    for event in log.events:
        fold(view, event)
    found: list[tuple[str, str]] = []
    if log.damaged:
        found.append(("Left out", "Drafts and reasoning of this answer are damaged in the database, in part or whole."))
    for agent in view.agents.values():
        if reasoning := "".join(agent.reasoning):
            found.append((f"Reasoning of {_name(agent)}", reasoning))
        if draft := "".join(agent.text):
            found.append((f"{agent.role.capitalize()} of {_name(agent)}", draft))
    for call in view.tools.values():
        ended = (
            "not run" if call.denied else "failed" if call.error else "cut off" if call.seconds is None else "called"
        )
        found.append((f"{call.tool} {ended} by {call.agent}", _verbatim(f"{call.arguments}\n\n{call.result}".strip())))
    return found


def _verbatim(text: str) -> str:
    """Text that is no Markdown, as Markdown: in a fence that nothing in it closes."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"


def _name(agent: AgentView) -> str:
    return f"{agent.agent} ({agent.model})"


def _folded(title: str, source: str) -> str:
    return (
        f"<details><summary>{webpage.text(one_line(title))}</summary>\n"
        f'<div class="card">{rendering.markdown(source)}</div></details>'
    )


def _speaker(message: StoredMessage) -> str:
    if message.message.role == "assistant":
        return one_line(" · ".join(filter(None, (message.mode.capitalize(), message.model)))) or "Assistant"
    return "You" if message.message.role == "user" else "System"


def _details(message: StoredMessage) -> str:
    kind = "answer" if message.message.role == "assistant" else "version"
    which = f", {kind} {message.position} of {message.siblings}" if message.siblings > 1 else ""
    return f"{_when(message.created)}{which}"


def _when(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
