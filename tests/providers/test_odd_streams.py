"""Streams that nearly keep the form: nothing of an answer or a complaint is lost to what is odd beside it."""

import json
from typing import Any, NamedTuple

import pytest

from chatmodes.providers.calls import OpaqueChunk, ReasoningChunk, TextChunk, ToolCallChunk
from chatmodes.providers.deltas import DeltaParser
from chatmodes.providers.dialects import dialect
from chatmodes.providers.dialects.base import Name
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.retry import retry_after

KEY = "sk-a-key-that-nobody-may-see"
Event = dict[str, Any]


class Read(NamedTuple):
    text: str
    reasoning: str
    calls: list[tuple[str, str]]
    parser: DeltaParser

    @property
    def error(self) -> tuple[str, str]:
        assert self.parser.failure
        return self.parser.failure.error.kind, self.parser.failure.error.message


def read(body: str, spoken: Name = "chat", size: int = 7) -> Read:
    parser = DeltaParser(dialect(spoken), Profile(id="p", name="P"), "m", KEY)
    data = body.encode()
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    pieces = [piece for part in parts for piece in parser.decode(part)] + parser.flush()
    return Read(
        "".join(piece.text for piece in pieces if isinstance(piece, TextChunk)),
        "".join(piece.text for piece in pieces if isinstance(piece, ReasoningChunk)),
        [(piece.call.name, piece.call.arguments) for piece in pieces if isinstance(piece, ToolCallChunk)],
        parser,
    )


def events(*values: Event, form: str = "data: {}\n\n") -> str:
    return "".join(form.replace("{}", json.dumps(value)) for value in values)


def delta(content: object, index: int = 0, finish: str | None = None) -> Event:
    return {"choices": [{"index": index, "delta": {"content": content}, "finish_reason": finish}]}


END: Event = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(
    "form",
    ["data: {}\n", "data:{}\r\n", "event: chunk\ndata: {}\n", "data: data: {}\n\n", "id: 3\ndata: {}\r\r", "{}\n"],
)
def test_events_are_told_apart_where_the_form_does_not(form: str, size: int) -> None:
    begin = "" if form != "{}\n" else ": a stream\n"
    found = read(begin + events(delta("Hel"), delta("lo"), END, form=form), size=size)
    assert (found.text, found.parser.finish, found.parser.failure) == ("Hello", "stop", None)


def test_a_complaint_behind_an_event_without_a_blank_line_comes_behind_its_text() -> None:
    found = read(events(delta("Hello"), form="data: {}\n") + 'error: {"message": "out of memory"}\n')
    assert (found.text, found.error) == ("Hello", ("server", "P failed: out of memory."))


@pytest.mark.parametrize("spoken", ["chat", "messages", "responses"])
@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ({"object": "error", "message": "maximum context length is 8", "code": 400}, "context_length"),
        ({"error": {"message": "maximum context length is 8"}}, "context_length"),
        ({"detail": "Rate limit exceeded"}, "rate_limit"),
        ({"detail": [{"loc": ["body"], "msg": "Not authenticated"}]}, "auth"),
        ({"code": "DataInspectionFailed", "message": "inappropriate content", "request_id": "r"}, "filtered"),
        ({"status": 402, "message": "top up"}, "quota"),
        ({"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}, "auth"),
        ({"type": "error", "error": {"type": "permission_error", "message": "no access"}}, "auth"),
        ({"type": "error", "error": {"type": "not_found_error", "message": "model: m"}}, "not_found"),
        ({"type": "error", "error": {"type": "billing_error", "message": "pay first"}}, "quota"),
        ({"type": "error", "error": {"type": "request_too_large", "message": "over 32 MB"}}, "context_length"),
        ({"success": False, "errors": [{"message": "No such model x", "code": 5007}]}, "not_found"),
        ({"error": "quota exceeded"}, "quota"),
    ],
)
@pytest.mark.parametrize("form", ["data: {}\n\n", "{}\n\n", "event: error\ndata: {}\n\n"])
def test_a_complaint_in_a_stream_is_known_in_every_form(spoken: Name, complaint: Event, kind: str, form: str) -> None:
    found = read(": begun\n\n" + events(complaint, form=form), spoken)
    assert found.error[0] == kind


