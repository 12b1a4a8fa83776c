"""The parser of streams: the same text comes out wherever the network cuts the bytes, and nothing makes it raise."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatmodes.events import Usage
from chatmodes.providers.calls import ReasoningChunk, TextChunk, TextWasReasoning
from chatmodes.providers.deltas import DeltaParser
from chatmodes.providers.dialects import dialect
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.think import ThinkSplitter
from chatmodes.providers.usage import finish_of, usage_of
from tests.fake.chunks import chunk

PROFILE = Profile(id="p", name="P")
TAGGED = st.lists(
    st.sampled_from(
        [
            "<think>",
            "</think>",
            "<thinking>",
            "</thinking>",
            "<thought>",
            "</thought>",
            "<",
            "<th",
            "`",
            "```",
            "\n",
            " ",
        ]
    )
    | st.text(max_size=6),
    max_size=12,
).map("".join)


def split(data: Any, cuts: list[int]) -> list[Any]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


def read(parts: list[bytes]) -> tuple[str, str, DeltaParser]:
    parser = DeltaParser(dialect("chat"), PROFILE, "m")
    pieces = [piece for part in parts for piece in parser.decode(part)] + parser.flush()
    text = reasoning = ""
    for piece in pieces:
        match piece:
            case TextChunk():
                text += piece.text
            case ReasoningChunk():
                reasoning += piece.text
            case TextWasReasoning():
                text, reasoning = "", text
            case _:
                pass
    return text, reasoning, parser


def stream(texts: list[str], newline: str = "\n", **last: Any) -> bytes:
    events = [chunk({"content": text}) for text in texts] + [chunk({}, finish="stop", **last)]
    body = "".join(f"data: {json.dumps(e, ensure_ascii=False)}{newline * 2}" for e in events)
    return (": keep-alive" + newline * 2 + body + f"data: [DONE]{newline * 2}").encode()


UNMARKED = st.text(st.characters(exclude_characters="<[◁", exclude_categories=["Cs"]))
"""Text without the beginning of a mark (Hypothesis tries the code's own words, and so its marks)."""


@given(st.lists(UNMARKED, max_size=5), st.lists(st.integers(0, 10_000)), st.sampled_from(["\n", "\r\n", "\r"]))
def test_bytes_may_be_cut_anywhere(texts: list[str], cuts: list[int], newline: str) -> None:
    data = stream(["Hello", *texts], newline)
    text, reasoning, parser = read(split(data, cuts))
    assert text == "Hello" + "".join(texts)
    assert (reasoning, parser.failure, parser.finish) == ("", None, "stop")


@pytest.mark.parametrize("sign", ["ping", "null", "Keep-Alive", " OK "])
def test_a_sign_of_life_is_nothing_to_tell(sign: str) -> None:
    text, _, parser = read([f"data: {sign}\n\n".encode() + stream(["Hello"])])
    assert (text, parser.notes) == ("Hello", ())


@given(TAGGED, st.lists(st.integers(0, 10_000)), st.lists(st.integers(0, 10_000)))
def test_tags_may_be_cut_anywhere(tagged: str, cuts: list[int], byte_cuts: list[int]) -> None:
    whole = read([stream([tagged, "\nend"])])[:2]
    parts = read(split(stream([*split(tagged, cuts), "\nend"]), byte_cuts))[:2]
    assert parts == whole


@given(TAGGED)
def test_splitting_loses_nothing_but_tags_and_the_space_beside_them(tagged: str) -> None:
    splitter = ThinkSplitter()
    pieces = splitter.decode(tagged) + splitter.flush()
    kept = "".join(text for _, text in pieces)
    bare, rest = "".join(kept.split()), "".join(tagged.split())
    for tag in ("think", "thinking", "thought"):
        if bare != rest:
            rest = rest.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
            bare = bare.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    assert bare == rest


@pytest.mark.parametrize(
    ("text", "answer", "reasoning"),
    [
        ("<think>Hm.</think>\n\nYes.", "Yes.", "Hm."),
        ("<thinking>\nHm.\n</thinking>Yes.", "Yes.", "Hm.\n"),
        ("  <thought>Hm.</thought> Yes.", "  Yes.", "Hm."),
        ("First.\n<think>Hm.</think>Then.", "First.\nThen.", "Hm."),
        ("<think>Hm.", "", "Hm."),
        ("<think>a < b, </thin", "", "a < b, </thin"),
        ("The tag <think> begins it.", "The tag <think> begins it.", ""),
        ("```\n<think>\n```\nso", "```\n<think>\n```\nso", ""),
        ("a < b and b > c", "a < b and b > c", ""),
        ("<thi", "<thi", ""),
        # harmony's form where the server strips special tokens
        ("analysisWe add. It is 42.assistantfinal42", "42", "We add. It is 42."),
        ("analysisWe add, assistantfin", "", "We add, assistantfin"),
        ("analysis of a poem", "analysis of a poem", ""),
        ("analysis", "analysis", ""),
        ("analysisresult = 4", "analysisresult = 4", ""),
        ("Analysis\nFirst, assistantfinal is a word.", "Analysis\nFirst, assistantfinal is a word.", ""),
    ],
)
def test_think_tags(text: str, answer: str, reasoning: str) -> None:
    for parts in ([text], list(text)):
        splitter = ThinkSplitter()
        pieces = [piece for part in parts for piece in splitter.decode(part)] + splitter.flush()
        assert "".join(t for kind, t in pieces if kind == "text") == answer
        assert "".join(t for kind, t in pieces if kind == "reasoning") == reasoning


FIELDS = [
    "choices", "delta", "content", "reasoning", "reasoning_content", "reasoning_details", "finish_reason", "usage",
    "error", "message", "tool_calls", "text", "type", "logprobs", "prompt_tokens", "completion_tokens", "x_groq",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=300)
@given(JSON, st.binary(max_size=30))
def test_nothing_a_server_sends_makes_it_raise(value: Any, rubbish: bytes) -> None:
    for data in (
        f"data: {json.dumps(value)}\n\n".encode(),
        f"data: {json.dumps({'choices': [value]})}\n\n".encode(),
        f"data: {json.dumps({'choices': [{'delta': value}], 'usage': value})}\n\n".encode(),
        f"event: error\ndata: {json.dumps(value)}\n\n".encode(),
        json.dumps(value).encode(),
        rubbish,
        b"data: " + rubbish + b"\n\n",
    ):
        _, _, parser = read([data])
        assert parser.failure or parser.finish or parser.wrote
        if parser.failure:
            assert parser.failure.error.message


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content", "reasoning_text"])
def test_reasoning_has_several_names(field: str) -> None:
    events = [chunk({field: "Hm."}), chunk({field: None, "content": "Yes."}), chunk({}, finish="stop")]
    data = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    assert read([data])[:2] == ("Yes.", "Hm.")


def test_reasoning_sent_under_two_names_counts_once() -> None:
    data = f"data: {json.dumps(chunk({'reasoning': 'Hm.', 'reasoning_content': 'Hm.'}))}\n\n".encode()
    assert read([data])[1] == "Hm."


def test_log_probabilities_come_with_their_text() -> None:
    event = chunk({"content": "Yes"})
    event["choices"][0]["logprobs"] = {"content": [{"token": "Yes", "logprob": -0.25}]}
    parser = DeltaParser(dialect("chat"), PROFILE, "m")
    assert parser.decode(f"data: {json.dumps(event)}\n\n".encode()) == [TextChunk("Yes", (-0.25,))]


def test_reasoning_that_a_provider_leaves_out_of_its_count_is_added() -> None:
    raw = {"prompt_tokens": 10, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 7}}
    assert usage_of(raw) == Usage(10, 5, 7, None)
    assert usage_of(raw, additive=True) == Usage(10, 12, 7, None)
    assert usage_of({**raw, "total_tokens": 22}) == Usage(10, 12, 7, None), "the total gives it away"


