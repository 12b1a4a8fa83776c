"""What was found that can answer, as the welcome says it, and what to do next."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from chatmodes.providers.local.weights import INSTALL
from chatmodes.tui.chat.welcome import Steps
from chatmodes.tui.host.keymap import shown

if TYPE_CHECKING:
    from chatmodes.providers.available.discover import Found


def finding(found: "Found") -> str:
    """What discovery found, in a line."""
    if found.problem:
        return f"{found.problem} {found.hint}"
    if found.kind == "embedded":
        return "on this machine, no key; small, often wrong"
    models = f"{len(found.models)} models" if len(found.models) > 1 else "".join(found.models)
    return f"{found.detail} · {models}" if models else found.detail


_BETTER = (
    ("/key", "store a provider's API key"),
    ("ollama pull qwen3:4b", "a larger model on this machine, found by itself"),
    ("chatmodes models pull", "larger models to embed, with their sizes"),
)


def next_steps(found: "Sequence[Found]", model: str) -> Steps:
    """What to do next, given what can answer and the model that would."""
    able = [one for one in found if not one.problem]
    if not able and not model:
        embedded = (INSTALL, "a small model that runs on this machine")
        return "Nothing here can answer yet. Any of these changes that:", (*_BETTER[:2], embedded)
    if (able and all(one.kind == "embedded" for one in able)) or model.startswith("local/"):
        return "The embedded model shows how the modes work, and is often wrong. For better answers:", _BETTER
    return "Type a prompt.", ((shown("model"), "choose another model"), (shown("mode"), "choose the mode"))


def unable(model: str, problem: str, providers: Collection[str]) -> Steps:
    """What to do where the chosen model cannot be asked: why that is, and what changes it."""
    provider = model.partition("/")[0]
    key = [(f"/key {provider}", "store a key for it here")] if provider in providers else []
    return f"{model} cannot answer yet. {problem}", (*key, (shown("model"), "choose another model"))