@pytest.mark.parametrize(
    "fine",
    [
        {"message": "in line", "status": "queued"},
        {"code": 0, "message": "success"},
        {"code": "200", "message": "ok"},
        {"type": "ping"},
        {"object": "queue", "message": "5 before you", "code": None},
    ],
)
def test_what_only_tells_of_progress_is_no_complaint(fine: Event) -> None:
    found = read(events(delta("A"), fine, delta("B"), END))
    assert (found.text, found.parser.failure) == ("AB", None)


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        ("<html><head><title>502 Bad Gateway</title></head></html>\n", "502 Bad Gateway"),
        ("upstream connect error or disconnect", "upstream connect error"),
        (f"worker lost, key {KEY}\n", "worker lost"),
    ],
)
def test_what_stands_behind_a_stream_that_breaks_off_is_told(behind: str, words: str) -> None:
    found = read(events(delta("Hello")) + behind)
    kind, message = found.error
    assert (found.text, kind) == ("Hello", "stream_cut")
    assert words in message
    assert KEY not in message


LIMIT: Event = {"error": {"code": 429, "message": "Rate limit"}}
FAILED: Event = {"delta": {}, "finish_reason": "error"}


@pytest.mark.parametrize("chunk", [{**LIMIT, "choices": [FAILED]}, {"choices": [{**FAILED, **LIMIT}]}])
def test_the_cause_beside_a_reason_of_error_is_what_is_told(chunk: Event) -> None:
    found = read(events(delta("Hello"), chunk))
    assert (found.text, found.error) == ("Hello", ("rate_limit", "P is asked too often (429): Rate limit."))


def both(first: Event, second: Event) -> Event:
    return {"choices": [*first["choices"], *second["choices"]]}


@pytest.mark.parametrize(
    "chunks",
    [
        [delta("A"), delta("x", 1), delta("B"), delta("", 1, "length"), END],
        [both(delta("x", 1), delta("A")), both(delta("y", 1, "length"), delta("B", 0, "stop"))],
        [delta("AB"), END, delta("x", 1, "length")],
    ],
)
def test_of_several_choices_one_is_the_answer(chunks: list[Event]) -> None:
    found = read(events(*chunks))
    assert (found.text, found.parser.finish) == ("AB", "stop")


@pytest.mark.parametrize("index", [None, "0", [0]])
def test_a_choice_whose_index_is_no_number_is_the_answer(index: object) -> None:
    found = read(events({"choices": [{"index": index, "delta": {"content": "A"}}]}, delta("B"), END))
    assert (found.text, found.parser.failure) == ("AB", None)


def test_a_delta_may_be_plain_text_and_ollamas_own_counts_are_counts() -> None:
    assert read(events({"choices": [{"delta": "Hi"}]}, END)).text == "Hi"
    last: Event = {"message": {"content": ""}, "done": True, "done_reason": "stop", "prompt_eval_count": 5}
    lines = events({"message": {"content": "Hi"}}, {**last, "eval_count": 7}, form="{}\n")
    usage = read(lines).parser.usage
    assert (usage.input_tokens, usage.output_tokens) == (5, 7)


def entry(**fields: Any) -> Event:
    name = {"name": fields.pop("name")} if "name" in fields else {}
    return {"choices": [{"delta": {"tool_calls": [{"index": 0, **fields, "function": {**name, "arguments": ""}}]}}]}


def test_a_call_whose_every_piece_has_another_id_is_one_call() -> None:
    chunks = [entry(id="call_1", name="look")]
    for id, piece in (("call_2", '{"city":'), ("call_3", ' "Rome"}')):
        chunks.append(entry(id=id))
        chunks[-1]["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"] = piece
    assert read(events(*chunks, END)).calls == [("look", '{"city": "Rome"}')]


def test_arguments_may_be_called_parameters() -> None:
    chunk: Event = {"choices": [{"delta": {"tool_calls": [{"function": {"name": "look", "parameters": {"n": 1}}}]}}]}
    assert read(events(chunk, END)).calls == [("look", '{"n": 1}')]


