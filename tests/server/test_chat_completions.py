"""The modes as the official SDK meets them: models, answers, streams, usage, tools, errors."""

import base64
import io
import json
import re
from typing import Any

import openai
import pytest
from openai import OpenAI
from PIL import Image

from tests.fake import Fake
from tests.fake.chunks import chunk
from tests.fake.wire import Wire

SAY = "instant/endpoint/say:Hello there"
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def png(width: int = 40, height: int = 30) -> bytes:
    """A picture."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(made, "PNG")
    return made.getvalue()


def asked(text: str) -> Any:
    return [{"role": "user", "content": text}]


def test_the_modes_are_models(client: OpenAI) -> None:
    ids = [model.id for model in client.models.list()]
    assert ids[:4] == ["instant", "thinking", "contemplating", "auto"]
    assert client.models.retrieve("thinking/endpoint/echo").id == "thinking/endpoint/echo"
    with pytest.raises(openai.NotFoundError, match="no mode 'quick'"):
        client.models.retrieve("quick")
    with pytest.raises(openai.NotFoundError, match="no provider 'nobody'"):
        client.models.retrieve("instant/nobody/large")
    with pytest.raises(openai.APIStatusError, match="key"):
        client.models.retrieve("instant/openai/gpt-6-luna")


def test_an_answer_is_whole(client: OpenAI) -> None:
    answer = client.chat.completions.create(model=SAY, messages=asked("hi"))
    assert answer.choices[0].message.content == "Hello there"
    assert (answer.choices[0].finish_reason, answer.object, answer.model) == ("stop", "chat.completion", SAY)
    assert answer.usage
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_a_stream_begins_with_a_role_and_ends_with_usage(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model=SAY, messages=asked("hi"), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello there"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_the_streaming_helper_puts_the_answer_together(client: OpenAI) -> None:
    with client.chat.completions.stream(model=SAY, messages=asked("hi")) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].message.content == "Hello there"


def test_contemplating_streams_its_agents_as_reasoning_and_sums_their_usage(client: OpenAI, fake: Fake) -> None:
    stream = client.chat.completions.create(
        model="contemplating/endpoint/say:ANSWER: 42",
        messages=asked("What is 6 * 7?"),
        reasoning_effort="low",
        stream=True,
        stream_options={"include_usage": True},
    )
    deltas: list[Any] = []
    usage = None
    for piece in stream:
        usage = piece.usage or usage
        deltas += [choice.delta for choice in piece.choices]
    reasoning = "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)
    assert re.search(r"\[a[123]\] ANSWER: 42", reasoning)  # two decide the vote, before one that is late
    assert "So far: 42" in reasoning
    assert "".join(delta.content or "" for delta in deltas) == "ANSWER: 42"
    assert len(fake.chats) in {2, 3}
    one = client.chat.completions.create(model="instant/endpoint/say:ANSWER: 42", messages=asked("What is 6 * 7?"))
    assert usage
    assert one.usage
    assert usage.completion_tokens >= 2 * one.usage.completion_tokens


def test_what_a_draft_thought_stands_apart_from_what_it_wrote(client: OpenAI) -> None:
    answer: Any = client.chat.completions.create(
        model="contemplating/endpoint/think:It is 4.,thought=Two and two.",
        messages=asked("Why?"),
        reasoning_effort="low",
    )
    assert re.search(r"\[a[123]\] Two and two\.\n\nIt is 4\.", answer.choices[0].message.reasoning_content)


def test_what_is_asked_for_is_handed_on(client: OpenAI, fake: Fake) -> None:
    client.chat.completions.create(
        model="instant/endpoint/echo", messages=[{"role": "developer", "content": "Be brief."}, *asked("hi")],
        temperature=0.3, top_p=0.9, seed=7, stop=["END"], max_completion_tokens=50,
        response_format={"type": "json_object"}, presence_penalty=0.5, frequency_penalty=-1,
    )  # fmt: skip
    sent = fake.chats[-1].fields
    assert sent["messages"][0]["content"] == "Be brief."
    assert (sent["temperature"], sent["top_p"], sent["seed"], sent["stop"]) == (0.3, 0.9, 7, ["END"])
    assert sent["response_format"] == {"type": "json_object"}
    assert (sent["presence_penalty"], sent["frequency_penalty"]) == (0.5, -1)
    assert sent.get("max_tokens", sent.get("max_completion_tokens")) == 50


def test_several_choices_are_several_runs(client: OpenAI, fake: Fake) -> None:
    answer = client.chat.completions.create(model=SAY, messages=asked("hi"), n=3, seed=1)
    assert [choice.message.content for choice in answer.choices] == ["Hello there"] * 3
    assert sorted(request.fields["seed"] for request in fake.chats) == [1, 2, 3]
    chunks = list(client.chat.completions.create(model=SAY, messages=asked("hi"), n=2, stream=True))
    assert {chunk.choices[0].index for chunk in chunks} == {0, 1}


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"logprobs": True}, "logprobs"),
        ({"logit_bias": {"1": 2}}, "logit_bias"),
        ({"presence_penalty": 3}, "presence_penalty"),
        ({"n": 99}, "n"),
        ({"temperature": 9}, "temperature"),
        ({"modalities": ["audio"]}, "answers are text"),
        ({"model": "contemplating/endpoint/echo", "response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "hi"}]}, "robot"),
        ({"messages": [{"role": "tool", "tool_call_id": "x", "content": "hi"}]}, "follow"),
    ],
)
def test_what_cannot_be_done_is_refused(client: OpenAI, fake: Fake, more: dict[str, Any], word: str) -> None:
    create: Any = client.chat.completions.create
    with pytest.raises(openai.BadRequestError, match=word):
        create(**{"model": SAY, "messages": asked("hi"), **more})
    assert fake.chats == []


def test_a_failed_run_is_not_paid_for_twice(client: OpenAI, fake: Fake) -> None:
    """The SDK would retry 429 and 5xx; behind Contemplating each retry is five calls."""
    fake.scripts["broken"] = _refuse
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="instant/endpoint/broken", messages=asked("hi"))
    assert caught.value.status_code == 424
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert "flatly" in caught.value.message
    assert len(fake.chats) == 1


async def _refuse(wire: Wire) -> None:
    await wire.reply(401, {"error": {"message": "No, flatly.", "type": "authentication_error"}})


def test_an_error_inside_a_stream_is_raised_by_the_sdk(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="instant/endpoint/fault:reset-mid-stream", messages=asked("hi"), stream=True
    )
    with pytest.raises(openai.APIError, match=r"broke off|cut|ended"):
        for _ in stream:
            pass


def test_pictures_arrive_and_addresses_are_not_fetched(client: OpenAI, fake: Fake) -> None:
    content: Any = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(png()).decode()}"}},
    ]
    client.chat.completions.create(model="instant/endpoint/echo", messages=[{"role": "user", "content": content}])
    assert "data:image/" in json.dumps(fake.chats[-1].fields["messages"])
    content[1]["image_url"]["url"] = "http://127.0.0.1/secret.png"
    with pytest.raises(openai.BadRequestError, match="not fetched"):
        client.chat.completions.create(model="instant/endpoint/echo", messages=[{"role": "user", "content": content}])


async def _call(wire: Wire) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
    head: dict[str, Any] = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": wire.request.model}
    await wire.event({**head, "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, **call}]}}]})
    await wire.event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    await wire.raw(b"data: [DONE]\n\n")


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating"])
def test_a_clients_tools_are_handed_over_and_their_results_go_back(client: OpenAI, fake: Fake, mode: str) -> None:
    fake.scripts["caller"] = _call
    answer = client.chat.completions.create(
        model=f"{mode}/endpoint/caller", messages=asked("Weather in Oslo?"), tools=[WEATHER]
    )
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    calls: Any = choice.message.tool_calls
    assert [(call.function.name, json.loads(call.function.arguments)) for call in calls] == [
        ("weather", {"city": "Oslo"})
    ]
    assert fake.chats[0].fields["tools"][0]["function"]["name"] == "weather"
    history: Any = [
        *asked("Weather in Oslo?"),
        choice.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": calls[0].id, "content": "Snow."},
    ]
    fake.forget()
    client.chat.completions.create(model="instant/endpoint/say:It snows.", messages=history, tools=[WEATHER])
    sent = fake.chats[0].fields["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool"]
    assert "Snow." in json.dumps(sent[-1])


@pytest.mark.parametrize("mode", ["instant", "contemplating"])
def test_a_call_has_an_id_that_none_before_it_has(client: OpenAI, fake: Fake, mode: str) -> None:
    """Some models number the calls of each answer anew; the Agents SDK refuses an id that comes again."""
    fake.scripts["caller"] = _call
    history: Any = asked("Weather in Oslo?")
    ids: list[str] = []
    for _ in range(3):
        answer = client.chat.completions.create(model=f"{mode}/endpoint/caller", messages=history, tools=[WEATHER])
        calls: Any = answer.choices[0].message.tool_calls
        ids.append(calls[0].id)
        history += [answer.choices[0].message, {"role": "tool", "tool_call_id": ids[-1], "content": "Snow."}]
    assert ids[0] == "call_1"
    assert len(set(ids)) == 3


def test_tool_calls_stream_with_an_index_and_arguments_as_text(client: OpenAI, fake: Fake) -> None:
    fake.scripts["caller"] = _call
    with client.chat.completions.stream(
        model="instant/endpoint/caller", messages=asked("Weather?"), tools=[WEATHER]
    ) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    assert message.tool_calls
    assert message.tool_calls[0].function.arguments == '{"city": "Oslo"}'


async def _two_calls(wire: Wire) -> None:
    calls = [
        {"index": at, "id": f"call_{at}", "type": "function", "function": {"name": "weather", "arguments": arguments}}
        for at, arguments in enumerate(('{"city": "Oslo"}', '{"city": "Rome"}'))
    ]
    await wire.event(chunk({"tool_calls": calls}))
    await wire.event(chunk({}, finish="tool_calls"))
    await wire.event("[DONE]")


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating"])
@pytest.mark.parametrize("choices", [1, 2])
def test_calls_in_parallel_are_told_apart_in_a_stream(client: OpenAI, fake: Fake, mode: str, choices: int) -> None:
    fake.scripts["caller"] = _two_calls
    with client.chat.completions.stream(
        model=f"{mode}/endpoint/caller", messages=asked("Weather?"), tools=[WEATHER], n=choices
    ) as stream:
        for _ in stream:
            pass
        answers = stream.get_final_completion().choices
    assert len(answers) == choices
    for answer in answers:
        calls: Any = answer.message.tool_calls
        assert [json.loads(call.function.arguments)["city"] for call in calls] == ["Oslo", "Rome"]
        assert answer.finish_reason == "tool_calls"


def test_one_of_several_choices_that_fails_ends_the_others(client: OpenAI, fake: Fake) -> None:
    """A whole answer of which one choice failed is a failure, and what the others would say is read by nobody."""

    async def first_fails(wire: Wire) -> None:
        if wire.number == 1:
            await wire.reply(401, {"error": {"message": "No, flatly.", "type": "authentication_error"}})
        else:
            await wire.hang()

    fake.scripts["one"] = first_fails
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="instant/endpoint/one", messages=asked("hi"), n=3)
    assert caught.value.status_code == 424
    assert "flatly" in caught.value.message
    fake.wait_until(lambda: all(request.ended is not None for request in fake.chats))


def test_strict_tools_and_details_of_pictures_are_handed_on(client: OpenAI, fake: Fake) -> None:
    strict: Any = {**WEATHER, "function": {**WEATHER["function"], "strict": True}}
    url = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    content: Any = [{"type": "image_url", "image_url": {"url": url, "detail": "low"}}]
    client.chat.completions.create(
        model="instant/endpoint/echo", messages=[{"role": "user", "content": content}], tools=[strict]
    )
    sent = fake.chats[-1].fields
    assert sent["tools"][0]["function"]["strict"] is True
    assert sent["messages"][-1]["content"][0]["image_url"]["detail"] == "low"


def test_a_client_that_leaves_ends_its_run_and_every_stream_under_it(client: OpenAI, fake: Fake) -> None:
    stream = client.chat.completions.create(
        model="contemplating/endpoint/slow:ttft=0.01,tps=5,repeat=500", messages=asked("Tell me a story."), stream=True
    )
    next(iter(stream))
    fake.wait_until(lambda: len(fake.chats) == 5)
    stream.close()
    fake.wait_until(lambda: all(request.cut for request in fake.chats))
