"""The comparison's keys: apart from its screen, so that rebinding and help know them before it is first opened."""

from typing import ClassVar

from textual.binding import Binding, BindingType


class CompareKeys:
    """What the comparison's screen is mixed with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Stop everything under way, then leave", id="compare.leave"),
        Binding("tab,right", "turn(1)", "Next column", id="compare.next", priority=True),
        Binding("shift+tab,left", "turn(-1)", "Column before", id="compare.previous", priority=True),
        Binding("m", "maximise", "One column alone, or all", id="compare.maximise"),
        Binding("a", "add", "Add a column", id="compare.add"),
        Binding("x", "drop", "Drop the column, and stop its run", id="compare.drop"),
        Binding("s", "together", "Scroll together or freely", id="compare.scroll"),
        Binding("d", "differences", "Differences, word by word", id="compare.differences"),
        Binding("g", "summary", "Where they agree and contradict: an extra call", id="compare.summary"),
        Binding("p", "pick", "Pick the better answer", id="compare.pick"),
        Binding("y", "copy", "Copy the answer", id="compare.copy"),
        Binding("ctrl+c", "copy_selected", "Copy what is selected", show=False, priority=True),
        Binding("f1,question_mark", "app.show_help", "Help", id="compare.help"),
    ]
