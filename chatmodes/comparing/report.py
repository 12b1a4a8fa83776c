"""A comparison told as JSON, Markdown or a web page: the same columns in each, from the same folded runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatmodes import events as ev
from chatmodes.comparing.differences import word_diff
from chatmodes.dollars import money
from chatmodes.exporting import rendering, webpage
from chatmodes.exporting.enclosing import enclosed, literal
from chatmodes.folding import RunView
from chatmodes.messages import File, Image
from chatmodes.sanitize import one_line


@dataclass
class Column:
    """One run of a comparison, as far as it has come."""

    mode: str
    model: str
    view: RunView

    @property
    def name(self) -> str:
        """Mode and model."""
        return f"{self.mode} · {self.model}"

    @property
    def error(self) -> ev.Error | None:
        """Why there is no whole answer; None where there is one."""
        return self.view.end.error if isinstance(self.view.end, ev.RunFailed) else None

    @property
    def agents(self) -> str:
        """How many drafts there were and how many came home, as in 4/5; empty for a single call."""
        end = self.view.end
        if isinstance(end, ev.RunFinished) and end.planned > 1:
            return f"{end.survived}/{end.planned}"
        return ""

    @property
    def agreement(self) -> str:
        """The drafts' short answers and how many gave each; empty where there were none."""
        if self.view.agreement is None:
            return ""
        return " · ".join(f"{one_line(c.answer, 40)} ×{len(c.agents)}" for c in self.view.agreement.clusters)


def facts(column: Column) -> dict[str, str]:
    """What stands under a column: label and value, unknown ones said to be so."""
    end, ttft = column.view.end, column.view.ttft
    usage, cost, seconds = (end.usage, end.cost, end.seconds) if end else (ev.Usage(), None, None)
    told = {
        "first token": f"{ttft:.2f} s" if ttft is not None else "none",
        "time": f"{seconds:.1f} s" if seconds is not None else f"{column.view.now:.1f} s",
        "tokens": f"{usage.output_tokens:,}" if usage.output_tokens is not None else "unknown",
        "cost": money(cost),
    }
    if column.agents:
        told["agents"] = column.agents
    if column.agreement:
        told["agreement"] = column.agreement
    return told


def as_json(prompt: str, columns: Sequence[Column], files: Sequence[File | Image] = ()) -> dict[str, Any]:
    """The contract's form: {"prompt", "runs": [{"mode", "model", "answer", "usage", "cost", "ttft", "seconds", …}]},
    with the names and hashes of the `files` that were sent with the prompt, where there were any."""
    runs: list[dict[str, Any]] = []
    for column in columns:
        end = column.view.end
        run: dict[str, Any] = {
            "mode": column.mode,
            "model": column.model,
            "answer": column.view.answer_text,
            "usage": end.usage if end else None,
            "cost": end.cost if end else None,
            "ttft": column.view.ttft,
            "seconds": end.seconds if end else None,
            "run": column.view.run,
        }
        if isinstance(end, ev.RunFinished):
            run |= {"method": end.method, "planned": end.planned, "survived": end.survived}
            if end.degraded:
                run["degraded"] = end.degraded
        if column.agreement:
            run["agreement"] = column.agreement
        if column.error:
            run["error"] = column.error
        elif isinstance(end, ev.RunCancelled):
            run["cancelled"] = end.reason
        runs.append(run)
    attached = {"attachments": attached_json(files)} if files else {}
    return {"prompt": prompt, **attached, "runs": runs}


def attached_json(files: Sequence[File | Image]) -> list[dict[str, str]]:
    """What was attached, by name and by the SHA-256 of the file that it was made from."""
    return [{"name": each.name, "hash": (isinstance(each, Image) and each.original) or each.hash} for each in files]


def as_markdown(prompt: str, columns: Sequence[Column], files: Sequence[File | Image] = ()) -> str:
    """Headings, a table of the facts, and the answers whole; `files` are named."""
    labels = ["first token", "time", "tokens", "cost", "agents", "agreement"]
    lines = ["# Comparison", "", *(f"> {line}" for line in enclosed(prompt).split("\n")), ""]
    lines += [*(f"- Attached: {literal(each.name)}" for each in files), *[""] * bool(files)]
    lines += ["| mode | model | " + " | ".join(labels) + " |", "|---" * (len(labels) + 2) + "|"]
    for column in columns:
        told = facts(column)
        cells = [column.mode, column.model, *(told.get(label, "") for label in labels)]
        lines.append("| " + " | ".join(map(literal, cells)) + " |")
    for column in columns:
        lines += ["", f"## {literal(column.name)}", ""]
        if note := _note(column):
            lines += [f"*{literal(note)}*", ""]
        lines.append(enclosed(column.view.answer_text))
    return "\n".join(lines) + "\n"


_MARK = "<!-- made by chatmodes compare -->"
"""What tells our pages from others. No model writes it into one: what models write is escaped."""


def as_html(comparisons: Sequence[tuple[str, Sequence[Column]]], files: Sequence[File | Image] = ()) -> str:
    """A self-contained page: the `files` that went with every prompt, pictures in it as they are; each prompt with its
    answers side by side, and their differences to the first."""
    title = one_line(comparisons[0][0], 80) if len(comparisons) == 1 else f"{len(comparisons)} comparisons"
    shown = [webpage.attached(each.name, each.content if isinstance(each, Image) else None) for each in files]
    sections = (_section(prompt, columns) for prompt, columns in comparisons)
    return webpage.page(title, "\n".join([_MARK, *shown, *sections]))


def is_page(file: Path) -> bool:
    """Whether a file is a page that `as_html` made: one that the same command may write anew. Raises `OSError`."""
    with file.open("rb") as opened:
        return _MARK.encode() in opened.read(20_000)  # the styles before the body are 2,500 bytes


def _section(prompt: str, columns: Sequence[Column]) -> str:
    cards = "\n".join(_card(column) for column in columns)
    differences = "\n".join(
        f"<details><summary>{webpage.text(columns[0].name)} against {webpage.text(other.name)}</summary>"
        f'<div class="card diff">{diff_html(columns[0].view.answer_text, other.view.answer_text)}</div></details>'
        for other in columns[1:]
        if columns[0].view.answer_text and other.view.answer_text
    )
    return f'<h1 class="prompt">{webpage.text(prompt)}</h1>\n<div class="columns">\n{cards}\n</div>\n{differences}'


def _card(column: Column) -> str:
    told = " · ".join(f"{label} {value}" for label, value in facts(column).items())
    note = f'<p class="error">{webpage.text(_note(column))}</p>' if _note(column) else ""
    return (
        f'<section class="card"><h2>{webpage.text(column.mode)}</h2><p class="dim">{webpage.text(column.model)}<br>'
        f"{webpage.text(told)}</p>{note}{rendering.markdown(column.view.answer_text)}</section>"
    )


def diff_html(left: str, right: str) -> str:
    """The word-level difference with `ins` and `del` around what changed."""
    tag = {"same": "", "added": "ins", "removed": "del"}
    return "".join(
        f"<{tag[span.kind]}>{webpage.text(span.text)}</{tag[span.kind]}>" if tag[span.kind] else webpage.text(span.text)
        for span in word_diff(left, right)
    )


def _note(column: Column) -> str:
    """What is to be said before the answer: an error, a cancellation, or what is missing from it."""
    match column.view.end:
        case ev.RunFailed(error=error):
            return f"{error.message} {error.hint}".strip()
        case ev.RunCancelled(reason=reason):
            return f"Not finished: {reason}."
        case ev.RunFinished(degraded=str() as degraded):
            return degraded
        case _:
            return ""