def responses(*done: Event, output: list[Event]) -> str:
    return events(*done, {"type": "response.completed", "response": {"status": "completed", "output": output}})


def said(text: str) -> Event:
    return {"type": "message", "content": [{"type": "output_text", "text": text}]}


def called(id: str, name: str, arguments: object) -> Event:
    return {"type": "function_call", "call_id": id, "name": name, "arguments": arguments}


HI: Event = {"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"}
ADDED: Event = {"type": "response.output_item.added", "output_index": 0}
ARGUMENTS: Event = {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": '{"n": 1}'}


@pytest.mark.parametrize(
    "output", [[said("Hi there")], [said("Hi"), said(" there")]], ids=["the end of a text", "a second message"]
)
def test_text_that_only_the_final_response_has_is_not_lost(output: list[Event]) -> None:
    assert read(responses(HI, output=output), "responses").text == "Hi there"


@pytest.mark.parametrize("given", ["", '{"n": 1}', {"n": 1}])
@pytest.mark.parametrize("pieces", [True, False])
def test_a_call_is_whole_wherever_its_arguments_stand(given: object, pieces: bool) -> None:
    begin = {**ADDED, "item": called("call_1", "look", given)}
    output = [called("call_1", "look", {"n": 1}), called("call_2", "see", "{}")]
    found = read(responses(begin, *([ARGUMENTS] if pieces else []), output=output), "responses")
    assert found.calls == [("look", '{"n": 1}'), ("see", "{}")]


def test_calls_that_begin_in_another_order_than_they_end_keep_their_arguments() -> None:
    begun = [
        {**ADDED, "output_index": at, "item": called(id, name, "")}
        for at, id, name in ((1, "call_2", "see"), (0, "call_1", "look"))
    ]
    output = [called("call_1", "look", '{"n": 1}'), called("call_2", "see", '{"n": 2}')]
    assert read(responses(*begun, output=output), "responses").calls == [("see", '{"n": 2}'), ("look", '{"n": 1}')]


def test_each_item_of_reasoning_is_told_once() -> None:
    def thought(at: int, text: str) -> Event:
        item: Event = {"type": "reasoning", "summary": [{"type": "summary_text", "text": text}]}
        return {"type": "response.output_item.done", "output_index": at, "item": item}

    piece: Event = {"type": "response.reasoning_summary_text.delta", "output_index": 0, "delta": "One."}
    body = responses(piece, thought(0, "One."), thought(1, "Two."), HI, output=[said("Hi")])
    assert read(body, "responses").reasoning == "One.\n\nTwo."


def test_all_reasoning_that_only_the_final_response_has_is_told() -> None:
    thoughts = [{"type": "reasoning", "summary": [{"type": "summary_text", "text": text}]} for text in ("One.", "Two.")]
    assert read(responses(HI, output=[*thoughts, said("Hi")]), "responses").reasoning == "One.\n\nTwo."


def test_a_part_that_is_reasoning_is_no_answer() -> None:
    part: Event = {"type": "reasoning_text", "text": "One."}
    thought: Event = {"type": "response.reasoning_text.delta", "output_index": 0, "delta": "One."}
    done: Event = {"type": "response.content_part.done", "output_index": 0, "content_index": 0, "part": part}
    item: Event = {"type": "reasoning", "content": [part]}
    ended: Event = {"type": "response.output_item.done", "output_index": 0, "item": item}
    for pieces in ([thought, done, ended], [done, ended]):
        found = read(responses(*pieces, {**HI, "output_index": 1}, output=[item, said("Hi")]), "responses")
        assert (found.text, found.reasoning) == ("Hi", "One.")


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        (["On", "e.", None, ""], "One."),
        (["", "One."], "One."),
        ([None, "One."], "One."),
        ([{"odd": 1}, "One."], "One."),
        ([17, "On", "e."], "One."),
        (["One.", ["odd"]], ["odd"]),
    ],
)
def test_details_of_reasoning_go_back_whole_whatever_their_pieces_are(pieces: list[object], whole: object) -> None:
    def detail(text: object) -> Event:
        given = [{"type": "reasoning.text", "index": 0, "text": text}]
        return {"choices": [{"index": 0, "delta": {"reasoning_details": given}}]}

    parser = DeltaParser(dialect("chat"), Profile(id="p", name="P"), "m")
    body = events(*map(detail, pieces), delta("Hi"), END).encode()
    kept = [piece for piece in parser.decode(body) + parser.flush() if isinstance(piece, OpaqueChunk)]
    assert parser.failure is None
    state = json.loads(kept[0].reasoning.opaque)
    assert state == {"chat": {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": whole}]}}


def test_blocks_of_thinking_go_back_with_all_that_was_thought() -> None:
    def thought(text: str, signature: str) -> Event:
        given = [{"type": "thinking", "thinking": text, "signature": signature}]
        return {"choices": [{"index": 0, "delta": {"thinking_blocks": given}}]}

    parser = DeltaParser(dialect("chat"), Profile(id="p", name="P"), "m")
    body = events(thought("On", ""), thought("e.", ""), thought("", "signed"), delta("Hi"), END).encode()
    kept = [piece for piece in parser.decode(body) + parser.flush() if isinstance(piece, OpaqueChunk)]
    state = json.loads(kept[0].reasoning.opaque)
    assert state == {"chat": {"thinking_blocks": [{"type": "thinking", "thinking": "One.", "signature": "signed"}]}}


def block(index: int, **delta: Any) -> Event:
    return {"type": "content_block_delta", "index": index, "delta": delta}


STOP: Event = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (json.dumps({"role": "assistant", "content": "Hi", "stop_reason": "end_turn"}), "Hi"),
        (events(block(0, text="Hi"), STOP), "Hi"),
    ],
)
def test_messages_may_leave_out_the_kinds_of_their_parts(body: str, text: str) -> None:
    assert read(body, "messages").text == text


