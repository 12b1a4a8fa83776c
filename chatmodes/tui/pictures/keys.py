"""The viewer's keys: apart from its screen, so that rebinding and help know them before it is first opened."""

from typing import ClassVar

from textual.binding import Binding, BindingType


class PictureKeys:
    """What the viewer's screen is mixed with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,space", "close", "Close", id="picture.close"),
        Binding("left,up,pageup,k", "step(-1)", "Picture before", id="picture.before"),
        Binding("right,down,pagedown,j", "step(1)", "Picture after", id="picture.after"),
        Binding("f", "full", "Drawn by the terminal itself, where it can", id="picture.full"),
    ]