def test_usage_that_makes_no_sense_is_unknown() -> None:
    assert usage_of({"prompt_tokens": -1, "completion_tokens": "5", "prompt_tokens_details": []}) == Usage()


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("STOP", "stop"),
        ("end_turn", "stop"),
        ("model_length", "length"),
        ("SAFETY", "filtered"),
        ("because", "unknown"),
    ],
)
def test_finish_reasons(reason: str, finish: str) -> None:
    assert finish_of(reason) == finish


DEPTHS = [300, 600, 900, 5_000, 200_000]
"""From what a decoder takes and a look through it does not, to what no decoder takes."""


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    "event",
    ["{}", '{{"error": {}}}', '{{"error": {{"message": {}}}}}', '{{"choices": [{{"delta": {{"content": {}}}}}]}}'],
)
@pytest.mark.parametrize("frame", ["data: {}\n\n", "event: error\ndata: {}\n\n", "{}"])
def test_json_without_a_bottom_makes_it_fail_and_never_raise(depth: int, event: str, frame: str) -> None:
    for nested in ("[" * depth + "]" * depth, '{"text":' * depth + "1" + "}" * depth, "[" * depth):
        parser = DeltaParser(dialect("chat"), PROFILE, "m", "some-key")
        parser.decode(frame.format(event.format(nested)).encode())
        parser.flush()
        assert parser.failure
