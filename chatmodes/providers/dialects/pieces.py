"""Texts that are kept to go back and come in pieces: a text that each piece is joined to would cost the square of its
length."""

from typing import Any


class Pieces(list[str]):
    """A text that grows, in a record of which `joined` makes what goes back."""


def joined(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its texts whole."""
    return {name: "".join(value) if isinstance(value, Pieces) else value for name, value in record.items()}
