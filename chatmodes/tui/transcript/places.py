"""Places as Textual's selection offsets and back.

A selection keeps offsets that sort in reading order. Rows will not do: they shift when a block above is measured,
and the selected text would change under the mouse. An entry's, unit's and row's number packed into one integer stay.
"""

from textual.geometry import Offset

from chatmodes.tui.transcript.document import Place

_ROW, _UNIT = 16, 24


def packed(place: Place) -> int:
    """The place as a selection's y. Rows in a unit's gap count as its first."""
    return (((place.entry << _UNIT) | place.unit) << _ROW) | (max(place.row, -1) + 1)


def unpacked(y: int) -> Place:
    """The place of a selection's y."""
    rest, row = y >> _ROW, y & ((1 << _ROW) - 1)
    return Place(rest >> _UNIT, rest & ((1 << _UNIT) - 1), row - 1)


def offset(place: Place, character: int) -> Offset:
    """A selection's end."""
    return Offset(character, packed(place))
