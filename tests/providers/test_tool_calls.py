"""Tool calls as they really stream: put together by what is seen, whole or not at all."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatmodes.messages import ToolCall
from chatmodes.providers.calls import TextChunk, ToolCallChunk
from chatmodes.providers.deltas import DeltaParser
from chatmodes.providers.dialects import dialect
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.tool_calls import ToolCalls
from tests.fake.chunks import chunk
from tests.fake.voices import MessagesVoice, ResponsesVoice, Voice

PROFILE = Profile(id="p", name="P")
Entry = dict[str, Any]


def entry(index: int | None = None, id: str | None = None, name: str | None = None, args: Any = None) -> Entry:
    function = {key: value for key, value in (("name", name), ("arguments", args)) if value is not None}
    made = {"index": index, "id": id, "type": "function", "function": function}
    return {key: value for key, value in made.items() if value is not None}


def put_together(*chunks: list[Entry], cut: bool = False) -> list[tuple[str, str]]:
    calls = ToolCalls()
    for entries in chunks:
        for position, each in enumerate(entries):
            calls.add(each, position)
    return [(call.name, call.arguments) for call in calls.whole("p", "m", cut=cut)[0]]


PARIS, ROME = '{"city": "Paris"}', '{"city": "Rome"}'
BOTH = [("look", PARIS), ("look", ROME)]
SEEN: dict[str, tuple[list[list[Entry]], list[tuple[str, str]]]] = {
    "the norm": (
        [[entry(0, "a1b2c", "look", "")], [entry(0, args='{"city":')], [entry(0, args=' "Paris"}')],
         [entry(1, "d3e4f", "look", "")], [entry(1, args=ROME)]],
        BOTH,
    ),
    "all with index 0": ([[entry(0, "a1b2c", "look", PARIS)], [entry(0, "d3e4f", "look", ROME)]], BOTH),
    "all with index 0 and no id": ([[entry(0, None, "look", PARIS)], [entry(0, None, "look", ROME)]], BOTH),
    "all with index 0 and an empty id": ([[entry(0, "", "look", PARIS)], [entry(0, "", "look", ROME)]], BOTH),
    "in one chunk with one index": ([[entry(0, "a1b2c", "look", PARIS), entry(0, "d3e4f", "look", ROME)]], BOTH),
    "without an index": ([[entry(None, "a1b2c", "look", PARIS)], [entry(None, "d3e4f", "look", ROME)]], BOTH),
    "without an index in one chunk": (
        [[entry(None, "a1b2c", "look", PARIS), entry(None, "d3e4f", "look", ROME)]],
        BOTH,
    ),
    "without an index and an id": ([[entry(None, None, "look", PARIS), entry(None, None, "look", ROME)]], BOTH),
    "pieces without an index": (
        [[entry(None, "a1b2c", "look", '{"city"')], [entry(None, None, None, ': "Paris"}')]],
        BOTH[:1],
    ),
    "pieces of two without an index": (
        [[entry(None, "a1b2c", "look", ""), entry(None, "d3e4f", "look", "")],
         [entry(args='{"city": '), entry(args='{"city": ')], [entry(args='"Paris"}'), entry(args='"Rome"}')]],
        BOTH,
    ),
    "id and name again with each piece": (
        [[entry(0, "a1b2c", "look", '{"city"')], [entry(0, "a1b2c", "look", ': "Paris"}')]],
        BOTH[:1],
    ),
    "an empty id with each piece": (
        [[entry(0, "a1b2c", "look", "")], [entry(0, "", None, '{"city"')], [entry(0, "", None, ': "Paris"}')]],
        BOTH[:1],
    ),
    "the same entry twice": ([[entry(0, "a1b2c", "look", PARIS)], [entry(0, "a1b2c", "look", PARIS)]], BOTH[:1]),
    "an object": ([[entry(0, "a1b2c", "look", {"city": "Paris"})]], BOTH[:1]),
    "a placeholder and then the arguments": (
        [[entry(0, "a1b2c", "look", "{}")], [entry(0, args='{"city": ')], [entry(0, args='"Paris"}')]],
        BOTH[:1],
    ),
    "nothing": ([[entry(0, "a1b2c", "look", "")]], [("look", "")]),
    "no arguments at all": ([[entry(0, "a1b2c", "look")]], [("look", "")]),
    "braces in a text": (
        [[entry(0, "a1b2c", "look", '{"city": "')], [entry(0, args="{}")], [entry(0, args='{"')],
         [entry(0, args='"}')]],
        [("look", '{"city": "{}{""}')],
    ),
    "no name": ([[entry(0, "a1b2c", None, PARIS)]], []),
}  # fmt: skip


@pytest.mark.parametrize("kind", SEEN)
def test_calls_are_told_apart_by_what_is_seen(kind: str) -> None:
    chunks, expected = SEEN[kind]
    assert put_together(*chunks) == expected


def test_each_call_has_an_id_of_its_own() -> None:
    calls = ToolCalls()
    for id in ("", "0", "0", "same-id-twice", None):
        calls.add(entry(None, id, f"tool-{id}", "{}"))
    calls.add(entry(5, "same-id-twice", "other", "{}"))
    ids = [call.id for call in calls.whole("p", "m", cut=False)[0]]
    assert all(len(id) > 3 for id in ids)
    assert len(set(ids)) == len(ids)


def test_what_stands_beside_a_call_is_kept_for_its_own_model() -> None:
    calls = ToolCalls()
    calls.add({**entry(0, "abcde", "look", "{}"), "extra_content": {"google": {"thought_signature": "s"}}})
    [call] = calls.whole("gemini", "m", cut=False)[0]
    kept = json.loads(call.opaque)
    assert kept == {
        "provider": "gemini",
        "model": "m",
        "fields": {"extra_content": {"google": {"thought_signature": "s"}}},
    }


def read(data: bytes, spoken: Any = "chat", size: int = 0) -> tuple[list[ToolCall], str, DeltaParser]:
    parser = DeltaParser(dialect(spoken), PROFILE, "m")
    parts = [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    pieces = [piece for part in parts for piece in parser.decode(part)] + parser.flush()
    text = "".join(piece.text for piece in pieces if isinstance(piece, TextChunk))
    return [piece.call for piece in pieces if isinstance(piece, ToolCallChunk)], text, parser


def stream(*chunks: dict[str, Any]) -> bytes:
    return "".join(f"data: {json.dumps(each)}\n\n" for each in chunks).encode()


@pytest.mark.parametrize("finish", ["stop", "tool_calls", "STOP", "because", "function_call"])
def test_the_finish_goes_by_the_calls_that_were_seen(finish: str) -> None:
    data = stream(chunk({"tool_calls": [entry(0, "abcde", "look", PARIS)]}), chunk({}, finish=finish))
    calls, _, parser = read(data)
    assert (len(calls), parser.finish, parser.failure) == (1, "tool_calls", None)
    _, _, parser = read(stream(chunk({"content": "Hi"}), chunk({}, finish="tool_calls")))
    assert parser.finish == "stop"


@pytest.mark.parametrize(("finish", "kind"), [(None, "stream_cut"), ("length", None)])
def test_a_call_cut_in_its_arguments_is_no_call(finish: str | None, kind: str | None) -> None:
    chunks = [chunk({"content": "I look."}), chunk({"tool_calls": [entry(0, "abcde", "look", '{"city": "Pa')]})]
    calls, text, parser = read(stream(*chunks, chunk({}, finish=finish)))
    assert calls == []
    assert text == "I look."
    assert (parser.failure.error.kind if parser.failure else None) == kind
    if parser.failure:
        assert "'look'" in parser.failure.error.message


def test_an_old_function_call_is_a_call() -> None:
    chunks = [chunk({"function_call": {"name": "look", "arguments": '{"city":'}}),
              chunk({"function_call": {"arguments": ' "Paris"}'}}), chunk({}, finish="function_call")]  # fmt: skip
    assert [(call.name, call.arguments) for call in read(stream(*chunks))[0]] == BOTH[:1]


ARGUMENTS = st.dictionaries(st.text(max_size=4), st.text(max_size=6) | st.integers(), max_size=3).map(json.dumps)


@settings(deadline=None, max_examples=60)
@given(st.lists(ARGUMENTS, min_size=1, max_size=4), st.integers(1, 40), st.integers(1, 8))
@pytest.mark.parametrize("spoken", ["chat", "responses", "messages"])
def test_calls_may_be_cut_anywhere(spoken: str, arguments: list[str], size: int, piece: int) -> None:
    voice: Voice | None = {"responses": ResponsesVoice, "messages": MessagesVoice}.get(spoken, lambda: None)()
    chunks = [chunk({"content": "Hi"})]
    for index, whole in enumerate(arguments):
        chunks.append(chunk({"tool_calls": [entry(index, f"call-{index}", "look", "")]}))
        cuts = range(0, len(whole), piece)
        chunks += [chunk({"tool_calls": [entry(index, args=whole[at : at + piece])]}) for at in cuts]
    chunks.append(chunk({}, finish="tool_calls"))
    if voice is None:
        data = stream(*chunks)
    else:
        events = [event for each in chunks for event in voice.event(each, None)] + voice.end()
        data = "".join(f"event: {name}\ndata: {json.dumps(value)}\n\n" for name, value in events).encode()
    calls, text, parser = read(data, spoken, size)
    assert [call.arguments for call in calls] == arguments
    assert [call.id for call in calls] == [f"call-{index}" for index in range(len(arguments))]
    assert (text, parser.finish, parser.failure) == ("Hi", "tool_calls", None)
