"""An answer is what was asked for in every mode: it ends where it should, says why, and is JSON where that is asked."""

import json
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.server.outcome import finish_of
from tests.fake import Fake, Wire
from tests.fake.chunks import chunk, pieces

MODES = ["instant", "thinking", "contemplating", "auto"]
HI: Any = [{"role": "user", "content": "hi"}]


class Person(BaseModel):
    name: str
    age: int


ANN = '{"name": "Ann", "age": 3}'


def writes(text: str, *, finish: str = "stop", reasoning: str = "") -> Any:
    """A script that says this, whatever it is asked."""

    async def script(wire: Wire) -> None:
        if reasoning:
            await wire.event(chunk({"reasoning_content": reasoning}))
        for piece in pieces(text):
            await wire.event(chunk({"content": piece}))
        await wire.event(chunk({}, finish=finish))
        await wire.event("[DONE]")

    return script


def streamed(client: OpenAI, **more: Any) -> tuple[str, str | None]:
    """The text and the finish reason of a stream."""
    chunks = list(client.chat.completions.create(stream=True, **more))
    text = "".join(piece.choices[0].delta.content or "" for piece in chunks)
    return text, chunks[-1].choices[0].finish_reason


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_that_reached_the_token_limit_says_so(client: OpenAI, mode: str) -> None:
    model = f"{mode}/endpoint/say:Hello there,finish=length"
    answer = client.chat.completions.create(model=model, messages=HI, max_tokens=50)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("Hello there", "length")
    assert streamed(client, model=model, messages=HI) == ("Hello there", "length")
    response = client.responses.create(model=model, input="hi")
    assert (response.status, response.output_text) == ("incomplete", "Hello there")
    assert response.incomplete_details
    assert response.incomplete_details.reason == "max_output_tokens"
    assert [item.type for item in response.output] == [*["reasoning"] * (len(response.output) - 1), "message"]


@pytest.mark.parametrize("mode", ["instant", "contemplating"])
def test_a_limit_that_reasoning_used_up_is_reached_and_not_passed_over(client: OpenAI, fake: Fake, mode: str) -> None:
    """A model's second chance with twice the tokens is for a person's settings; a client's limit is its own."""
    fake.scripts["thinks"] = writes("", finish="length", reasoning="Let me see.")
    model = f"{mode}/endpoint/thinks"
    answer: Any = client.chat.completions.create(model=model, messages=HI, max_tokens=50).choices[0]
    assert (answer.message.content, answer.finish_reason) == ("", "length")
    assert "used up its token limit" in answer.message.reasoning_content
    assert {request.fields["max_tokens"] for request in fake.chats} == {50}
    assert streamed(client, model=model, messages=HI, max_tokens=50) == ("", "length")
    assert client.responses.create(model=model, input="hi", max_output_tokens=50).status == "incomplete"


def test_a_whole_draft_that_stands_in_for_a_cut_reconciliation_is_whole() -> None:
    view = RunView()
    slots = [ev.Slot("a1", "draft", "m"), ev.Slot("a2", "draft", "m"), ev.Slot("reconcile", "reconcile", "m")]
    told: list[ev.AnyEvent] = []
    for slot, text, finish in zip(slots, ("One.", "Two.", ""), ("stop", "length", "length"), strict=True):
        told.append(ev.AgentStarted(run="r", at=0, agent=slot.agent, role=slot.role, model="m"))
        if text:
            told.append(ev.TextDelta(run="r", at=0, agent=slot.agent, text=text))
        told.append(_finished(slot.agent, finish))
    for event in told:
        fold(view, event)
    for text, finish in (("One.", "stop"), ("Two.", "length")):
        view.end = ev.RunFinished(
            run="r", at=1, method="fallback", answer=text, usage=ev.Usage(), cost=None, seconds=1, planned=2, survived=1
        )
        assert finish_of(view, []) == finish


def _finished(agent: str, finish: Any) -> ev.AgentFinished:
    return ev.AgentFinished(run="r", at=0, agent=agent, usage=ev.Usage(), finish=finish, ttft=None, seconds=1)


