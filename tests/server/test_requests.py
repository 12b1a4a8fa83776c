"""What a request says is handed on or refused by name; nothing of it is ignored in silence. Parsed without a server."""

import base64
import io
from typing import Any

import anyio
import pytest
from PIL import Image

from chatmodes import messages as said
from chatmodes.server import chat_request, responses_request
from chatmodes.server.attached import ready
from chatmodes.server.errors import RequestError
from chatmodes.settings import Settings

EMPTY: Any = {}
HI: Any = [{"role": "user", "content": "hi"}]
FUNCTION: Any = {"name": "weather", "parameters": {"type": "object", "properties": {}}}
OTHER: Any = {**FUNCTION, "name": "clock", "strict": True}
TOOLS: Any = [{"type": "function", "function": FUNCTION}, {"type": "function", "function": OTHER}]
FLAT: Any = [{"type": "function", **FUNCTION}, {"type": "function", **OTHER}]
CALL: Any = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}


def chat(**more: Any) -> Any:
    return chat_request.parse({"model": "instant", "messages": HI, **more}, Settings())


def responses(**more: Any) -> Any:
    return responses_request.parse({"model": "instant", "input": "hi", **more}, Settings())


def attached(asked: Any) -> Any:
    """The parts of the last message, made ready."""
    return anyio.run(ready, asked).path[-1].parts


def refused(parse: Any, more: dict[str, Any]) -> RequestError:
    with pytest.raises(RequestError) as caught:
        parse(**more)
    assert caught.value.status == 400
    return caught.value


@pytest.mark.parametrize("parse", [chat, responses])
@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"frobnicate": 1}, "frobnicate"),
        ({"top_k": 5}, "top_k"),
        ({"stream": "true"}, "stream"),
        ({"stream": 1}, "stream"),
        ({"parallel_tool_calls": "no"}, "parallel_tool_calls"),
        ({"stream_options": True}, "stream_options"),
        ({"stream_options": {"include_obfuscation": True}}, "stream_options.include_obfuscation"),
        ({"stream_options": {"more": 1}}, "stream_options.more"),
        ({"temperature": "0"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"top_p": 1.1}, "top_p"),
        ({"presence_penalty": 2.5}, "presence_penalty"),
        ({"frequency_penalty": -3}, "frequency_penalty"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "web_search"}]}, "tools[0]"),
        ({"tools": [{"type": "custom", "custom": {"name": "grep"}}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {"name": "two words"}}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {**FUNCTION, "strict": "yes"}}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {**FUNCTION, "description": 1}}]}, "tools[0]"),
        ({"tools": [*TOOLS, TOOLS[0]]}, "tools[2]"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": "any", "tools": TOOLS}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "none"}}, "tools": TOOLS}, "tool_choice"),
        ({"tool_choice": {"type": "function", "name": "other"}, "tools": TOOLS}, "tool_choice"),
        ({"tool_choice": {"type": "custom", "custom": {"name": "weather"}}, "tools": TOOLS}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}, "tools": TOOLS}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "none", "tools": FLAT}, "tools": TOOLS}, "tool_choice"),
    ],
)
def test_what_neither_api_can_be_asked_for_is_named(parse: Any, more: dict[str, Any], param: str) -> None:
    assert refused(parse, more).param == param


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"web_search_options": {}}, "web_search_options"),
        ({"audio": {}}, "audio"),
        ({"prediction": {"type": "content", "content": "x"}}, "prediction"),
        ({"verbosity": "low"}, "verbosity"),
        ({"function_call": "auto"}, "function_call"),
        ({"input": "hi"}, "input"),
        ({"max_tokens": 5, "max_completion_tokens": 6}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
        ({"seed": 10**400}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"n": 0}, "n"),
        ({"n": True}, "n"),
        ({"stop": [1]}, "stop"),
        ({"stop": {}}, "stop"),
        ({"reasoning_effort": "banana"}, "reasoning_effort"),
        ({"reasoning_effort": 3}, "reasoning_effort"),
        ({"reasoning_effort": "none", "model": "thinking"}, "reasoning_effort"),
        ({"stream_options": {"include_usage": "yes"}}, "include_usage"),
        ({"response_format": {"type": "grammar"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, "response_format"),
        ({"response_format": "json_object"}, "response_format"),
    ],
)
def test_what_chat_completions_cannot_be_asked_for_is_named(more: dict[str, Any], param: str) -> None:
    assert refused(chat, more).param == param


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"truncation": "auto"}, "truncation"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"include": "everything"}, "include"),
        ({"text": {"verbosity": "high"}}, "text.verbosity"),
        ({"text": "plain"}, "text"),
        ({"reasoning": {"effort": "banana"}}, "reasoning.effort"),
        ({"reasoning": {"budget": 5}}, "reasoning.budget"),
        ({"reasoning": "high"}, "reasoning"),
        ({"instructions": ["x"]}, "instructions"),
        ({"max_tokens": 5}, "max_tokens"),
        ({"seed": 5}, "seed"),
        ({"stop": "x"}, "stop"),
        ({"n": 2}, "n"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": HI}, "messages"),
        ({"max_tool_calls": 3}, "max_tool_calls"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"conversation": "c"}, "conversation"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0]"),
        ({"input": [{"type": "function_call", "name": "weather", "arguments": "{}"}]}, "input[0]"),
        ({"input": [{"type": "function_call", "call_id": "c", "name": "weather", "arguments": EMPTY}]}, "input[0]"),
    ],
)
def test_what_responses_cannot_be_asked_for_is_named(more: dict[str, Any], param: str) -> None:
    assert refused(responses, more).param == param


