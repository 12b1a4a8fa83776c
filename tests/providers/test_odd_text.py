"""Text that is not quite text: characters cut in two, marks of reasoning, ends of turns, frames of somebody else."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatmodes.providers.calls import ReasoningChunk, TextChunk, TextWasReasoning
from chatmodes.providers.deltas import DeltaParser
from chatmodes.providers.dialects import dialect
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.lenient import Halves
from chatmodes.providers.markers import ENDS, ORPHANS, REASONING
from tests.fake.chunks import chunk
from tests.fake.voices import MessagesVoice, ResponsesVoice

PROFILE = Profile(id="p", name="P")


def read(*parts: bytes, spoken: Any = "chat", thinking: bool = False) -> tuple[str, str, DeltaParser]:
    parser = DeltaParser(dialect(spoken), PROFILE, "m", thinking=thinking)
    text = reasoning = ""
    for piece in [piece for part in parts for piece in parser.decode(part)] + parser.flush():
        if isinstance(piece, TextWasReasoning):
            text, reasoning = "", text
        text += piece.text if isinstance(piece, TextChunk) else ""
        reasoning += piece.text if isinstance(piece, ReasoningChunk) else ""
    return text, reasoning, parser


def event(data: str | bytes) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else data.encode()) + b"\n\n"


def delta(escaped: bytes) -> bytes:
    return event(b'{"choices":[{"delta":{"content":"' + escaped + b'"}}]}')


STOP = event(json.dumps(chunk({}, finish="stop")))


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([rb"a \ud83d", rb"\ude00 b"], "a 😀 b"),
        ([rb"a \ud83d", rb"b"], "a \ufffdb"),
        ([rb"\ude00 b"], "\ufffd b"),
        ([rb"a \ud83d"], "a \ufffd"),
        ([rb"\ud83d\ud83d", rb"\ude00"], "\ufffd😀"),
        ([rb"\udc80 lone"], "\ufffd lone"),
        ([b"a \xf0\x9f", b"\x98\x80 b"], "a 😀 b"),
        ([b"a \xf0", b"\x9f", b"\x98", b"\x80 b"], "a 😀 b"),
        ([b"a \xe2\x82", b"b"], "a \ufffd\ufffdb"),
        ([b"\xff\xfe"], "\ufffd\ufffd"),
        ([b"a \xed\xa0\xbd\xed\xb8\x80 b"], "a 😀 b"),
        ([b"one\xe2\x80\xa8two\xe2\x80\xa9three\xc2\x85four"], "one\u2028two\u2029three\x85four"),
        ([b"tab\there\x01"], "tab\there\x01"),
    ],
)
def test_what_is_cut_inside_a_character_is_joined_or_replaced(pieces: list[bytes], text: str) -> None:
    assert read(*map(delta, pieces), STOP)[0] == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.lists(st.integers(0, 100)), st.booleans())
def test_halves_are_joined_wherever_they_were_cut(text: str, cuts: list[int], as_bytes: bool) -> None:
    if as_bytes:
        whole = text.encode()
        at = sorted({0, len(whole), *(cut % (len(whole) + 1) for cut in cuts)})
        parts = [whole[a:b].decode("utf-8", "surrogateescape") for a, b in pairwise(at)]
    else:
        units = text.encode("utf-16-le")
        at = sorted({0, len(units), *(cut * 2 % (len(units) + 2) for cut in cuts)})
        parts = [units[a:b].decode("utf-16-le", "surrogatepass") for a, b in pairwise(at)]
    halves = Halves()
    assert "".join(map(halves.join, parts)) + halves.flush() == text


@given(st.lists(st.text(st.characters(), max_size=6), max_size=6))
def test_nothing_that_comes_out_is_half_a_character(parts: list[str]) -> None:
    halves = Halves()
    told = "".join(map(halves.join, parts)) + halves.flush()
    assert told.encode().decode() == told


@pytest.mark.parametrize(("opening", "closing"), REASONING.items())
def test_each_mark_of_reasoning_is_known(opening: str, closing: str) -> None:
    marked = f"{opening}Let me see.{closing}\n\nIt is 4."
    for size in (1, 3, 1000):
        parts = [delta(json.dumps(marked[at : at + size])[1:-1].encode()) for at in range(0, len(marked), size)]
        assert read(*parts, STOP)[:2] == ("It is 4.", "Let me see.")


@pytest.mark.parametrize("closing", sorted(ORPHANS))
@pytest.mark.parametrize("between", ["\n", "\n\n", ""])
def test_what_stands_before_an_orphan_is_reasoning(closing: str, between: str) -> None:
    marked = f"Let me see.{between}{closing}{between}It is 4."
    for size in (1, 4, 1000):
        parts = [delta(json.dumps(marked[at : at + size])[1:-1].encode()) for at in range(0, len(marked), size)]
        text, reasoning, parser = read(*parts, STOP)
        assert (text, reasoning.strip(), parser.failure) == ("It is 4.", "Let me see.", None)


@pytest.mark.parametrize(
    "answer",
    [
        "The tag `</think>` ends it.",
        "A model writes <think> and then </think> around it.",
        "```\n</think>\n```",
        'It is called "</think>".',
        "<s>old</s>",
        "See [the page](https://example.org) and [THINKING] about it.",
        "a < b, [1], <b>bold</b>",
        "`<|im_end|>` ends a turn.",
    ],
)
def test_an_answer_about_marks_stays_an_answer(answer: str) -> None:
    for size in (1, 1000):
        parts = [delta(json.dumps(answer[at : at + size])[1:-1].encode()) for at in range(0, len(answer), size)]
        assert read(*parts, STOP)[:2] == (answer, "")


@pytest.mark.parametrize("end", ENDS)
def test_a_token_that_ends_the_turn_is_no_text(end: str) -> None:
    for size in (1, 1000):
        whole = f"It is 4.{end}"
        parts = [delta(json.dumps(whole[at : at + size])[1:-1].encode()) for at in range(0, len(whole), size)]
        assert read(*parts, STOP)[0] == "It is 4."
    assert read(delta(json.dumps(f"It is {end} 4.")[1:-1].encode()), STOP)[0] == f"It is {end} 4."


HARMONY = (
    "<|channel|>analysis<|message|>Let me see.<|end|><|start|>assistant<|channel|>final<|message|>It is 4.<|return|>"
)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_channels_of_harmony_are_told_apart(size: int) -> None:
    parts = [delta(json.dumps(HARMONY[at : at + size])[1:-1].encode()) for at in range(0, len(HARMONY), size)]
    assert read(*parts, STOP)[:2] == ("It is 4.", "Let me see.")


def test_a_model_that_is_known_to_begin_with_reasoning_is_read_so_from_the_first_word() -> None:
    parts = [delta(b"Let me "), delta(b"see.</think>"), delta(b"\\n\\nIt is 4.")]
    text, reasoning, _ = read(*parts, STOP, thinking=True)
    assert (text, reasoning) == ("It is 4.", "Let me see.")
    text, _, parser = read(delta(b"It is 4."), STOP, thinking=True)
    assert (text, parser.failure) == ("It is 4.", None), "this time it did not reason"


@pytest.mark.parametrize(
    ("begun", "ended"), [("<think>", "</thinking>"), ("<thinking>", "</think>"), ("[THINK]", "</think>")]
)
def test_reasoning_that_ends_with_the_mark_of_another_leaves_an_answer(begun: str, ended: str) -> None:
    marked = f"{begun}Let me see `{ended}`.{ended}\n\nIt is 4."
    for size in (1, 1000):
        parts = [delta(json.dumps(marked[at : at + size])[1:-1].encode()) for at in range(0, len(marked), size)]
        text, reasoning, parser = read(*parts, STOP)
        assert (text, parser.failure) == ("It is 4.", None)
        assert reasoning == marked.removeprefix(begun), "what was told as reasoning is not taken back"


@pytest.mark.parametrize("quoted", ["`</thinking>` ends it", '"</thinking>"'])
def test_a_mark_that_reasoning_speaks_of_is_no_end(quoted: str) -> None:
    text, reasoning, parser = read(delta(json.dumps(f"<think>{quoted}")[1:-1].encode()), STOP)
    assert (text, reasoning) == ("", quoted)
    assert parser.failure


def test_reasoning_that_is_never_closed_is_kept_and_said() -> None:
    text, reasoning, parser = read(delta(b"<think>Let me see."), STOP)
    assert (text, reasoning) == ("", "Let me see.")
    assert parser.failure
    assert "never ended its reasoning" in parser.failure.error.message


@pytest.mark.parametrize(
    "odd",
    [
        b"data:\n\n",
        b"data: \n\n",
        b"data\n\n",
        b"data: ping\n\n",
        b"event: ping\ndata: {}\n\n",
        b"data: null\n\n",
        b"data: 17\n\n",
        b'data: "hello"\n\n',
        b'data: {"choices": [{"delta\n\n',
        b": comment\n\n",
        b"id: 7\n\nretry: 100\n\n",
        b"data: <html>\n\n",
        b"\n\n\n",
    ],
)
@pytest.mark.parametrize("spoken", ["chat", "responses", "messages"])
def test_a_frame_that_is_none_of_ours_costs_nothing(odd: bytes, spoken: str) -> None:
    voice = {"responses": ResponsesVoice, "messages": MessagesVoice}.get(spoken, lambda: None)()
    chunks = [chunk({"content": "Hel"}), chunk({"content": "lo"}), chunk({}, finish="stop")]
    if voice is None:
        events = [event(json.dumps(each)) for each in chunks]
    else:
        told = [each for part in chunks for each in voice.event(part, None)] + voice.end()
        events = [f"event: {name}\ndata: {json.dumps(value)}\n\n".encode() for name, value in told]
    text, _, parser = read(*(part for each in events for part in (odd, each)), spoken=spoken)
    assert (text, parser.finish, parser.failure) == ("Hello", "stop", None)


def test_a_frame_that_cannot_be_read_is_noted() -> None:
    _, _, parser = read(delta(b"Hi"), event("garbled"), STOP)
    assert len(parser.notes) == 1
    assert "'garbled'" in parser.notes[0]


SAID = ['error: {"error": {"message": "out of memory", "code": 500}}', 'error:{"message": "out of memory"}']


@pytest.mark.parametrize("line", SAID)
def test_a_line_that_says_error_is_one(line: str) -> None:
    text, _, parser = read(delta(b"Hi"), line.encode() + b"\n\n")
    assert text == "Hi"
    assert parser.failure
    assert "out of memory" in parser.failure.error.message


def test_what_a_chunk_counts_is_counted_before_its_error() -> None:
    told = {"error": {"message": "it failed", "code": 502}, "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    _, _, parser = read(delta(b"Hi"), event(json.dumps(told)))
    assert parser.failure
    assert parser.failure.usage.output_tokens == 3


DOUBLED: dict[str, list[dict[str, Any]]] = {
    "the whole message behind deltas": [
        {"delta": {"content": "Hel"}}, {"delta": {"content": "lo"}},
        {"delta": {}, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"},
    ],
    "all so far beside each delta": [
        {"delta": {"content": "Hel"}, "message": {"content": "Hel"}},
        {"delta": {"content": "lo"}, "message": {"content": "Hello"}, "finish_reason": "stop"},
    ],
    "all so far and empty deltas": [
        {"delta": {"content": ""}, "message": {"content": "Hel"}},
        {"delta": {"content": ""}, "message": {"content": "Hello"}, "finish_reason": "stop"},
    ],
    "pieces called messages": [
        {"message": {"content": "Hel"}}, {"message": {"content": "lo"}, "finish_reason": "stop"},
    ],
    "a first piece in the message": [
        {"delta": {}, "message": {"content": "Hel"}},
        {"delta": {"content": "lo"}, "message": {"content": "Hello"}, "finish_reason": "stop"},
    ],
    "a message alone": [{"delta": {}, "message": {"content": "Hello"}, "finish_reason": "stop"}],
}  # fmt: skip


@pytest.mark.parametrize("kind", DOUBLED)
def test_a_whole_message_counts_where_nothing_came(kind: str) -> None:
    text, _, parser = read(*(event(json.dumps({"choices": [choice]})) for choice in DOUBLED[kind]))
    assert (text, parser.failure) == ("Hello", None)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("null", None),
        ("", None),
        ("content_filter: PROHIBITED_CONTENT", "filtered"),
        ("FinishReason.STOP", "stop"),
        ("FINISH_REASON_MAX_TOKENS", "length"),
        ("Stop", "stop"),
        ("because", "unknown"),
    ],
)
def test_a_reason_in_any_spelling(reason: str, finish: str | None) -> None:
    text, _, parser = read(delta(b"Hi"), event(json.dumps(chunk({}, finish=reason))), event("[DONE]"))
    assert text == "Hi"
    assert parser.finish == finish
    assert (parser.failure is not None) == (finish is None)


@pytest.mark.parametrize("reason", ["null", "", None])
def test_done_and_a_usage_are_an_end(reason: str | None) -> None:
    last = chunk({}, finish=reason, usage={"prompt_tokens": 7, "completion_tokens": 3})
    _, _, parser = read(delta(b"Hi"), event(json.dumps(last)), event("[DONE]"))
    assert parser.failure is None


@pytest.mark.parametrize("stream", [True, False])
def test_minimax_says_with_200_what_went_wrong(stream: bool) -> None:
    told = json.dumps({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}})
    _, _, parser = read(event(told) if stream else told.encode())
    assert parser.failure
    assert "insufficient balance" in parser.failure.error.message
    fine = json.dumps({**chunk({"content": "Hi"}, finish="stop"), "base_resp": {"status_code": 0, "status_msg": ""}})
    assert read(event(fine))[2].failure is None


def test_json_lines_are_read_as_a_stream() -> None:
    first = {"message": {"content": "Hel"}, "done": False}
    lines = [first, {"message": {"content": "lo"}, "done": True, "done_reason": "stop"}]
    text, _, parser = read("\n".join(map(json.dumps, lines)).encode())
    assert (text, parser.finish, parser.failure) == ("Hello", "stop", None)


UNMARKED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<[◁"), min_size=1)


@settings(max_examples=60, deadline=None)
@given(UNMARKED, st.lists(st.integers(0, 10_000)))
@example("<", [])  # the beginning of a mark is held back, and the whole that ends the stream must not say it again
@example("\r", [])
@example("analysis", [])
@pytest.mark.parametrize("spoken", ["responses", "messages"])
def test_bytes_may_be_cut_anywhere_in_the_other_dialects(spoken: str, text: str, cuts: list[int]) -> None:
    voice = {"responses": ResponsesVoice, "messages": MessagesVoice}[spoken]()
    chunks = [chunk({"reasoning_content": "Hm."}), chunk({"content": text}), chunk({}, finish="stop")]
    told = [each for part in chunks for each in voice.event(part, None)] + voice.end()
    data = "".join(f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n" for name, value in told).encode()
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    got, reasoning, parser = read(*(data[a:b] for a, b in pairwise(at)), spoken=spoken)
    assert (got, reasoning, parser.failure, parser.finish) == (text, "Hm.", None, "stop")


FIELDS = [
    "type", "delta", "item", "output_index", "response", "output", "content", "text", "usage", "status", "error",
    "incomplete_details", "summary", "encrypted_content", "arguments", "call_id", "name", "id", "index", "message",
    "content_block", "stop_reason", "input", "partial_json", "thinking", "signature", "phase", "choices",
]  # fmt: skip
KINDS = [
    "response.output_text.delta", "response.output_item.added", "response.output_item.done", "response.completed",
    "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.failed", "error",
    "response.reasoning_summary_text.delta", "message_start", "content_block_start", "content_block_delta", "message",
    "message_delta", "message_stop", "text_delta", "thinking_delta", "signature_delta", "input_json_delta", "tool_use",
    "text", "thinking", "redacted_thinking", "reasoning", "function_call",
]  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(KINDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=15,
)
EVENTS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=5)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), EVENTS), max_size=4), st.booleans())
@example([("content_block_start", {"index": []}), ("content_block_delta", {"index": {}})], False)
@pytest.mark.parametrize("spoken", ["responses", "messages"])
def test_nothing_a_server_sends_makes_the_other_dialects_raise(
    spoken: str, events: list[tuple[str, dict[str, Any]]], whole: bool
) -> None:
    told = [json.dumps({**fields, "type": kind}) for kind, fields in events]
    parts = [told[0].encode()] if whole and told else [event(each) for each in told]
    _, _, parser = read(*parts, spoken=spoken)
    assert parser.failure or parser.finish
    if parser.failure:
        assert parser.failure.error.message
