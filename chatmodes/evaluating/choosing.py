"""Multiple choice: the choices laid out in an order of a seed, and the letter that an answer comes to.

Models favour some places, so that a file's own order measures that as well (arXiv 2309.03882). Each repeat of an item
has another order, each arm the same.
"""

import hashlib
import re
from typing import NamedTuple

from chatmodes.evaluating.offered import places
from chatmodes.evaluating.questions import LETTERS, Item, order_of
from chatmodes.evaluating.scoring import extract
from chatmodes.modes import prompts
from chatmodes.modes.answers.extract import marked
from chatmodes.modes.answers.short import ShortAnswer, read, same
from chatmodes.modes.answers.terms import NOTHING, terms_of

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_COUNTED = re.compile(rf"(?:the\s+)?({'|'.join(_ORDINALS)}|last)(?:\s+(?:option|choice|answer|one))?\W*", re.IGNORECASE)
"""A choice by its place, in words: a number says what a choice says."""

_FIRST = re.compile(r"[\s*_(\[]*([A-Ja-j])[)\].:*_]*[ \t]*\n\s*\n")
"""A letter in a paragraph of its own, above what explains it."""


class Laid(NamedTuple):
    """A question with its choices as it is asked."""

    asked: str
    choices: tuple[str, ...]
    """In the order in which they are shown."""
    right: str
    """The letter of the right one."""
    order: tuple[int, ...]
    """Where each of them stands in the file, from 0 on."""

    @property
    def digest(self) -> str:
        """Changes with what is asked."""
        return hashlib.sha256(self.asked.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    def letter(self, text: str) -> str | None:
        """The letter that an answer comes to, be it by a choice's text; None where it names none of them."""
        found = extract(text, self.right, self.asked)
        letter = self.letter_of(found) if found else None
        first = None if letter or marked(text) else _FIRST.match(text)
        return first[1].upper() if first and first[1].upper() in LETTERS[: len(self.choices)] else letter

    def letter_of(self, answer: ShortAnswer) -> str | None:
        """The letter of a short answer."""
        if answer.kind == "option" and answer.display in LETTERS[: len(self.choices)]:
            return answer.display
        # What is said word for word counts before what is the same: "36 km/h" is no "10 m/s" where both stand there.
        fitting = places(answer.display, self.choices)
        if not fitting:
            terms = terms_of(self.asked)._replace(options=NOTHING.options)
            choices = [read(choice, terms) for choice in self.choices]
            fitting = [at for at, choice in enumerate(choices) if choice and same(choice, answer)]
        fitting = fitting or self._counted(answer.display)
        return LETTERS[fitting[0]] if len(fitting) == 1 else None

    def _counted(self, text: str) -> list[int]:
        """The place that a text tells by counting the choices as they are shown; none where these tell of places."""
        told = _COUNTED.fullmatch(text)
        if not told or any(word in choice.casefold() for choice in self.choices for word in (*_ORDINALS, "last")):
            return []
        word = told[1].lower()
        at = len(self.choices) - 1 if word == "last" else _ORDINALS.index(word)
        return [at] if at < len(self.choices) else []


def laid_out(item: Item, seed: int) -> Laid:
    """An item's question as it is asked. Raises `ConfigError` for a prompt file that cannot serve."""
    order = order_of(item, seed)
    choices = tuple(item.choices[at] for at in order)
    listed = "\n".join(f"{letter}) {choice}" for letter, choice in zip(LETTERS, choices, strict=False))
    letters = LETTERS[: len(choices)]
    asked = prompts.fill("choose", question=item.input, choices=listed, letters=f"{letters[0]} to {letters[-1]}")
    return Laid(asked, choices, LETTERS[choices.index(item.target)], order)
