"""What a model's turn was made of, kept so that it can go back exactly as it came.

Responses and Messages want reasoning back unchanged and in its place among texts and calls. The program's messages keep
the texts and the calls; the skeleton keeps the rest, and of each text only its length. Where these no longer fit what
the message says, it was edited, and the reasoning behind it is not sent: a provider refuses what does not belong.
"""

from typing import Any

import msgspec

from chatmodes.providers.dialects.turns import Called, Saying
from chatmodes.providers.shapes import items, table


class Said(msgspec.Struct, frozen=True):
    """A text of a turn, with the fields that stood beside it."""

    text: str
    beside: dict[str, Any]


Bone = Said | Called | dict[str, Any]
"""A text, a call, or a piece that goes back as it is."""


def text_bone(size: int, beside: dict[str, Any] | None = None) -> dict[str, Any]:
    """Stands for a text of so many characters."""
    return {"text": size, **({"beside": beside} if beside else {})}


def call_bone() -> dict[str, Any]:
    """Stands for the next call."""
    return {"call": True}


def kept_bone(piece: dict[str, Any]) -> dict[str, Any]:
    """Stands for itself."""
    return {"keep": piece}


def refilled(turn: Saying) -> list[Bone] | None:
    """The turn as it came, in its order; None where there is no skeleton or the turn is another by now."""
    bones = [table(bone) for bone in items(turn.state)]
    texts = [bone["text"] for bone in bones if isinstance(bone.get("text"), int)]
    calls = [bone for bone in bones if bone.get("call")]
    if not bones or sum(texts) != len(turn.text) or len(calls) != len(turn.calls):
        return None
    at, coming = 0, iter(turn.calls)
    filled: list[Bone] = []
    for bone in bones:
        if isinstance(size := bone.get("text"), int):
            filled.append(Said(turn.text[at : at + size], table(bone.get("beside"))))
            at += size
        elif bone.get("call"):
            filled.append(next(coming))
        else:
            filled.append(table(bone.get("keep")))
    return filled
