"""Every way a chat API is known to fail, one small script a row, named as `fault:NAME`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from time import time

from tests.fake.chunks import chunk, usage
from tests.fake.scenarios import Name, finish, stream
from tests.fake.wire import Wire

Fault = Callable[[Wire, Name], Awaitable[None]]
FAULTS: dict[str, Fault] = {}
HTML = "<!doctype html><html><head><title>Log in to the guest network</title></head><body><p>Welcome</p></body></html>"


def fault(name: str) -> Callable[[Fault], Fault]:
    def register(function: Fault) -> Fault:
        FAULTS[name] = function
        return function

    return register


async def play(wire: Wire, name: Name) -> None:
    """`fault:NAME[,times=N]`: with `times`, only the first N requests for that model fail, the rest are answered."""
    script = FAULTS.get(name.value)
    if script is None:
        await wire.reply(404, {"error": {"message": f"No fault is called {name.value!r}", "code": "model_not_found"}})
        return
    times = int(name.number("times", 0))
    if times and wire.number > times:
        await stream(wire, name, "Hello after all.")
        return
    await script(wire, name)


async def begin(wire: Wire) -> None:
    await wire.event(chunk({"role": "assistant", "content": ""}))
    for piece in ("Hello", " from", " the", " first", " half"):
        await wire.event(chunk({"content": piece}))


# What breaks in mid-stream.


@fault("reset-mid-stream")
async def _reset(wire: Wire, name: Name) -> None:
    await begin(wire)
    await asyncio.sleep(0.05)  # a reset throws away what the client has not read yet
    await wire.reset()


@fault("reset-before-headers")
async def _reset_early(wire: Wire, name: Name) -> None:
    await wire.reset()


@fault("cut")
async def _cut(wire: Wire, name: Name) -> None:
    """An orderly end of the body, with neither a finish reason nor [DONE]."""
    await begin(wire)


@fault("cut-with-done")
async def _cut_done(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.event("[DONE]")


@fault("cut-mid-chunk")
async def _cut_chunk(wire: Wire, name: Name) -> None:
    """The connection closes inside the chunked body: an incomplete read."""
    await begin(wire)
    await wire.raw(b'data: {"choices":[{"delta":{"cont')
    await wire.close()


@fault("no-last-blank-line")
async def _no_blank(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.raw(b"data: " + json.dumps(chunk({}, finish="stop")).encode() + b"\n")


@fault("no-done")
async def _no_done(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.event(chunk({}, finish="stop"))


@fault("done-then-gone")
async def _done_gone(wire: Wire, name: Name) -> None:
    """A complete answer, and a server that closes right behind it, without the body's last chunk."""
    await begin(wire)
    await wire.event(chunk({}, finish="stop"))
    await wire.event("[DONE]")
    await wire.close()