@pytest.mark.parametrize("mode", ["instant", "thinking"])
@pytest.mark.parametrize("text", [ANN, f"```json\n{ANN}\n```", f"Here you are:\n\n```\n{ANN}\n```\nAnything else?"])
def test_json_that_is_asked_for_comes_alone(client: OpenAI, fake: Fake, mode: str, text: str) -> None:
    fake.scripts["wraps"] = writes(text)
    model, ann = f"{mode}/endpoint/wraps", Person(name="Ann", age=3)
    parsed = client.chat.completions.parse(model=model, messages=HI, response_format=Person)
    assert parsed.choices[0].message.parsed == ann
    with client.chat.completions.stream(model=model, messages=HI, response_format=Person) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].message.parsed == ann
    assert client.responses.parse(model=model, input="hi", text_format=Person).output_parsed == ann
    with client.responses.stream(model=model, input="hi", text_format=Person) as events:
        for _ in events:
            pass
        assert events.get_final_response().output_parsed == ann
    told, _ = streamed(client, model=model, messages=HI, response_format={"type": "json_object"})
    assert json.loads(told) == {"name": "Ann", "age": 3}


def test_words_around_json_are_not_lost(client: OpenAI, fake: Fake) -> None:
    fake.scripts["wraps"] = writes(f"Here you are:\n```json\n{ANN}\n```")
    create: Any = client.chat.completions.create
    answer = create(model="instant/endpoint/wraps", messages=HI, response_format={"type": "json_object"})
    assert answer.choices[0].message.content == ANN
    assert "Here you are:" in answer.choices[0].message.reasoning_content
    asked_nothing = create(model="instant/endpoint/wraps", messages=HI)
    assert asked_nothing.choices[0].message.content.startswith("Here you are:")


async def _declines(wire: Wire) -> None:
    for piece in ("I will ", "not."):
        await wire.event(chunk({"refusal": piece}))
    await wire.event(chunk({}, finish="stop"))
    await wire.event("[DONE]")


@pytest.mark.parametrize("mode", ["instant", "thinking"])
def test_a_refusal_in_place_of_json_is_told_as_one(client: OpenAI, fake: Fake, mode: str) -> None:
    fake.scripts["declines"] = _declines
    model = f"{mode}/endpoint/declines"
    message = client.chat.completions.parse(model=model, messages=HI, response_format=Person).choices[0].message
    assert (message.refusal, message.content, message.parsed) == ("I will not.", None, None)
    with client.chat.completions.stream(model=model, messages=HI, response_format=Person) as stream:
        assert [event.refusal for event in stream if event.type == "refusal.done"] == ["I will not."]
        assert stream.get_final_completion().choices[0].message.refusal == "I will not."
    response = client.responses.parse(model=model, input="hi", text_format=Person)
    assert response.output_parsed is None
    with client.responses.stream(model=model, input="hi", text_format=Person) as events:
        assert [event.refusal for event in events if event.type == "response.refusal.done"] == ["I will not."]
        final: Any = events.get_final_response().output[-1]
    assert [(part.type, part.refusal) for part in final.content] == [("refusal", "I will not.")]
    plain = client.chat.completions.create(model=model, messages=HI)
    assert plain.choices[0].message.content == "I will not."


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_ends_at_its_stop_even_where_the_model_goes_on(client: OpenAI, fake: Fake, mode: str) -> None:
    fake.scripts["on"] = writes("One and two.\n\nQuestion: three")
    model = f"{mode}/endpoint/on"
    for stop, cut in (
        (["Question:"], "One and two.\n\n"),
        ("\n\n", "One and two."),
        (["three", " two"], "One and"),
    ):
        answer = client.chat.completions.create(model=model, messages=HI, stop=stop).choices[0]
        assert (answer.message.content, answer.finish_reason) == (cut, "stop")
        assert streamed(client, model=model, messages=HI, stop=stop) == (cut, "stop")


def test_nothing_is_paid_for_beyond_a_stop(client: OpenAI, fake: Fake) -> None:
    text, finish = streamed(client, model="instant/endpoint/endless", messages=HI, stop="and on and")
    assert (text, finish) == ("", "stop")
    fake.wait_until(lambda: all(request.ended is not None for request in fake.chats))


@pytest.mark.parametrize("mode", ["instant", "thinking"])
def test_what_is_called_behind_a_stop_is_not_called(client: OpenAI, fake: Fake, mode: str) -> None:
    fake.scripts["calls"] = _says_and_calls
    answer = client.chat.completions.create(
        model=f"{mode}/endpoint/calls", messages=HI, stop="Now", tools=[LOOK]
    ).choices[0]
    assert (answer.message.content, answer.message.tool_calls, answer.finish_reason) == ("I look. ", None, "stop")


