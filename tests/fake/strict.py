"""What the strictest servers of each dialect refuse about a conversation: the message, or nothing where all is well."""

import re
from typing import Any

Table = dict[str, Any]
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def complaint(path: str, body: Table) -> str:
    """What is wrong with a request; empty where nothing is."""
    last = path.split("?")[0].rpartition("/")[2]
    if last == "responses":
        return _responses(body)
    return _messages(body) if last == "messages" else _chat(body)


def _chat(body: Table) -> str:
    messages: list[Table] = body.get("messages") or []
    open_calls: list[str] = []
    before = "system"
    for place, message in enumerate(messages):
        role, content = message.get("role"), message.get("content")
        calls: list[Table] = message.get("tool_calls") or []
        where = f"messages[{place}]"
        if open_calls and role != "tool":
            return f"{where}: tool_call_ids did not have response messages: {', '.join(open_calls)}"
        if content is None and not calls:
            return f"{where}: content must not be null"
        if content == "" and not calls:
            return f"{where}: content must not be empty"
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                return f"{where}: unexpected tool_call_id {message.get('tool_call_id')!r}"
            open_calls.remove(message["tool_call_id"])
        elif role == before and role != "system":
            return f"{where}: conversation roles must alternate user/assistant"
        if role == "assistant" and before in ("system", "developer"):
            return f"{where}: the conversation must begin with a user message"
        for call in calls:
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", call["id"]):
                return f"{where}: invalid id {call['id']!r}"
            if not NAME.fullmatch(call["function"]["name"]):
                return f"{where}: invalid name {call['function']['name']!r}"
            if not isinstance(call["function"]["arguments"], str):
                return f"{where}: arguments must be a string"
            open_calls.append(call["id"])
        before = role if role != "tool" else "tool"
    return f"calls without results: {open_calls}" if open_calls else ""


def _responses(body: Table) -> str:
    unknown = {"messages", "max_tokens", "max_completion_tokens", "stop", "seed", "reasoning_effort", "stream_options"}
    if found := unknown & body.keys():
        return f"Unknown parameter: '{found.pop()}'."
    if body.get("store") is not False:
        return "this test wants store to be false"
    open_calls: list[str] = []
    follower = False
    given: Any = body["input"]
    for place, item in enumerate([] if isinstance(given, str) else given):
        kind, where = item.get("type"), f"input[{place}]"
        if kind == "reasoning":
            if not str(item.get("encrypted_content", "")).startswith("enc-final-"):
                return f"{where}: the encrypted_content could not be verified"
            follower = True
            continue
        if kind == "function_call":
            if not NAME.fullmatch(item["name"]):
                return f"{where}: invalid name {item['name']!r}"
            open_calls.append(item["call_id"])
        elif kind == "function_call_output":
            if item["call_id"] not in open_calls:
                return f"{where}: no tool call found for {item['call_id']!r}"
            open_calls.remove(item["call_id"])
        elif kind == "message" and not item.get("content"):
            return f"{where}: empty content"
        if follower and item.get("role") == "user":
            return f"{where}: item of type 'reasoning' was provided without its required following item"
        follower = False
    if follower:
        return "item of type 'reasoning' was provided without its required following item"
    return f"No tool output found for function call {open_calls[0]}." if open_calls else ""


def _messages(body: Table) -> str:
    if not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    thinking: Table = body.get("thinking") or {}
    thinks = thinking.get("type") in ("enabled", "adaptive")
    if thinking.get("type") == "enabled" and thinking["budget_tokens"] >= body["max_tokens"]:
        return "`max_tokens` must be greater than `thinking.budget_tokens`"
    if thinks and "temperature" in body:
        return "`temperature` may only be set to 1 when thinking is enabled"
    marks = str(body).count("cache_control")
    if marks > 4:
        return f"A maximum of 4 blocks with cache_control may be provided. Found {marks}."
    before, open_calls = "", list[str]()
    for place, message in enumerate(body["messages"]):
        where, role, blocks = f"messages.{place}", message["role"], message["content"]
        if role == before or (place == 0 and role != "user"):
            return f"{where}: roles must alternate, and the first must be user"
        if not blocks:
            return f"{where}: all messages must have non-empty content"
        if said := _blocks(where, role, blocks, open_calls):
            return said
        before = role
    if thinks and body["messages"][-1]["content"][0]["type"] == "tool_result":
        first = body["messages"][-2]["content"][0]["type"]
        if thinking["type"] == "enabled" and first not in ("thinking", "redacted_thinking"):
            return f"Expected `thinking` or `redacted_thinking`, but found `{first}`"
    if "tool_use" in str(body["messages"]) and not body.get("tools"):
        return "Requests which include `tool_use` or `tool_result` blocks must define tools"
    return f"tool_use ids were found without tool_result blocks: {open_calls}" if open_calls else ""


def _blocks(where: str, role: str, blocks: list[Table], open_calls: list[str]) -> str:
    for block in blocks:
        kind = block["type"]
        if kind == "text" and not block["text"].strip():
            return f"{where}: text content blocks must contain non-whitespace text"
        if kind == "thinking" and not str(block.get("signature", "")).startswith("sig-"):
            return f"{where}: Invalid `signature` in `thinking` block"
        if kind == "tool_result":
            if block["tool_use_id"] not in open_calls:
                return f"{where}: unexpected `tool_use_id` found in `tool_result` blocks"
            open_calls.remove(block["tool_use_id"])
        elif open_calls and role == "user":
            return f"{where}: `tool_use` ids were found without `tool_result` blocks immediately after"
        if kind == "tool_use":
            if not isinstance(block["input"], dict):
                return f"{where}: input must be an object"
            if not NAME.fullmatch(block["name"]):
                return f"{where}: invalid name {block['name']!r}"
            open_calls.append(block["id"])
    return ""
