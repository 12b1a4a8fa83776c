"""Conversations of every kind put into the words of each dialect, such that its strictest server takes them."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.messages import (
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    assistant,
    system,
    user,
)
from chatmodes.providers.calls import Call, ProviderError, ToolSpec
from chatmodes.providers.dialects import dialect
from chatmodes.providers.dialects.base import Asked
from chatmodes.providers.dialects.turns import UNANSWERED, short_id
from chatmodes.providers.known.profiles import Profile, load_profiles
from chatmodes.providers.shapes import table
from tests.fake import strict
from tests.fake.reading import messages_in

SPOKEN = ("chat", "responses", "messages")
PATHS = {"chat": "/chat/completions", "responses": "/responses", "messages": "/messages"}
PNG = Image("dot.png", "image/png", "h", 1, 1, 3, content=b"png")
PDF = File("paper.pdf", "application/pdf", "h", 3, content=b"pdf", text="What the paper says.")
LOOK = ToolSpec("look", "Look somewhere.", {"type": "object", "properties": {}})


def body(spoken: Any, messages: tuple[Message, ...], *, without: frozenset[str] = frozenset(), **fields: Any) -> Any:
    traits = {
        name: fields.pop(name) for name in list(fields) if name in ("images", "pdfs", "call_id", "echo_reasoning")
    }
    traits |= fields.pop("traits", {})
    profile = Profile(id="p", name="P", models={"m": {"dialect": spoken, "pdfs": True, "images": True, **traits}})
    call = Call(model="p/m", messages=messages, **fields)
    return dialect(spoken).body(Asked(call, profile, "m", profile.traits("m"), without))


NAMES = st.sampled_from(["look", "functions.look", "files/read file", "søk", "", "l" * 80, "look\ud800"])
"""What models call tools by, and servers of tools theirs."""
PARTS = st.one_of(
    st.sampled_from(["", " ", "Hello.", "And then?"]).map(Text),
    st.just(PNG),
    st.just(PDF),
    st.builds(ToolCall, st.sampled_from(["c1", "", "toolu_0123456789", "a|b=c+" * 20]), NAMES, st.just("{}")),
    st.builds(
        ToolResult,
        st.sampled_from(["c1", "", "toolu_0123456789", "nobody"]),
        NAMES,
        st.sampled_from([(Text("found"),), (), (PNG,), (Text(" "),)]),
        error=st.booleans(),
    ),
    st.builds(
        Reasoning, st.just("Hm."), st.sampled_from(["", '{"chat": {"x": 1}}', "no json"]), st.just("p"), st.just("m")
    ),
)
HISTORIES = st.lists(
    st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.lists(PARTS, max_size=6).map(tuple)),
    max_size=6,
).map(lambda messages: (*messages, user("What is 2+2?")))


@given(HISTORIES)
@pytest.mark.parametrize("spoken", SPOKEN)
def test_any_history_is_taken_by_the_strictest_server(spoken: str, history: tuple[Message, ...]) -> None:
    sent = body(spoken, history, tools=(LOOK,))
    assert strict.complaint(PATHS[spoken], sent) == ""
    assert "What is 2+2?" in json.dumps(sent)


@given(HISTORIES)
@pytest.mark.parametrize("spoken", SPOKEN)
def test_no_text_of_a_history_is_lost(spoken: str, history: tuple[Message, ...]) -> None:
    sent = json.dumps(body(spoken, history))
    written = [part.text for m in history for part in m.parts if isinstance(part, Text) and part.text.strip()]
    assert all(text in sent for text in written)


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_callers_tools_are_called_what_the_caller_calls_them(spoken: str) -> None:
    dotted = msgspec.structs.replace(LOOK, name="files.look")
    called = Message(
        "assistant", (ToolCall("c1", "files.look", "{}"), ToolResult("c1", "files.look", (Text("found"),)))
    )
    assert json.dumps(body(spoken, (user("Where?"), called), tools=(dotted,))).count('"files.look"') == 2
    assert json.dumps(body(spoken, (user("Where?"), called), tools=(LOOK,))).count('"files.look"') == 0


RESULTS = ("tool", "function_call_output")
LOOKED: tuple[Part, ...] = (
    Reasoning("I should look."),
    Text("I look."),
    ToolCall("call-a", "look", '{"at": 1}'),
    ToolCall("call-b", "look", ""),
    ToolResult("call-b", "look", (Text("b"),)),
    ToolResult("call-a", "look", (Text("a"), PNG)),
    Reasoning("Now I know."),
    Text("It is there."),
)


@pytest.mark.parametrize("spoken", SPOKEN)
def test_one_message_becomes_the_turns_it_was_made_of(spoken: str) -> None:
    sent = body(spoken, (user("Where?"), Message("assistant", LOOKED), user("Thanks.")), tools=(LOOK,))
    read = json.dumps(sent)
    assert read.index("I look.") < read.index("call-a") < read.index("call-b") < read.index("It is there.")
    assert read.index('"a\\n[picture' if spoken != "messages" else '"text": "a"') < read.index("It is there.")
    if spoken == "chat":
        roles = [message["role"] for message in sent["messages"]]
        assert roles == ["user", "assistant", "tool", "tool", "user", "assistant", "user"]
        assert [m["tool_call_id"] for m in sent["messages"] if m["role"] == "tool"] == ["call-a", "call-b"]
        assert sent["messages"][4]["content"][1]["type"] == "image_url"
        assert [c["function"]["arguments"] for c in sent["messages"][1]["tool_calls"]] == ['{"at": 1}', "{}"]


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_picture_in_a_result_is_shown_where_the_dialect_lets_it_and_named_to_the_blind(spoken: str) -> None:
    history = (user("Where?"), Message("assistant", LOOKED), user("Thanks."))
    sent = body(spoken, history, tools=(LOOK,))
    assert strict.complaint(PATHS[spoken], sent) == ""
    turns = messages_in(sent)
    if spoken == "messages":
        result = turns[2]["content"][0]
        assert (result["type"], len(turns[2]["content"])) == ("tool_result", 2)
        assert [block["type"] for block in result["content"]] == ["text", "image"]
    else:
        last = max(at for at, turn in enumerate(turns) if turn.get("type", turn.get("role")) in RESULTS)
        assert turns[last + 1]["role"] == "user"
        assert turns[last + 1]["content"][1]["type"] in ("image_url", "input_image")
    blind = json.dumps(body(spoken, history, tools=(LOOK,), images=False))
    assert "dot.png" in blind
    assert "cG5n" not in blind


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_call_that_was_never_answered_is_answered_with_an_error(spoken: str) -> None:
    history = (user("Where?"), Message("assistant", (ToolCall("call-a", "look", "{}"),)), user("Never mind."))
    assert UNANSWERED in json.dumps(body(spoken, history))


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_result_whose_call_is_gone_is_said_in_words(spoken: str) -> None:
    gone = Message("assistant", (ToolResult("call-a", "look", (Text("It was there."),)), Text("Good.")))
    sent = body(spoken, (user("Where?"), gone, user("Thanks.")))
    assert "It was there." in json.dumps(sent)
    assert strict.complaint(PATHS[spoken], sent) == ""


def test_ids_are_kept_where_they_are_taken_and_short_where_not() -> None:
    long = "fc_" + "x|+/=" * 80
    history = (
        user("Where?"),
        Message("assistant", (ToolCall("abc", "look", "{}"), ToolCall(long, "look", "{}"))),
        user("?"),
    )
    calls = body("chat", history)["messages"][1]["tool_calls"]
    assert [call["id"] for call in calls] == ["abc", short_id(long)]
    mistral = body("chat", history, call_id="[A-Za-z0-9]{9}")["messages"][1]["tool_calls"]
    assert all(re.fullmatch("[A-Za-z0-9]{9}", call["id"]) for call in mistral)
    assert body("chat", history) == body("chat", history), "the same ids each time, or no cache would ever match"


def test_a_history_that_begins_with_the_model_gets_a_user_before_it() -> None:
    for spoken in SPOKEN:
        assert messages_in(body(spoken, (assistant("Hello."), user("Hi."))))[0]["role"] == "user"


@pytest.mark.parametrize(
    ("spoken", "image", "pdf"),
    [
        ("chat", "image_url", "file"),
        ("responses", "input_image", "input_file"),
        ("messages", "image", "document"),
    ],
)
def test_pictures_and_papers_go_as_they_are_or_in_words(spoken: str, image: str, pdf: str) -> None:
    asked = (user("What is this?", (PNG, PDF)),)
    told = json.dumps(body(spoken, asked))
    assert f'"type": "{image}"' in told
    assert f'"type": "{pdf}"' in told
    assert "cG5n" in told
    blind = json.dumps(body(spoken, asked, images=False, pdfs=False))
    assert "What the paper says." in blind
    assert "dot.png" in blind
    assert "cG5n" not in blind


def test_reasoning_goes_back_with_calls_where_it_must_even_when_it_is_empty() -> None:
    calls = (user("Where?"), Message("assistant", LOOKED[2:]), user("Thanks."))
    sent = body("chat", calls, echo_reasoning=True)["messages"]
    assert sent[1]["reasoning_content"] == ""
    sent = body("chat", (user("Where?"), Message("assistant", LOOKED), user("?")), echo_reasoning=True)["messages"]
    assert sent[1]["reasoning_content"] == "I should look."
    assert "I should look." not in json.dumps(body("chat", (user("Where?"), Message("assistant", LOOKED), user("?"))))


KEPT: dict[str, tuple[Any, str]] = {
    "chat": ({"reasoning_details": [{"type": "reasoning.encrypted", "data": "secret"}]}, "secret"),
    "responses": (
        [
            {"keep": {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "enc-final-secret"}},
            {"text": 7},
        ],
        "secret",
    ),
    "messages": ([{"keep": {"type": "thinking", "thinking": "Hm.", "signature": "sig-secret"}}, {"text": 7}], "secret"),
}


def thought(spoken: str, provider: str = "p", model: str = "m", text: str = "Hello. ") -> tuple[Message, ...]:
    state = Reasoning("", json.dumps({spoken: KEPT[spoken][0]}), provider, model)
    return (user("Hi."), Message("assistant", (Text(text), state)), user("And?"))


@pytest.mark.parametrize("spoken", SPOKEN)
def test_state_goes_back_to_its_own_provider_and_model_alone(spoken: str) -> None:
    secret = KEPT[spoken][1]
    assert secret in json.dumps(body(spoken, thought(spoken)))
    for other in (thought(spoken, provider="q"), thought(spoken, model="n")):
        assert secret not in json.dumps(body(spoken, other))
    for another in SPOKEN:
        if another != spoken:
            assert secret not in json.dumps(body(another, thought(spoken)))
    assert secret not in json.dumps(body(spoken, thought(spoken), without=frozenset({"state"})))


@pytest.mark.parametrize("spoken", ["responses", "messages"])
def test_state_of_a_turn_that_was_edited_stays_here(spoken: str) -> None:
    sent = body(spoken, thought(spoken, text="Something else."))
    assert "secret" not in json.dumps(sent)
    assert "Something else." in json.dumps(sent)


def test_fields_beside_a_call_go_back_to_its_own_model_alone() -> None:
    def history(provider: str) -> tuple[Message, ...]:
        fields = {"extra_content": {"google": {"thought_signature": "secret"}}}
        opaque = json.dumps({"provider": provider, "model": "m", "fields": fields})
        return (user("Where?"), Message("assistant", (ToolCall("call-a", "look", "{}", opaque),)), user("?"))

    assert "secret" in json.dumps(body("chat", history("p")))
    assert "secret" not in json.dumps(body("chat", history("q")))
    foreign = body("chat", history("q"), traits={"foreign_calls": {"extra_content": {"google": "skip"}}})
    assert foreign["messages"][1]["tool_calls"][0]["extra_content"] == {"google": "skip"}


WISHES: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("chat", {"stop": ("a",)}, {"stop": ["a"]}),
    ("responses", {"stop": ("a",)}, None),
    ("messages", {"stop": ("a",)}, {"stop_sequences": ["a"]}),
    ("chat", {"seed": 7}, {"seed": 7}),
    ("responses", {"seed": 7}, None),
    ("messages", {"seed": 7}, None),
    ("chat", {"presence_penalty": 1.5}, {"presence_penalty": 1.5}),
    ("responses", {"presence_penalty": 1.5}, None),
    ("messages", {"frequency_penalty": 1.5}, None),
    ("chat", {"top_p": 0.5}, {"top_p": 0.5}),
    ("responses", {"top_p": 0.5}, {"top_p": 0.5}),
    ("messages", {"top_p": 0.5}, {"top_p": 0.5}),
    ("chat", {"tools": (LOOK,), "tool_choice": "required"}, {"tool_choice": "required"}),
    ("responses", {"tools": (LOOK,), "tool_choice": "required"}, {"tool_choice": "required"}),
    ("messages", {"tools": (LOOK,), "tool_choice": "required"}, {"tool_choice": {"type": "any"}}),
    (
        "chat",
        {"tools": (LOOK,), "tool_choice": "look"},
        {"tool_choice": {"type": "function", "function": {"name": "look"}}},
    ),
    ("responses", {"tools": (LOOK,), "tool_choice": "look"}, {"tool_choice": {"type": "function", "name": "look"}}),
    ("messages", {"tools": (LOOK,), "tool_choice": "look"}, {"tool_choice": {"type": "tool", "name": "look"}}),
    ("chat", {"response_format": {"type": "json_object"}}, {"response_format": {"type": "json_object"}}),
    ("responses", {"response_format": {"type": "json_object"}}, {"text": {"format": {"type": "json_object"}}}),
    ("messages", {"response_format": {"type": "json_object"}}, None),
]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}


@pytest.mark.parametrize(("spoken", "wish", "said"), WISHES)
def test_a_wish_is_said_or_refused_and_never_left_out(
    spoken: str, wish: dict[str, Any], said: dict[str, Any] | None
) -> None:
    if said is None:
        with pytest.raises(ProviderError) as refusal:
            body(spoken, (user("Hi."),), **wish)
        assert refusal.value.error.kind == "bad_request"
        assert refusal.value.error.hint
    else:
        sent = body(spoken, (user("Hi."),), **wish)
        assert {name: sent[name] for name in said} == said


@pytest.mark.parametrize(
    ("spoken", "place"),
    [("chat", "response_format"), ("responses", "text"), ("messages", "output_config")],
)
def test_a_schema_is_said_in_each_dialect(spoken: str, place: str) -> None:
    assert {"type": "object"} in _values(body(spoken, (user("Hi."),), response_format=SCHEMA)[place])


def _values(value: Any) -> list[Any]:
    return [value, *(found for inner in table(value).values() for found in _values(inner))]


def test_what_a_provider_cannot_be_told_is_refused_with_its_name() -> None:
    refused: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"stop": False}, {"stop": ("a",)}),
        ({"seed_field": ""}, {"seed": 1}),
        ({"tool_choices": ("auto",)}, {"tools": (LOOK,), "tool_choice": "required"}),
    ]
    for traits, wish in refused:
        with pytest.raises(ProviderError, match=r"^P cannot"):
            body("chat", (user("Hi."),), traits=traits, **wish)
    untold = body("chat", (user("Hi."),), traits={"tool_choices": ("auto",)}, tools=(LOOK,), tool_choice="none")
    assert {"tools", "tool_choice"}.isdisjoint(untold)


@pytest.mark.parametrize("spoken", SPOKEN)
def test_half_a_character_in_a_history_can_be_sent(spoken: str) -> None:
    half = "a \ud83d b"
    parts = (Text(half), ToolCall("call-a", "look", "{}"), ToolResult("call-a", "look", (Text(half),)), Text(half))
    sent = body(spoken, (system(half), user(half), Message("assistant", parts), user(half)))
    assert "a \ufffd b" in msgspec.json.encode(sent).decode()


def test_a_system_message_is_said_once_in_front() -> None:
    history = (system("Be kind."), user("Hi."), system("And brief."), user("Who are you?"))
    for spoken in SPOKEN:
        assert messages_in(body(spoken, history))[0] == {"role": "system", "content": "Be kind.\n\nAnd brief."}
    folded = body("chat", history, without=frozenset({"role:system"}))["messages"]
    assert [message["role"] for message in folded] == ["user"]
    assert folded[0]["content"].startswith("Be kind.\n\nAnd brief.\n\nHi.")


def test_the_beginning_that_agents_share_is_marked() -> None:
    history = (
        system("Be kind."),
        user("Hi."),
        assistant("Hello."),
        Message("user", (Text("Why?"), Text("Try otherwise."))),
    )
    sent = body("messages", history, cache_key="run", traits={"cache_points": 4})
    assert "cache_control" in sent["system"][-1]
    assert "cache_control" in sent["messages"][1]["content"][-1]
    assert [("cache_control" in block) for block in sent["messages"][2]["content"]] == [True, True]
    assert "cache_control" not in json.dumps(body("messages", history, traits={"cache_points": 4}))
    one = json.dumps(body("messages", history, cache_key="run", traits={"cache_points": 1}))
    assert one.count("cache_control") == 1
    for spoken in ("chat", "responses"):
        keyed = body(spoken, history, cache_key="run", traits={"cache_key": "prompt_cache_key"})
        assert keyed["prompt_cache_key"] == "run"


def test_thinking_has_room_below_the_cap() -> None:
    traits = {"reasons": True, "on": {"thinking": {"type": "enabled", "budget_tokens": 4096}}}
    sent = body("messages", (user("Hi."),), reason=True, max_tokens=2000, traits=traits)
    assert sent["thinking"]["budget_tokens"] < sent["max_tokens"]
    assert "thinking" not in body("messages", (user("Hi."),), reason=True, max_tokens=500, traits=traits)


def test_every_shipped_profile_speaks_its_dialect() -> None:
    for profile in load_profiles().values():
        for model in (profile.fast, profile.reasoning):
            traits = profile.traits(model)
            asked = Asked(Call(model="x/y", messages=(user("Hi."),), max_tokens=100), profile, model, traits)
            assert strict.complaint(PATHS[traits.dialect], dialect(traits.dialect).body(asked)) == ""


CALL = ToolCall("c1", "look", "{}")


def found(text: str, call: str = "c1") -> ToolResult:
    return ToolResult(call, "look", (Text(text),))


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_history_of_very_many_messages_costs_no_more_than_its_length(spoken: str) -> None:
    """Messages of one side in a row are one turn, and ids that come again are told apart, each in a single pass: in
    minutes otherwise, in which nothing else of the program goes on."""
    many = 20_000
    calls = tuple(part for at in range(many) for part in (CALL, found(f"seen {at}")))
    asked = tuple(Message("user", (Text(f"asked {at}. " * 20),)) for at in range(many))
    said = tuple(Message("assistant", (Text(f"said {at}. " * 20),)) for at in range(many))
    told = json.dumps(body(spoken, (*asked, *said, user("Look."), Message("assistant", calls))))
    assert all(f"{verb} {many - 1}" in told for verb in ("asked", "said", "seen"))


@pytest.mark.parametrize("spoken", SPOKEN)
def test_results_of_calls_with_one_id_are_taken_in_their_order(spoken: str) -> None:
    parts = (CALL, CALL, found("the first"), found("of no call", "gone"), found("the second"), found("of none"))
    told = json.dumps(body(spoken, (user("Look."), Message("assistant", parts))))
    where = [told.index(text) for text in ("the first", "the second", "of no call", "of none")]
    assert where == sorted(where)
