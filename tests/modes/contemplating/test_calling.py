"""Drafts that call a caller's tools: which calls are the same, and whose are handed over."""

import pytest

from chatmodes import events as ev
from chatmodes.messages import ToolCall
from chatmodes.modes.contemplating.calling import common_calls
from chatmodes.modes.draft import Draft

DEEP = "[" * 100_000


def draft(agent: str, *arguments: str, text: str = "") -> Draft:
    calls = tuple(ToolCall(f"{agent}-{at}", "look", each) for at, each in enumerate(arguments))
    return Draft(ev.Slot(agent, "draft", "p/m"), text=text, finish="stop", calls=calls)


@pytest.mark.parametrize(
    ("first", "second"),
    [('{"a": 1, "b": 2}', '{"b":2,"a":1}'), ("", "{}"), ("{broken", "{broken"), (DEEP, DEEP), ("1e999", "1e999")],
)
def test_calls_are_equal_whatever_their_form(first: str, second: str) -> None:
    other = draft("a1", '{"c": 3}')
    assert common_calls([other, draft("a2", first), draft("a3", second)]) == draft("a2", first)


@pytest.mark.parametrize("texts", [1, 2])
def test_calls_are_handed_over_where_more_than_half_call(texts: int) -> None:
    calling = [draft("a1", "{}"), draft("a2", "{}")]
    found = common_calls([*calling, *(draft(f"b{at}", text="Hello.") for at in range(texts))])
    assert found == (calling[0] if texts == 1 else None)
