"""Responses, by the official SDK."""

from typing import Any

import openai
import pytest
from openai import OpenAI

from tests.fake import Fake

SAY = "instant/endpoint/say:Hello there"


def test_an_answer_is_whole(client: OpenAI, fake: Fake) -> None:
    answer = client.responses.create(model=SAY, input="hi", instructions="Be brief.")
    assert (answer.output_text, answer.status) == ("Hello there", "completed")
    assert answer.usage
    assert answer.usage.output_tokens > 0
    assert fake.chats[0].fields["messages"][0]["content"] == "Be brief."


def test_a_stream_is_put_together_by_the_sdk(client: OpenAI) -> None:
    with client.responses.stream(model="contemplating/endpoint/say:ANSWER: 42", input="What is 6 * 7?") as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_response()
    assert answer.output_text == "ANSWER: 42"
    assert [item.type for item in answer.output] == ["reasoning", "message"]
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert "response.reasoning_summary_text.delta" in kinds
    assert "response.output_text.delta" in kinds


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"previous_response_id": "resp_1"}, "nothing is kept"),
        ({"background": True}, "background"),
        ({"tools": [{"type": "web_search"}]}, "function"),
        ({"input": []}, "input"),
    ],
)
def test_what_would_need_memory_is_refused(client: OpenAI, more: dict[str, Any], word: str) -> None:
    create: Any = client.responses.create
    with pytest.raises(openai.BadRequestError, match=word):
        create(**{"model": SAY, "input": "hi", **more})


def test_a_failure_has_a_status_that_is_not_retried(client: OpenAI, fake: Fake) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.responses.create(model="instant/endpoint/nothing-like-this", input="hi")
    assert caught.value.status_code == 404
    assert len(fake.chats) == 1


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating", "auto"])
def test_a_fault_inside_a_stream_is_its_last_event(client: OpenAI, mode: str) -> None:
    for fault in ("reset-mid-stream", "error-object", "empty"):
        events = list(
            client.responses.create(
                model=f"{mode}/endpoint/fault:{fault}", input="Why?", stream=True, reasoning={"effort": "low"}
            )
        )
        assert events[0].type == "response.created"
        assert events[-1].type == "response.failed", fault
        assert events[-1].response.error
        assert events[-1].response.error.message
        assert [event.sequence_number for event in events] == list(range(len(events)))


def test_what_was_said_and_called_before_reaches_the_model(client: OpenAI, fake: Fake) -> None:
    given: Any = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": "Weather in Oslo?"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Let me look."}]},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": '{"city": "Oslo"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "Snow."},
    ]
    tools: Any = [{"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}]
    answer = client.responses.create(model="instant/endpoint/say:It snows.", input=given, tools=tools)
    assert answer.output_text == "It snows."
    sent = fake.chats[0].fields["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]
    assert sent[2]["tool_calls"][0]["function"]["name"] == "weather"
    assert "Let me look." in str(sent[2]["content"])
    with pytest.raises(openai.BadRequestError, match="must follow"):
        client.responses.create(model=SAY, input=[given[1], given[5]])
