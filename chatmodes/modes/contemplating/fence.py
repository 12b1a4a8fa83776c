"""Drafts laid before a judge: anonymous, shuffled, trimmed, and fenced as data.

Even the best judges kept their verdict in only 65% of order swaps, favour their own kind, and obey what a draft tells
them; so neither order nor name may carry meaning, and no draft can close its own fence. Shuffle and fence come from the
run's seed, which the plan records: a stored run can be explained label by label.
"""

import re
from collections.abc import Iterable, Sequence
from random import Random
from typing import NamedTuple

from chatmodes.messages import Message
from chatmodes.modes.draft import Draft
from chatmodes.modes.fencing import fenced_block, shortened
from chatmodes.providers.calls import ModelInfo
from chatmodes.providers.known.windows import estimate_messages, picture_rule

ROOM = 60_000
"""Characters for all drafts together where the judge's window is unknown or large: some 15,000 tokens."""
LEAST = 400
"""Characters a draft keeps at least, however many there are."""
HEAD = 0.5
"""The share of a trimmed draft that is its beginning; what it comes to stands at its end."""


class Fenced(NamedTuple):
    """Drafts as one text, and which agent stands behind each label."""

    text: str
    labels: dict[str, str]


def fenced(
    drafts: Sequence[Draft],
    *,
    seed: int,
    purpose: str,
    room: int = ROOM,
    hide: Iterable[str] = (),
    shuffle: bool = True,
) -> Fenced:
    """Lay out `drafts` for one judge's call; `purpose` names that call, since every call shuffles anew.

    `hide` are names that must not show (`secret_names`), `room` is characters for all drafts together.
    """
    random = Random(f"{seed}/{purpose}")
    order = list(drafts)
    if shuffle:
        random.shuffle(order)
    nonce = f"{random.getrandbits(64):016x}"
    texts = [_hidden(_written(draft), hide).replace(nonce, "") for draft in order]
    each = _share(room, [len(text) for text in texts])
    blocks: list[str] = []
    labels: dict[str, str] = {}
    for at, (draft, text) in enumerate(zip(order, texts, strict=True)):
        label = _label(at)
        labels[label] = draft.slot.agent
        blocks.append(fenced_block(f"DRAFT {label}", shortened(text, each, head=HEAD), nonce))
    return Fenced("\n\n".join(blocks), labels)


def _written(draft: Draft) -> str:
    """A draft's text, with what it looked up: whoever judges must know which drafts saw what they speak of."""
    looked = "".join(f"\n- {each}" for each in draft.looked_up[:20])
    return f"{draft.text.strip()}\n\nLooked up by this draft:{looked}" if looked else draft.text.strip()


def fenced_notes(notes: str, *, seed: int, purpose: str, hide: Iterable[str] = ()) -> str:
    """Notes made from drafts, for a later call: who wrote them had read the drafts, and may repeat what those order."""
    if not notes:
        return ""
    nonce = f"{Random(f'{seed}/{purpose}/notes').getrandbits(64):016x}"
    return fenced_block("NOTES", _hidden(notes, hide), nonce)


_ORDINARY = frozenset(
    "ai agent all answer api assistant auto base bot chat code coder command complete completion completions "
    "default demo deployment dev embedding endpoint english expert fast flash general instruct instruction large "
    "latest light lite llm local main max medium mini mode model models my new old our plus preview pro prod "
    "production proxy reasoning router server small standard staging support team test text the thinking tiny tools "
    "turbo vision".split()
)
"""Words that name a deployment and no model: taken out of drafts, they would take ordinary speech with them."""


def secret_names(models: Iterable[str], messages: Sequence[Message]) -> tuple[str, ...]:
    """The panel's model names as a draft might drop them, except where the conversation itself speaks of them."""
    said = "\n".join(message.text for message in messages)
    names = {name for model in models for name in (model, model.partition("/")[2], model.rpartition("/")[2])}
    names = {name for name in names if len(name) > 2 and ("/" in name or not _ordinary(name))}
    names = {name for name in names if not re.search(_spoken(name), said, re.I)}
    return tuple(sorted(names, key=len, reverse=True))


def _ordinary(name: str) -> bool:
    """Whether a name is made of ordinary words alone."""
    return all(word.lower() in _ORDINARY for word in re.findall(r"[^\W_]+", name))


def room_for(info: ModelInfo, messages: Sequence[Message], max_tokens: int) -> int:
    """Characters of drafts that fit the judge's window beside the conversation and its own answer."""
    if info.context_window is None:
        return ROOM
    answer = min(max_tokens, info.context_window // 4)
    tokens = (
        info.context_window - estimate_messages(messages, picture_rule(info)) - answer - 600
    )  # the prompts' own text
    return max(LEAST, min(ROOM, tokens * 3))


def _label(at: int) -> str:
    return chr(65 + at) if at < 26 else chr(64 + at // 26) + chr(65 + at % 26)


def _share(room: int, lengths: Sequence[int]) -> int:
    """Characters that each draft may have, so that what short ones leave goes to the long ones (max-min fairness)."""
    left = room
    for at, length in enumerate(sorted(lengths)):
        each = left // (len(lengths) - at)
        if length > each:
            return max(LEAST, each)
        left -= length
    return max(LEAST, room)


def _hidden(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = re.sub(_spoken(name), _replaced, text, flags=re.I)
    return text


def _replaced(found: re.Match[str]) -> str:
    """A single word is a name where it is written as one: "Phi" is, "chat" or "support" may be anything."""
    return found[0] if found[0].isalpha() and found[0].islower() else "a model"


def _spoken(name: str) -> str:
    """A pattern for a name as an id or in prose: gpt-6-luna, GPT-6 Luna."""
    separator = "[-_.:/]" if _ordinary(name.rpartition("/")[2]) else "[-_.:/ ]?"
    return r"(?<!\w)" + separator.join(map(re.escape, re.findall(r"[^\W_]+", name))) + r"(?!\w)"