@pytest.mark.parametrize(
    "more",
    [
        {"logprobs": False, "top_logprobs": 0, "logit_bias": {}, "presence_penalty": 0.0, "frequency_penalty": 0},
        {"functions": [], "modalities": ["text"], "audio": None, "verbosity": "medium", "stop": "", "tools": []},
        {"user": "me", "metadata": {"a": "b"}, "store": True, "service_tier": "flex", "safety_identifier": "x"},
        {"prompt_cache_key": "k", "prompt_cache_retention": "24h", "stream_options": {"include_obfuscation": False}},
        {"max_tokens": 5, "max_completion_tokens": 5, "n": None, "stream": None, "tool_choice": "none"},
        {"reasoning_effort": "none"},
        {"reasoning_effort": ""},
    ],
)
def test_what_asks_for_nothing_is_taken(more: dict[str, Any]) -> None:
    assert chat(**more).extras.tools == ()


def test_what_responses_take_without_an_effect() -> None:
    asked = responses(
        background=False, truncation="disabled", include=["reasoning.encrypted_content"], store=True, user="me",
        reasoning={"effort": "high", "summary": "auto"}, text={"format": {"type": "text"}, "verbosity": "medium"},
    )  # fmt: skip
    assert (asked.effort, asked.settings.sampling.effort) == ("high", "high")


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh", "max"])
def test_an_effort_is_a_number_of_agents_or_how_hard_a_model_thinks(effort: str) -> None:
    asked = chat(model="contemplating", reasoning_effort=effort)
    assert asked.settings.contemplating.agents in (3, 5, 9, 16)
    assert asked.settings.sampling.effort == ""
    assert chat(reasoning_effort=effort).settings.sampling.effort == effort.replace("none", "")


@pytest.mark.parametrize("parse", [chat, responses])
@pytest.mark.parametrize("tools", [TOOLS, FLAT])
def test_every_form_of_a_choice_among_tools(parse: Any, tools: Any) -> None:
    def choice(wanted: Any) -> tuple[list[str], str]:
        extras = parse(tools=tools, tool_choice=wanted).extras
        return [spec.name for spec in extras.tools], extras.tool_choice

    both = ["weather", "clock"]
    assert choice(None) == (both, "")
    assert [choice(word) for word in ("auto", "none", "required")] == [
        (both, "auto"), (both, "none"), (both, "required"),
    ]  # fmt: skip
    assert choice({"type": "function", "function": {"name": "clock"}}) == (both, "clock")
    assert choice({"type": "function", "name": "clock"}) == (both, "clock")
    allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "clock"}}]}
    assert choice({"type": "allowed_tools", "allowed_tools": allowed}) == (["clock"], "required")
    flat = {"mode": "auto", "tools": [{"type": "function", "name": "weather"}]}
    assert choice({"type": "allowed_tools", **flat}) == (["weather"], "auto")
    assert [spec.strict for spec in parse(tools=tools).extras.tools] == [False, True]


