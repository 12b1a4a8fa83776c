"""What servers say is wrong, verbatim where it was recorded or published, and what a person is told."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.providers.complaints import from_body
from chatmodes.providers.errors import CallError, refused
from chatmodes.providers.keys.hiding import hide
from chatmodes.providers.known.profiles import Profile, load_profiles
from chatmodes.providers.retry import retry_after
from chatmodes.providers.rulings import RULES

XAI = (
    "Your team abc has either used all available credits or reached its monthly spending limit. To continue making API "
    "requests, please purchase more credits or raise your spending limit."
)
GEMINI = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "head to: https://ai.google.dev/gemini-api/docs/rate-limits. * Quota exceeded for metric: "
    "generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 20, model: gemini-3.8-flash"
)


def told(provider: str, status: int | None, body: object, model: str = "some-model") -> CallError:
    profile = load_profiles().get(provider) or Profile(id=provider, name="Mine", base_url="https://host/v1")
    complaint = from_body(body if isinstance(body, str) else json.dumps(body))
    return refused(profile, model, status, complaint, retry_after=retry_after({}, complaint.message))


def error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


def gemini(period: str, delay: str, message: str = GEMINI) -> list[dict[str, Any]]:
    violation = {"quotaId": f"GenerateRequestsPer{period}PerProjectPerModel-FreeTier", "quotaValue": "20"}
    details = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ]
    return [error(message, code=429, status="RESOURCE_EXHAUSTED", details=details)]


def routed(status: int, raw: object, provider: str = "Google") -> dict[str, Any]:
    """As OpenRouter passes on what the server behind it said."""
    return error("Provider returned error", code=status, metadata={"raw": raw, "provider_name": provider})


OVERFLOWS = [
    (400, "context_length_exceeded"),
    (400, "Your input exceeds the context window of this model."),
    (400, "This model's maximum context length is 8192 tokens."),
    (400, "prompt is too long: 210000 tokens > 200000 maximum"),
    (400, "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"),
    (400, "The input token count (1100000) exceeds the maximum number of tokens allowed"),
    (400, "This model's maximum prompt length is 131072"),
    (400, "Please reduce the length of the messages or completion."),
    (500, "the request exceeds the available context size"),
    (400, "The number of tokens to keep from the initial prompt is greater than the context length"),
    (400, "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)"),
    (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8192. Given: 9000"),
    (422, "Input validation error: `inputs` must have less than 4096 tokens"),
    (400, "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]"),
    (400, "litellm.ContextWindowExceededError: litellm.BadRequestError: too much of it"),
    (400, "prompt too long; exceeded max context length by 1119046 tokens"),
    (400, "The total length of all messages is too long."),
    (400, "too many tokens: total number of tokens in the prompt cannot exceed 4081"),
    (400, "max tokens of 8192 exceeded"),
    (400, "Requested token count exceeds the model's maximum of 32768"),
    (400, "The prompt (9000) is longer than the model's context"),
    (400, "prompt token count of 200000 exceeds the limit of 128000"),
    (400, "input is too long for requested model"),
    (400, "Prompt contains 200000 tokens, too large for model with 131072 maximum context length"),
    (413, "Request too large for model `x` on tokens per minute: please reduce your message size and try again."),
    (413, ""),
    (None, "This endpoint's maximum context length is 131072 tokens."),
]


@pytest.mark.parametrize(("status", "message"), OVERFLOWS)
def test_an_overflow_is_known_by_its_words(status: int | None, message: str) -> None:
    failed = told("endpoint", status, error(message))
    assert failed.error.kind == "context_length"
    assert not failed.retryable
    assert "shorten" in failed.error.hint


SAID: list[tuple[str, int | None, object, str, bool, str]] = [
    # provider, status, body, kind, tried again, words of the sentence or the hint
    ("anthropic", 400, error("Your credit balance is too low to access the API."), "quota", False, "Add credit"),
    ("anthropic", 400, error("You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."), "quota", False, "2026-12-01"),
    ("openai", 429, error("You exceeded your current quota, please check your plan and billing details.", code="insufficient_quota"), "quota", False, "Add credit"),
    ("openai", 429, error("Rate limit reached for gpt-6 on tokens per min (TPM): Limit 10000, Used 9999, Requested 500. Please try again in 6s.", code="rate_limit_exceeded"), "rate_limit", True, "Wait 6 s"),
    ("openai", 429, error("Request too large for gpt-6 in organization org-1 on tokens per min (TPM): Limit 30000, Requested 51234."), "rate_limit", False, "Shorten"),
    ("openai", 400, error("Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general"), "auth", False, "Follow the page"),
    ("openai", 404, error("The model `gpt-5.2-proo` does not exist or you do not have access to it.", code="model_not_found"), "not_found", False, "chatmodes models openai"),
    ("openai", 403, error("Country, region, or territory not supported", code="unsupported_country_region_territory"), "auth", False, "another provider"),
    ("openai", 400, error("Invalid prompt: your prompt was flagged as potentially violating our usage policy."), "filtered", False, "other words"),
    ("openai", 400, error("Web search options not supported with this model.", param="web_search_options"), "bad_request", False, "Take back"),
    ("openai", 400, error("Unsupported value: 'messages[0].role' does not support 'developer' with this model."), "bad_request", False, "Take back"),
    ("openai", 400, error("Invalid 'messages[3]'. Content blocks are expected to be either text or image_url type.", code="invalid_value", param="messages[3]"), "bad_request", False, "Take back"),
    ("openai", None, error("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", type="invalid_request_error", code="unsupported_parameter"), "bad_request", False, "Take back"),
    ("ollama-cloud", 401, error("Unauthorized", type="api_error"), "auth", False, "OLLAMA_API_KEY"),
    ("openrouter", 401, error("Missing Authentication header", code=401), "auth", False, "OPENROUTER_API_KEY"),
    ("deepseek", 401, error("Authentication Fails, Your api key: ****-key is invalid", type="authentication_error", code="invalid_request_error"), "auth", False, "DEEPSEEK_API_KEY"),
    ("xai", 403, {"code": "The caller does not have permission", "error": XAI}, "quota", False, "Add credit"),
    ("xai", 429, {"code": "Some resource has been exhausted", "error": XAI}, "quota", False, "Add credit"),
    ("xai", 403, {"error": "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"}, "filtered", False, "other words"),
    ("xai", 400, {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai."}, "auth", False, "XAI_API_KEY"),
    ("gemini", 429, gemini("Minute", "34s"), "rate_limit", True, "Wait 34 s"),
    ("gemini", 429, gemini("Day", "59s"), "quota", False, "midnight Pacific"),
    ("gemini", 429, gemini("Minute", "8s", "Quota exceeded for metric: x, limit: 0, model: gemini-pro"), "quota", False, "another model"),
    ("gemini", 400, [error("API key not valid. Please pass a valid API key.")], "auth", False, "GEMINI_API_KEY"),
    ("gemini", 400, [error("User location is not supported for the API use.", status="FAILED_PRECONDITION")], "auth", False, "another provider"),
    ("gemini", 404, [error("models/gemini-1.5-flash is not found for API version v1beta")], "not_found", False, "chatmodes models gemini"),
    ("gemini", 404, [error("This model models/gemini-2.0-flash is no longer available. Please update your code.")], "not_found", False, "no longer serves"),
    ("groq", 429, error("Rate limit reached for model `x` on tokens per day (TPD): Limit 100000, Used 99000, Requested 2000. Please try again in 7m12s. Need more tokens? Upgrade at https://console.groq.com/settings/billing", code="rate_limit_exceeded"), "quota", False, "resets in 7 min"),
    ("groq", 429, error("Rate limit reached for model `x` on requests per minute (RPM): Limit 30. Please try again in 2s. Upgrade at https://console.groq.com/settings/billing"), "rate_limit", True, "Wait 2 s"),
    ("groq", 400, error("The model `mixtral-8x7b-32768` has been decommissioned and is no longer supported. Please refer to https://console.groq.com/docs/deprecations", code="model_decommissioned"), "not_found", False, "no longer serves"),
    ("groq", 400, error("Tool call validation failed: missing properties: 'name'", code="tool_use_failed"), "bad_response", True, "tool call"),
    ("groq", 400, error("The model `x` requires terms acceptance. Please have the org admin accept the terms at https://console.groq.com", code="model_terms_required"), "auth", False, "Accept them"),
    ("cerebras", 429, error("Requests per day limit exceeded - too many requests sent.", code="request_quota_exceeded"), "quota", False, "Wait until the limit resets"),
    ("cerebras", 429, error("Tokens per minute limit exceeded - too many tokens processed.", code="token_quota_exceeded"), "rate_limit", True, "fewer agents"),
    ("cerebras", 429, error("Tokens per day limit exceeded - too many tokens processed.", code="token_quota_exceeded"), "quota", False, "another model"),
    ("openrouter", 429, error("Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day", code=429), "quota", False, "Wait until"),
    ("openrouter", 429, error("Rate limit exceeded: free-models-per-min.", code=429), "rate_limit", True, "fewer agents"),
    ("openrouter", 404, error("No endpoints found matching your data policy (Free model publication). Configure: https://openrouter.ai/settings/privacy", code=404), "not_found", False, "settings/privacy"),
    ("openrouter", 404, error("No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs", code=404), "not_found", False, "Leave out"),
    ("openrouter", 402, error("This request requires more credits, or fewer max_tokens."), "quota", False, "Add credit"),
    ("openrouter", 429, routed(429, "google/gemini:free is temporarily rate-limited upstream. Please retry shortly"), "rate_limit", True, "Google: google/gemini:free is temporarily"),
    ("openrouter", 400, routed(400, json.dumps(error("This endpoint's maximum context length is 131072 tokens."))), "context_length", False, "131072"),
    ("openrouter", 400, routed(400, json.dumps(error("x", code="context_length_exceeded"))), "context_length", False, "Google: x"),
    ("openrouter", 403, error("openai/gpt-6 requires moderation on OpenAI. Your input was flagged for \"violence\"", code=403), "filtered", False, "other words"),
    ("perplexity", 400, error("The total length of all messages is too long.", type="too_many_prompt_tokens", code=400), "context_length", False, "shorten"),
    ("perplexity", 401, error("Invalid API key provided.", type="invalid_api_key", code=401), "auth", False, "PERPLEXITY_API_KEY"),
    ("zai", 429, error("余额不足或无可用资源包,请充值。", code="1113"), "quota", False, "Add credit"),
    ("zai", 429, error("您的账户已达到速率限制", code="1302"), "rate_limit", True, "fewer agents"),
    ("zai", 429, error("Usage limit reached for 5 hour. Your limit will reset at 2026-11-26 20:00:00", code="1308"), "quota", False, "20:00:00"),
    ("zai", 400, error("系统检测到输入或生成内容可能包含不安全或敏感内容", code="1301"), "filtered", False, "other words"),
    ("dashscope", 400, error("Access denied, please make sure your account is in good standing.", code="Arrearage"), "quota", False, "Add credit"),
    ("dashscope", 400, error("Input data may contain inappropriate content.", code="data_inspection_failed"), "filtered", False, "other words"),
    ("dashscope", 403, error("The free tier of the model has been exhausted.", code="AllocationQuota.FreeTierOnly"), "quota", False, "Add credit"),
    ("dashscope", 400, {"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "r"}, "auth", False, "DASHSCOPE_API_KEY"),
    ("deepseek", 400, error("Content Exists Risk", type="invalid_request_error"), "filtered", False, "other words"),
    ("deepseek", 402, error("Insufficient Balance"), "quota", False, "Add credit"),
    ("minimax", None, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, "quota", False, "Add credit"),
    ("minimax", None, {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, "rate_limit", True, "fewer agents"),
    ("minimax", None, {"base_resp": {"status_code": 1026, "status_msg": "input new_sensitive"}}, "filtered", False, "other words"),
    ("minimax", None, {"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}}, "auth", False, "MINIMAX_API_KEY"),
    ("moonshot", 429, error("Your account org-1<ak-1> is suspended, please check your plan and billing details", type="exceeded_current_quota_error"), "quota", False, "Add credit"),
    ("cohere", 429, {"message": "You are using a Trial key, which is limited to 1000 API calls / month."}, "quota", False, "Wait until"),
    ("cohere", 429, {"message": "You are using a Trial key, which is limited to 20 API calls / minute."}, "rate_limit", True, "fewer agents"),
    ("ollama-cloud", 429, {"error": "you (me) have reached your weekly usage limit, upgrade for higher limits"}, "quota", False, "Wait until"),
    ("bedrock", 429, {"message": "Too many tokens, please wait before trying again."}, "rate_limit", True, "fewer agents"),
    ("huggingface", 402, {"error": "You have exceeded your monthly included credits for Inference Providers."}, "quota", False, "Add credit"),
    ("litellm", 400, error("Budget has been exceeded! Current cost: 10.1, Max budget: 10.0", type="budget_exceeded"), "quota", False, "Add credit"),
    ("fireworks", 412, error("Account x is suspended"), "quota", False, "Add credit"),
    ("mistral", 401, {"detail": "Invalid API Key"}, "auth", False, "MISTRAL_API_KEY"),
    ("azure", 401, error("Access denied due to invalid subscription key or wrong API endpoint.", code="401"), "auth", False, "AZURE_OPENAI_API_KEY"),
    ("mine", 401, error("Unauthorized"), "auth", False, "chatmodes keys set mine"),
    ("endpoint", 401, error("Unauthorized"), "auth", False, "CHATMODES_API_KEY"),
    ("endpoint", None, {"error_code": 17, "error_msg": "Open api daily request limit reached"}, "server", True, "daily request limit"),
    ("endpoint", 400, error("temperature is deprecated for this model"), "bad_request", False, "Take back"),
    ("endpoint", 400, error("max_tokens: invalid token count"), "bad_request", False, "Take back"),
    ("endpoint", 422, error("temperature must be less than 2"), "bad_request", False, "Take back"),
    ("endpoint", 400, error("gpt-9 is not a valid model ID"), "not_found", False, "/models"),
    ("endpoint", 503, "", "server", True, "Try again"),
    ("endpoint", 404, "<html><title>Not found</title></html>", "not_found", False, "no chat API"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "status", "body", "kind", "again", "words"), SAID)
def test_what_is_said_is_understood(
    provider: str, status: int | None, body: object, kind: str, again: bool, words: str
) -> None:
    failed = told(provider, status, body)
    assert (failed.error.kind, failed.retryable) == (kind, again)
    assert words in f"{failed.error.message} {failed.error.hint}"
    assert failed.error.message.endswith(".")
    assert failed.error.hint.endswith(".")


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", '"no"', "3", '{"error": 3}', '{"error": {"code": NaN}}'])
def test_a_body_that_says_nothing_still_gets_a_sentence(body: str) -> None:
    failed = told("openai", 500, body)
    assert failed.error.kind == "server"
    assert failed.error.message.startswith("OpenAI failed (500)")


def test_every_row_has_a_source_and_the_last_fits_everything() -> None:
    assert all(rule.source for rule in RULES)
    assert RULES[-1].fits(None, "", "")


def test_a_limit_that_openrouter_names_is_told_with_its_end() -> None:
    body = error(
        "Rate limit exceeded: free-models-per-day",
        code=429,
        metadata={"headers": {"X-RateLimit-Reset": "99999999999999"}},
    )
    assert "It resets in" in told("openrouter", 429, body).error.message


KEY = "sk-proj-Zx9Kq2LmN4pRt7Vw-Yb3Dc5Fg8Hj_0"
B64 = base64.b64encode(KEY.encode()).decode()
SPELLED = [
    KEY, KEY[:20], KEY[-20:], KEY.upper(), KEY[::-1], KEY.encode().hex(), KEY.encode().hex().upper(), B64, B64.rstrip("="), B64[:30],
    base64.b64encode(b"Bearer " + KEY.encode()).decode(), base64.b64encode(b":" + KEY.encode()).decode(),
    base64.b64encode(f"user:{KEY}".encode()).decode(), base64.urlsafe_b64encode(f"{{\"key\": \"{KEY}\"}}".encode()).decode(),
    " ".join(KEY), "-".join(KEY), "\n".join(KEY[at : at + 8] for at in range(0, len(KEY), 8)), KEY.replace("-", "%2D").replace("_", "%5F"),
]  # fmt: skip


@pytest.mark.parametrize("spelled", SPELLED)
def test_a_key_is_hidden_in_every_spelling_that_is_cheap_to_find(spelled: str) -> None:
    for body in (error(f"Wrong key {spelled} sent"), f"Wrong key {spelled} sent"):
        complaint = from_body(body if isinstance(body, str) else json.dumps(body), KEY)
        left = "".join(char for char in complaint.message if char.isalnum())
        assert "Zx9Kq2LmN4" not in left
        assert "Yb3Dc5Fg8Hj" not in left
        assert spelled[4:24] not in complaint.message
        assert complaint.message.startswith("Wrong key")


def test_what_providers_show_of_a_key_stays() -> None:
    assert hide("Incorrect API key provided: sk-pr***8Hj_0.", KEY) == "Incorrect API key provided: sk-pr***8Hj_0."


@given(st.text(max_size=200), st.text(max_size=60))
def test_hiding_never_breaks(text: str, key: str) -> None:
    hidden = hide(text, key)
    assert len(key) < 4 or key not in hidden or key in "…"