@pytest.mark.parametrize("mode", MODES)
def test_no_tool_is_called_where_none_is_to_be(client: OpenAI, fake: Fake, mode: str) -> None:
    fake.scripts["calls"] = _says_and_calls
    answer = client.chat.completions.create(
        model=f"{mode}/endpoint/calls", messages=HI, tools=[LOOK], tool_choice="none"
    ).choices[0]
    assert (answer.message.content, answer.message.tool_calls, answer.finish_reason) == ("I look. Now.", None, "stop")


LOOK: Any = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


async def _says_and_calls(wire: Wire) -> None:
    for piece in pieces("I look. Now."):
        await wire.event(chunk({"content": piece}))
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    await wire.event(chunk({"tool_calls": [call]}))
    await wire.event(chunk({}, finish="tool_calls"))
    await wire.event("[DONE]")


def test_agents_are_not_told_to_stop_at_the_end_of_a_paragraph(client: OpenAI, fake: Fake) -> None:
    """They would never come to their answer; it ends there all the same."""
    for model in ("instant/endpoint/echo", "thinking/endpoint/echo", "contemplating/endpoint/echo"):
        client.chat.completions.create(model=model, messages=HI, stop=["\n\n", "END"], reasoning_effort="low")
        first = fake.chats[0].fields["stop"]
        assert first == (["\n\n", "END"] if model.startswith("instant") else ["END"])
        fake.forget()


def test_choices_have_seeds_of_their_own_down_to_their_agents(client: OpenAI, fake: Fake) -> None:
    fake.scripts["vary"] = writes("ANSWER: 4")
    client.chat.completions.create(
        model="contemplating/endpoint/vary", messages=HI, seed=7, n=2, reasoning_effort="low"
    )
    seeds = [request.fields.get("seed") for request in fake.chats]
    assert len(seeds) == len(set(seeds)) <= 6


@pytest.mark.parametrize(
    "messages", [[{"role": "system", "content": "Say hello."}], [{"role": "developer", "content": "Say hello."}]]
)
def test_instructions_alone_are_asked(client: OpenAI, fake: Fake, messages: Any) -> None:
    assert client.chat.completions.create(model="instant/endpoint/echo", messages=messages).choices
    assert fake.chats[-1].fields["messages"] == [{"role": "user", "content": "Say hello."}]


def test_the_beginning_of_an_answer_is_gone_on_with(client: OpenAI, fake: Fake) -> None:
    """Open WebUI continues an answer so, and some clients put words into a model's mouth."""
    begun = {"role": "assistant", "content": "Sure, "}
    create: Any = client.chat.completions.create
    create(model="instant/endpoint/say:here", messages=[*HI, begun])
    sent = fake.chats[-1].fields["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert (sent[1]["content"], "exactly where it ends" in sent[2]["content"]) == ("Sure, ", True)
    create(model="instant/endpoint/say:here", messages=[*HI, {**begun, "content": ""}])
    assert fake.chats[-1].fields["messages"] == HI


@pytest.mark.parametrize("content", ["", " \n", [], [{"type": "text", "text": ""}]])
def test_where_nothing_is_said_nobody_is_asked(client: OpenAI, fake: Fake, content: Any) -> None:
    create: Any = client.chat.completions.create
    with pytest.raises(openai.BadRequestError, match="no message to answer"):
        create(model="instant/endpoint/echo", messages=[{"role": "user", "content": content}])
    assert fake.chats == []


def test_half_a_character_costs_a_character(address: str, fake: Fake) -> None:
    message = rb'{"role": "user", "content": "a\ud83d \ud83d\ude00 \\ud83d"}'
    body = b'{"model": "instant/endpoint/echo", "messages": [%s]}' % message
    answer = httpx.post(f"{address}/v1/chat/completions", content=body).json()
    assert answer["choices"][0]["message"]["content"] == "a\ufffd \U0001f600 \\ud83d"


def test_every_answer_has_a_name_to_point_at(client: OpenAI) -> None:
    names: set[str | None] = set()
    for more in ({}, {"stream": True}, {"temperature": 9}):
        create: Any = client.chat.completions.with_raw_response.create
        try:
            names.add(create(model="instant/endpoint/say:hi", messages=HI, **more).headers.get("x-request-id"))
        except openai.BadRequestError as refused:
            names.add(refused.request_id)
    assert len(names) == 3
    assert None not in names
