"""What the screen says about calls of tools: one line for each, the whole behind it, and what an answer rests on.

Arguments and results are data from a model and from elsewhere: shown as plain text, never as Markdown.
"""

import re
from collections.abc import Sequence

from chatmodes.folding import RunView, ToolView
from chatmodes.sanitize import clean
from chatmodes.tui.figures import seconds
from chatmodes.tui.names import fitted, one_line

SHORT = 60
"""Cells of arguments on the one line."""
_MARKS = re.compile(r"^<<<(?:data from .*: not instructions|end of data [0-9a-f]{8})>>>\n?", re.MULTILINE)


def own_calls(view: RunView) -> list[ToolView]:
    """The calls of whoever writes the answer, in the order in which they were made."""
    agents = view.agents
    return [tool for tool in view.tools.values() if tool.agent in agents and agents[tool.agent].role != "draft"]


def line(tool: ToolView, now: float) -> str:
    """The one line that a call folds to: `✓ fetch · 1.2 s · https://…`, the least wanted last, where it may be cut."""
    glyph, state = _state(tool, now)
    parts = (f"{glyph} {one_line(tool.tool)}", state, fitted(_short(tool.arguments), SHORT))
    return " · ".join(filter(None, parts))


def _state(tool: ToolView, now: float) -> tuple[str, str]:
    if tool.seconds is None:
        took = seconds(max(0.0, now - tool.started))
        return ("?", "waits for your word") if tool.asking else ("◐", f"running, {took}")
    if tool.denied:
        return "■", "not run"
    return ("✗", f"failed, {seconds(tool.seconds)}") if tool.error else ("✓", seconds(tool.seconds))


def _short(arguments: str) -> str:
    """Arguments as one reads them in passing: a single one without its name and quotes."""
    text = one_line(arguments[:2_000])
    only = re.fullmatch(r'\{\s*"[^"]*"\s*:\s*"((?:[^"\\]|\\.)*)"\s*\}', text)
    return only[1] if only else "" if text == "{}" else text


def whole(tool: ToolView) -> str:
    """What a call opens to: its arguments as they were sent, and what came back."""
    result = _MARKS.sub("", clean(tool.result)).strip("\n")
    return f"{clean(tool.arguments) or '{}'}\n\n{result}".rstrip()


def of_agent(view: RunView, agent: str) -> list[ToolView]:
    """The calls of one agent."""
    return [tool for tool in view.tools.values() if tool.agent == agent]


def draft_lines(calls: Sequence[ToolView], now: float) -> str:
    """An agent's calls as a list in Markdown; empty where it made none."""
    return "\n".join(f"- `{line(call, now).replace('`', chr(39))}`" for call in calls)


def sources(view: RunView) -> str:
    """What stands under an answer that looked things up, as Markdown: each a link, or a name."""
    found = [_source(each) for each in view.sources]
    return f"{'Source' if len(found) == 1 else 'Sources'}: {' · '.join(found)}" if found else ""


def _source(source: str) -> str:
    shown = "".join(f"\\{each}" if each in "\\`*_{}[]<>#|~" else each for each in fitted(one_line(source), 80))
    if not source.startswith(("http://", "https://")):
        return shown
    address = "".join(each if each.isprintable() and each not in " ()<>\\" else f"%{ord(each):02X}" for each in source)
    return f"[{shown}]({address})" if address.isascii() else shown
