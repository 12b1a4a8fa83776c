"""Recorded answers of some thirty hosts, read as the independent reader reads them, or better where the table says so.

The recordings are not part of the repository (`tests/recordings.py`).
"""

import gzip
import json
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chatmodes.providers.calls import ReasoningChunk, TextChunk, TextWasReasoning, ToolCallChunk
from chatmodes.providers.deltas import DeltaParser
from chatmodes.providers.dialects import dialect
from chatmodes.providers.known.profiles import Profile
from tests.recordings import recording

FILE = recording("recorded-bodies.jsonl.gz")
PROFILE = Profile(id="p", name="P")

DIFFERENT: dict[str, tuple[str, ...]] = {
    # the end of a recording's name -> what we read otherwise, and why
    # Reasoning in think tags is told apart here; the other reader leaves it in the text.
    "test_groq_model_thinking_part.yaml#0": ("text", "reasoning"),
    "test_hf_model_instructions.yaml#0": ("text", "reasoning"),
    "test_hf_model_thinking_part_iter.yaml#0": ("text", "reasoning"),
    "test_max_completion_tokens.yaml#0": ("text", "reasoning"),
    "test_request_simple_usage.yaml#0": ("text", "reasoning"),
    "test_simple_completion.yaml#0": ("text", "reasoning"),
    # Parts of the type `thinking` in a content list are reasoning.
    "test_snowflake_thinking.yaml#0": ("reasoning", "finish"),
    "test_snowflake_thinking_streaming.yaml#0": ("reasoning",),
    # No reason was sent: an end all the same, since the answer came in one piece, or with [DONE] and its usage.
    "test_snowflake_llama.yaml#0": ("finish",),
    "test_snowflake_thinking.yaml#1": ("finish",),
    "test_tools_streaming_variant_a.yaml#0": ("finish",),
    "test_tools_streaming_variant_b.yaml#0": ("finish",),
    # The text stands in `message`, beside an empty delta.
    "perplexity_sonar_returns_raw_responses.yml#0": ("text",),
}


def rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read(parts: list[bytes]) -> tuple[dict[str, Any], DeltaParser]:
    parser = DeltaParser(dialect("chat"), PROFILE, "m")
    pieces = [piece for part in parts for piece in parser.decode(part)] + parser.flush()
    text = reasoning = ""
    for piece in pieces:
        if isinstance(piece, TextWasReasoning):
            text, reasoning = "", text
        text += piece.text if isinstance(piece, TextChunk) else ""
        reasoning += piece.text if isinstance(piece, ReasoningChunk) else ""
    calls = [piece.call for piece in pieces if isinstance(piece, ToolCallChunk)]
    told = [{"name": call.name, "arguments": call.arguments} for call in calls]
    return {"text": text, "reasoning": reasoning, "finish": parser.finish, "calls": told}, parser


if FILE is not None:
    ROWS = list(rows(FILE))

    def test_recorded_answers_are_read_as_another_reader_reads_them() -> None:
        wrong: list[str] = []
        for row in ROWS:
            if "expected" not in row:
                continue
            got, _ = read([row["body"].encode("utf-8", "surrogatepass")])
            known = next((fields for name, fields in DIFFERENT.items() if row["source"].endswith(name)), ())
            differ = {field for field, value in row["expected"].items() if got[field] != value}
            if differ != set(known):
                wrong.append(f"{row['source']}: {sorted(differ)} in place of {known}")
        assert wrong == []

    def test_recorded_answers_may_be_cut_anywhere() -> None:
        rng = random.Random(7)
        for row in ROWS:
            data = row["body"].encode("utf-8", "surrogatepass")
            cuts = sorted({0, len(data), *(rng.randint(0, len(data)) for _ in range(20))})
            parts = [data[a:b] for a, b in pairwise(cuts)]
            assert read(parts)[0] == read([data])[0], row["source"]

    def test_recorded_errors_are_errors_with_a_sentence() -> None:
        for row in ROWS:
            if "expected" not in row:
                _, parser = read([row["body"].encode()])
                assert parser.failure, row["source"]
                assert parser.failure.error.message.endswith(".")


@pytest.mark.parametrize("extra", [{}, {"usage": {"prompt_tokens": 0, "completion_tokens": 0}}])
def test_a_last_usage_of_zeros_wipes_nothing(extra: dict[str, Any]) -> None:
    first = {"choices": [{"delta": {"content": "Hi"}}], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    last: dict[str, Any] = {"choices": [{"delta": {}, "finish_reason": "stop"}], **extra}
    _, parser = read([f"data: {json.dumps(event)}\n\n".encode() for event in (first, last)])
    assert (parser.usage.input_tokens, parser.usage.output_tokens) == (7, 3)
