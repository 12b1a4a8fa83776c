"""Characters that a person types and Python calls unprintable: they arrive all the same.

Textual lets through what `str.isprintable` does. That leaves out the wide space of Chinese and Japanese keyboards, the
joiners of Persian and of emoji, spaces that do not break, and every character newer than this Python's tables.
"""

from textual import events

from chatmodes.sanitize import clean


class TypedKey(events.Key):
    """A key whose character is text."""

    @property
    def is_printable(self) -> bool:
        """It is, whatever Python calls it."""
        return True


TypedKey.handler_name = events.Key.handler_name  # of a subclass Textual makes another: nobody's `on_key` were called


def as_typed(event: events.Key) -> events.Key:
    """The key, as text where it stands for a character of a text that Python calls unprintable.

    Control characters and invisible fillers are none: `sanitize` takes those out of every text.
    """
    character = event.character
    if character is None or event.is_printable or character.isascii() or clean(character) != character:
        return event
    typed = TypedKey(event.key, character)
    typed.time = event.time
    return typed
