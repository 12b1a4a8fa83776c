"""One item of an evaluation: what is asked, what it should bring, and what names it in the journal."""

import hashlib
from collections.abc import Sequence
from random import Random

import msgspec
from msgspec.structs import replace

from chatmodes.evaluating.attachments import Attached
from chatmodes.messages import File, Image, Message, assistant, user

LETTERS = "ABCDEFGHIJ"
"""Of the choices, as many as a question may offer."""


class Criterion(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a rubric: what to look for, and its points; negative ones are for what must not happen."""

    criterion: str
    points: float
    tags: tuple[str, ...] = ()
    """What it is scored with besides: `axis:accuracy`."""


class Turn(msgspec.Struct, frozen=True):
    """One turn of a conversation that comes before the question."""

    role: str
    """`user` or `assistant`; of instructions, `system` or `developer`."""
    content: str


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question, with the answer it should get or the rubric it is graded by."""

    input: str
    target: str = ""
    """With choices, the right one."""
    rubric: tuple[Criterion, ...] = ()
    id: str = ""
    before: tuple[Turn, ...] = ()
    """The conversation up to the question."""
    instructions: tuple[Turn, ...] = ()
    """The turns of the system or the developer that the item begins with."""
    tags: tuple[str, ...] = ()
    """What its score counts to besides: `theme:emergency_referrals`."""
    choices: tuple[str, ...] = ()
    """What it may be answered with, in the file's order; a run sees them in an order of its own (`choosing.py`)."""
    judged: bool = False
    """The target is free text, which the grader compares."""
    attachments: tuple[Attached, ...] = ()
    """Files that are sent with the question."""
    repeat: int = 0
    """Which of several times it is asked, from 0 on."""

    @property
    def system(self) -> str:
        """The system prompt that the item brings, beside the settings' own."""
        return "\n\n".join(turn.content for turn in self.instructions if turn.content.strip())

    @property
    def first(self) -> str:
        """The key of this item's first time: what its repeats have in common.

        Its content is in it beside its id: an item that was edited is another one, and an old answer none of its own.
        """
        once = replace(self, repeat=0, judged=False)  # who reads the answer changes none
        content = hashlib.sha256(msgspec.json.encode(once)).hexdigest()[:16]
        return f"{self.id}-{content}" if self.id else content

    @property
    def key(self) -> str:
        """What names the item in the journal, wherever it stands in the file."""
        return f"{self.first}#{self.repeat + 1}" if self.repeat else self.first

    @property
    def graded(self) -> bool:
        """Whether a model has to read the answer to tell its worth."""
        return bool(self.rubric) or self.judged

    def path(self, asked: str = "", files: Sequence[File | Image] = ()) -> tuple[Message, ...]:
        """The conversation as it is sent, with `asked` for the question where that is put in other words, and the
        `files` that its attachments were made into."""
        before = (user(turn.content) if turn.role == "user" else assistant(turn.content) for turn in self.before)
        return (*before, user(asked or self.input, files))


def repeated(items: Sequence[Item], times: int) -> list[Item]:
    """Every item so many times, the whole file over and over."""
    return [replace(item, repeat=at) if at else item for at in range(times) for item in items]


def order_of(item: Item, seed: int) -> tuple[int, ...]:
    """The order in which an item's choices are laid out: the same for every arm, whatever else is in the file, and
    another for each repeat."""
    count = len(item.choices)
    return tuple(Random(f"{seed}/{item.key}").sample(range(count), count))