@pytest.mark.parametrize(
    ("messages", "word"),
    [
        ([{"role": "assistant", "content": None, "tool_calls": [CALL]}, *HI], "no result"),
        (
            [{"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "x", "arguments": EMPTY}}]}],
            "text of JSON",
        ),
        (
            [{"role": "assistant", "tool_calls": [{"id": "c1", "type": "custom", "custom": EMPTY}]}],
            "name of a function",
        ),
        ([{"role": "assistant", "function_call": {"name": "x"}}, *HI], "tool_calls"),
        ([{"role": ["user"], "content": "hi"}], "role"),
        ([{"role": "function", "name": "x", "content": "hi"}], "role"),
        ([{"role": "user", "content": 5}], "text or a list"),
        ([{"role": "user", "content": [{"type": "input_audio", "input_audio": EMPTY}]}], "input_audio"),
        ([{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}], "data URLs"),
    ],
)
def test_messages_that_cannot_be_told_are_refused(messages: Any, word: str) -> None:
    assert word in refused(chat, {"messages": messages}).message


def url(media_type: str, data: bytes, head: str = "data:") -> str:
    return f"{head}{media_type};base64,{base64.b64encode(data).decode()}"


def png(width: int = 40) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, 30), "navy").save(made, "PNG")
    return made.getvalue()


PIXELS = url("image/png", png())


def shown(address: Any, **more: Any) -> Any:
    return [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": address, **more}}]}]


@pytest.mark.parametrize(
    "address",
    [
        PIXELS,
        url("image/png", png(), "DATA:"),
        url("IMAGE/PNG;charset=utf-8", png()),
        url("image/jpg", png()),  # mislabelled, as many are
        url("", png()),
        PIXELS.replace("+", "%2B").replace("/9", "%2F9").replace("=", "%3D"),
        f"{PIXELS[:60]}\r\n {PIXELS[60:]}\n",
        PIXELS.replace(";base64", ";BASE64"),
    ],
)
def test_a_picture_is_taken_in_every_form_of_a_data_url_and_made_ready(address: str) -> None:
    (picture,) = attached(chat(messages=shown(address, detail="low")))
    assert isinstance(picture, said.Image)
    assert (picture.width, picture.height, picture.detail) == (40, 30, "low")


@pytest.mark.parametrize(
    "address", [None, 5, "", "http://x/y.png", "data:", "data:image/png", "data:image/png;base64,", PIXELS + "!"]
)
def test_a_picture_that_is_none_is_refused(address: Any) -> None:
    assert refused(chat, {"messages": shown(address)}).param == "messages[0].content[0]"


def test_what_is_no_picture_inside_is_refused_and_a_large_one_shrunk() -> None:
    with pytest.raises(RequestError, match="no picture"):
        attached(chat(messages=shown(url("image/png", b"not one"))))
    assert refused(chat, {"messages": shown(PIXELS, detail="original")}).param
    assert attached(chat(messages=shown(url("image/png", png(4000)))))[0].width < 2000


def test_a_file_is_read_for_models_that_take_none() -> None:
    file = {"type": "input_file", "filename": "notes.md", "file_data": url("text/markdown", b"The sky is green.")}
    (read,) = attached(responses(input=[{"role": "user", "content": [file]}]))
    assert read.name == "notes.md"
    assert "The sky is green." in read.text


def test_pictures_and_files_where_only_text_can_be_are_refused() -> None:
    picture = shown(PIXELS)[0]["content"]
    for role in ("system", "developer", "assistant"):
        assert "user's" in refused(chat, {"messages": [{"role": role, "content": picture}, *HI]}).message
    file = [{"type": "file", "file": {"file_data": url("text/plain", b"x")}}]
    call = {"role": "assistant", "tool_calls": [CALL]}
    result = {"role": "tool", "tool_call_id": "c1", "content": file}
    assert "no other file" in refused(chat, {"messages": [*HI, call, result]}).message
    assert attached(chat(messages=[*HI, call, {**result, "content": picture}]))[-1].content[0].width == 40


def test_names_are_told_where_several_speak_and_a_refusal_was_an_answer() -> None:
    def texts(*messages: dict[str, Any]) -> list[str]:
        return [message.text for message in chat(messages=list(messages)).path]

    ann, bob = ({"role": "user", "name": name, "content": f"I am {name}."} for name in ("Ann", "Bob"))
    no = {"role": "assistant", "content": None, "refusal": "No."}
    assert texts(ann) == ["I am Ann."]
    assert texts(ann, no, bob) == ["Ann: I am Ann.", "No.", "Bob: I am Bob."]
