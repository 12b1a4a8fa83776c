"""What a caller wants of the choice among tools, said in one dialect's words elsewhere."""

from typing import Any, Literal

from chatmodes.providers.dialects import refusals
from chatmodes.providers.dialects.base import Asked, cannot

Word = Literal["", "auto", "required", "none", "named", "left out"]


def let_search(asked: Asked, body: dict[str, Any]) -> None:
    """Offer the provider's own search beside the tools, as its profile has it."""
    if asked.call.search and asked.traits.search and refusals.TOOLS not in asked.without:
        body["tools"] = [*body.get("tools", ()), dict(asked.traits.search)]


def choice_of(asked: Asked) -> Word:
    """The wish; `left out` where tools are not to be offered at all, empty where it is left to the provider.

    Raises `ProviderError` for one that this model does not take.
    """
    choice, known = asked.call.tool_choice, asked.traits.tool_choices
    if not choice or not asked.call.tools:
        return ""
    word: Word = "named"
    for name in ("auto", "required", "none"):
        if choice == name:
            word = name
    if word in known:
        return word
    if word == "none":
        return "left out"  # what is not offered cannot be called
    if word == "auto":
        return ""
    raise cannot(asked, f"be told to call {'a tool' if word == 'required' else f'the tool {choice!r}'}")