def test_a_delta_of_another_kind_than_its_block_costs_the_block_nothing() -> None:
    odd: Event = {"type": "tool_use", "id": "call_1", "name": "look", "input": {"n": 1}, "text": {"odd": 1}}
    start: Event = {"type": "content_block_start", "index": 0, "content_block": odd}
    found = read(events(start, block(0, text="Hi"), STOP), "messages")
    assert (found.text, found.calls) == ("Hi", [("look", '{"n": 1}')])


def test_a_block_of_messages_that_begins_with_its_input_is_one_call() -> None:
    begin: Event = {"type": "content_block_start", "index": 0}
    begin["content_block"] = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"n": 1}}
    again = block(0, type="input_json_delta", partial_json='{"n": 1}')
    for body in (events(begin, again, STOP), events(begin, STOP)):
        assert read(body, "messages").calls == [("look", '{"n": 1}')]


@pytest.mark.parametrize(
    ("value", "seconds"), [("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("2 minutes", 120), ("7", 7), ("soon", None)]
)
def test_a_wait_may_be_told_with_its_unit(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}) == seconds


@pytest.mark.parametrize("value", ["soon", "-1", "nan"])
def test_words_are_read_where_the_header_says_nothing_that_makes_sense(value: str) -> None:
    assert retry_after({"retry-after": value}, "Please try again in 7s.") == 7


def test_a_whole_answer_of_nothing_but_marks_costs_no_more_than_its_length() -> None:
    loop = "<|channel|>analysis<|message|>Hm." * 30_000  # looking behind each of them anew took minutes
    body = json.dumps({"choices": [{"message": {"content": loop}, "finish_reason": "stop"}]})
    found = read(body, size=1_000_000)
    assert (found.text, found.reasoning[:6], len(found.reasoning)) == ("", "Hm.Hm.", 90_000)


def test_an_answer_of_calls_without_end_is_stopped() -> None:
    calls = [{"id": f"call_{at}", "function": {"name": "look", "arguments": "{}"}} for at in range(1_200)]
    found = read(events(*({"choices": [{"delta": {"tool_calls": [call]}}]} for call in calls)), size=1_000)
    assert found.error == ("bad_response", "P sent more than 1,000 tool calls, and was stopped there.")