@fault("done-then-reset")
async def _done_reset(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.event(chunk({}, finish="stop"))
    await wire.event("[DONE]")
    await asyncio.sleep(0.02)  # a reset throws away what the client has not read yet
    await wire.reset()


@fault("hang")
async def _hang(wire: Wire, name: Name) -> None:
    await wire.hang()


@fault("hang-mid-stream")
async def _hang_mid(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.hang()


@fault("keep-alive-forever")
async def _keep_alive(wire: Wire, name: Name) -> None:
    while True:
        await wire.raw(b": keep-alive\n\n")
        await asyncio.sleep(0.02)


@fault("keep-alive")
async def _keep_alive_ok(wire: Wire, name: Name) -> None:
    for _ in range(3):
        await wire.raw(b": keep-alive\n\n")
    await begin(wire)
    await wire.raw(b": keep-alive\n\n")
    await finish(wire, name, 5)


@fault("endless")
async def _endless(wire: Wire, name: Name) -> None:
    while True:
        await wire.event(chunk({"content": "on and "}))
        await asyncio.sleep(0.01)


# Errors inside a stream that began with 200.


@fault("error-chunk")
async def _error_object(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.event({"error": {"message": "The backend has crashed", "type": "server_error", "code": 500}})


@fault("error-chunk-string")
async def _error_string(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.event({"error": "The backend has crashed"})


@fault("error-chunk-list")
async def _error_list(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.event([{"error": {"code": 503, "message": "The backend has crashed", "status": "UNAVAILABLE"}}])


@fault("error-event")
async def _error_event(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.event({"message": "The backend has crashed"}, name="error")


@fault("error-first")
async def _error_first(wire: Wire, name: Name) -> None:
    """An error as the first event: nothing has come yet, so it may be tried again."""
    await wire.event({"error": {"message": "Provider returned error", "code": 502}})


@fault("bad-json")
async def _bad_json(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.raw(b'data: {"choices": [{"delta": {"content": "x"\n\n')
    await finish(wire, name, 5)


@fault("bad-utf8")
async def _bad_utf8(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.raw(b'data: {"choices":[{"index":0,"delta":{"content":" \xff\xfe"},"finish_reason":null}]}\n\n')
    await finish(wire, name, 5)


@fault("finish-error")
async def _finish_error(wire: Wire, name: Name) -> None:
    await begin(wire)
    await wire.event(chunk({}, finish="error"))
    await wire.event("[DONE]")


# A 200 that is no stream.


@fault("json-with-200")
async def _json_200(wire: Wire, name: Name) -> None:
    """OpenRouter: an error object in a plain 200."""
    await wire.reply(200, {"error": {"message": "The upstream provider failed", "code": 502}})


@fault("html-with-200")
async def _html_200(wire: Wire, name: Name) -> None:
    await wire.reply(200, HTML, {"content-type": "text/html"})


@fault("answer-without-stream")
async def _whole(wire: Wire, name: Name) -> None:
    """A server that ignores `stream` and sends a whole completion."""
    message = {"role": "assistant", "content": "Hello in one piece"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    await wire.reply(200, {"object": "chat.completion", "choices": [choice], "usage": usage()})


@fault("empty")
async def _empty(wire: Wire, name: Name) -> None:
    await wire.event(chunk({"role": "assistant", "content": ""}))
    await finish(wire, name, 0)


@fault("empty-body")
async def _empty_body(wire: Wire, name: Name) -> None:
    """LM Studio on overflow: 200 and nothing at all."""
    await wire.end()


@fault("only-reasoning")
async def _only_reasoning(wire: Wire, name: Name) -> None:
    for piece in ("I think", " and think"):
        await wire.event(chunk({"reasoning_content": piece}))
    name.options["finish"] = "length"
    await finish(wire, name, 2, 2)


@fault("filtered")
async def _filtered(wire: Wire, name: Name) -> None:
    await begin(wire)
    name.options["finish"] = "content_filter"
    await finish(wire, name, 5)


@fault("filtered-empty")
async def _filtered_empty(wire: Wire, name: Name) -> None:
    await wire.event(chunk({}, finish="content_filter"))
    await wire.event("[DONE]")


# Statuses.

NO_MODEL = {"error": {"message": "The model `gpt-9` does not exist", "code": "model_not_found"}}
BAD_KEY = {
    "error": {"message": "Incorrect API key provided", "type": "invalid_request_error", "code": "invalid_api_key"}
}
SPENT = {
    "error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}
}
SLOW_DOWN = {"error": {"message": "Rate limit reached for requests", "type": "requests", "code": "rate_limit_exceeded"}}
TOO_LONG = {
    "error": {
        "message": "This model's maximum context length is 8192 tokens. However, you asked for 9001 tokens.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
}
DOWN = {"error": {"message": "Internal server error", "type": "server_error"}}

STATUSES: dict[str, tuple[int, object, dict[str, str]]] = {
    "401": (401, BAD_KEY, {}),
    "402": (402, {"error": {"message": "Insufficient credits", "code": 402}}, {}),
    "403": (403, {"error": {"message": "Your region is not supported", "code": "unsupported_country"}}, {}),
    "404": (404, NO_MODEL, {}),
    "400": (400, {"error": {"message": "Invalid 'messages[0].role'", "type": "invalid_request_error"}}, {}),
    "408": (408, {"error": {"message": "Request timed out"}}, {}),
    "409": (409, {"error": {"message": "Conflict"}}, {}),
    "412": (412, {"error": {"message": "Account suspended"}}, {}),
    "413": (413, {"error": {"message": "Request too large"}}, {}),
    "422": (422, {"detail": [{"loc": ["body", "messages"], "msg": "field required", "type": "value_error"}]}, {}),
    "429": (429, SLOW_DOWN, {}),
    "429-after-1": (429, SLOW_DOWN, {"retry-after": "1"}),
    "429-after-fraction": (429, SLOW_DOWN, {"retry-after": "0.2"}),
    "429-after-ms": (429, SLOW_DOWN, {"retry-after-ms": "150"}),
    "429-after-300": (429, SLOW_DOWN, {"retry-after": "300"}),
    "429-quota": (429, SPENT, {}),
    "429-spend": (429, {"error": {"message": "Spend limit reached", "code": "monthly_spend_limit_exceeded"}}, {}),
    "498": (498, {"error": {"message": "Flex tier capacity exceeded"}}, {}),
    "500": (500, DOWN, {}),
    "500-html": (502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", {}),
    "503": (503, {"error": {"message": "Loading model"}}, {"retry-after": "0"}),
    "529": (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, {}),
    "context": (400, TOO_LONG, {}),
    "context-500": (500, {"error": {"message": "the request exceeds the available context size", "code": 500}}, {}),
    "array-error": (400, [{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}], {}),
    "array-error-503": (503, [{"error": {"code": 503, "message": "The model is overloaded."}}], {}),
    "detail-error": (404, {"detail": "The model `nope` was not found"}, {}),
    "mistral-error": (400, {"object": "error", "message": {"detail": "Input is malformed"}, "type": "invalid"}, {}),
    "plain-error": (400, "something is wrong", {}),
    "empty-error": (500, "", {}),
}


def _status(name: str) -> Fault:
    async def script(wire: Wire, _: Name) -> None:
        status, body, headers = STATUSES[name]
        await wire.reply(status, body, headers)

    return script


FAULTS.update({name: _status(name) for name in STATUSES})


@fault("429-after-date")
async def _after_date(wire: Wire, name: Name) -> None:
    await wire.reply(429, SLOW_DOWN, {"retry-after": formatdate(time() + 1, usegmt=True)})


# Odd, but an answer.


@fault("odd-choices")
async def _odd(wire: Wire, name: Name) -> None:
    """`choices` null, empty and missing, a delta of null, a content of null, a finish nobody knows."""
    await wire.event({**chunk(), "choices": None})
    await wire.event({**chunk(), "choices": []})
    await wire.event({"object": "chat.completion.chunk"})
    await wire.event({"choices": [{"index": 0, "delta": None, "finish_reason": None}]})
    await wire.event(chunk({"content": None}))
    await wire.event(chunk({"content": "Hello"}))
    await wire.event(chunk({}, finish="because"))
    await wire.event("[DONE]")


@fault("content-list")
async def _list(wire: Wire, name: Name) -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    await wire.event(chunk({"content": [thought]}))
    await wire.event(chunk({"content": [{"type": "text", "text": "Hello"}]}))
    await finish(wire, name, 3)


@fault("tool-call")
async def _tool(wire: Wire, name: Name) -> None:
    """A tool call without an index, its arguments an object."""
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": {"where": "here"}}}
    await wire.event(chunk({"content": "Hello", "tool_calls": [call]}))
    await wire.event(chunk({"tool_calls": [{"function": {"arguments": None}}]}))
    await finish(wire, name, 3)


@fault("additive-usage")
async def _additive(wire: Wire, name: Name) -> None:
    """xAI: completion_tokens leaves the reasoning out."""
    await wire.event(chunk({"content": "Hello"}))
    await wire.event(chunk({}, finish="stop", usage=usage(10, 5, reasoning=7, cached=4)))
    await wire.event("[DONE]")


@fault("usage-on-choice")
async def _on_choice(wire: Wire, name: Name) -> None:
    await wire.event(chunk({"content": "Hello"}))
    last = chunk({}, finish="stop")
    last["choices"][0]["usage"] = usage(10, 5)
    await wire.event(last)
    await wire.event("[DONE]")


@fault("split-think")
async def _split_think(wire: Wire, name: Name) -> None:
    for piece in ("<", "thi", "nk>", "Let me", " see", "</", "think", ">\n\n", "Hello"):
        await wire.event(chunk({"content": piece}))
    await finish(wire, name, 9)


@fault("unclosed-think")
async def _unclosed(wire: Wire, name: Name) -> None:
    await wire.event(chunk({"content": "<think>I never"}))
    await wire.event(chunk({"content": " stop thinking"}))
    await finish(wire, name, 5)
