"""What kind of failure a server's complaint is: a table, one row a wording, each with who words it so.

Rows are tried from top to bottom and the first that fits decides, so what is special stands before what is general: a
minute's limit that calls itself a quota before quotas, a day's before a minute's. Words come before statuses, since one
overflow is a 400 here and a 500 there. To teach it another wording, add a row; `errors.py` says what each means.
"""

import re
from typing import Literal

import msgspec

from chatmodes.events import ErrorKind
from chatmodes.providers.complaints import Complaint

Reason = Literal[
    "", "period", "never", "too_large", "retired", "policy", "no_route", "verify", "terms", "region", "tool_call"
]
"""What is special about a failure of its kind, where the sentence and the next step are others than the kind's own."""


class Ruling(msgspec.Struct, frozen=True):
    """What a failure is."""

    kind: ErrorKind
    reason: Reason = ""
    again: bool = False
    """Another attempt could go better."""


class Rule(msgspec.Struct, frozen=True):
    """A row: it fits where the status is one of `statuses` (any, where empty) and a code or the words are found. A
    status of None is an error inside a stream."""

    ruling: Ruling
    words: str
    """A regular expression over code and message, whatever their case; empty fits everything."""
    source: str
    """Who says it so."""
    statuses: tuple[int | None, ...] = ()
    codes: tuple[str, ...] = ()
    """Codes that say it alone, where the words do not."""

    def fits(self, status: int | None, said: str, code: str) -> bool:
        """Whether this row is about such an error."""
        if self.statuses and status not in self.statuses:
            return False
        if not set(self.codes).isdisjoint(code.split()):
            return True
        return re.search(self.words, said, re.IGNORECASE) is not None if self.words else not self.codes


_TURNED_DOWN = (400, 403, 422, None)
_SPENT = Ruling("quota")
_PERIOD = Ruling("quota", "period")
_OFTEN = Ruling("rate_limit", again=True)
_LONG = Ruling("context_length")
_FILTERED = Ruling("filtered")
_UNKNOWN = Ruling("not_found")
_KEY = Ruling("auth")

LIMITS = (
    Rule(Ruling("rate_limit", "too_large"), r"request too large|too large for", "OpenAI's TPM, which it can never fit", (429,)),
    Rule(Ruling("quota", "never"), r"limit: 0(?![.\d])", "Gemini, for a model that the free tier does not have", (429,)),
    Rule(_PERIOD, r"per[-_ ]?day|\bdaily\b|\b(rpd|tpd)\b", "Groq TPD, Cerebras RPD, Gemini PerDay, OpenRouter", (400, 403, 429)),
    Rule(_PERIOD, r"\b(hourly|weekly|monthly|session) (usage |request |token |free )*(limit|quota|allowance)", "Ollama cloud", (402, 403, 429, None)),
    Rule(_PERIOD, r"(per|/) ?(month|week)\b|limit reached for \d+ ?hours?|will reset at|(hit|reached) your usage limit", "Cohere trial keys, Zhipu's plans, OpenAI's", (403, 429, None)),
    Rule(_PERIOD, r"", "Zhipu: a day's calls, a plan's hours and week", (429,), ("1304", "1308", "1310")),
    Rule(_PERIOD, r"specified (api|workspace api) usage limits|regain access on", "Anthropic's own limit of a workspace"),
    Rule(_SPENT, r"insufficient_quota|credit_balance|spend_limit|billing_(hard_limit|not_active)", "OpenAI's codes"),
    Rule(_OFTEN, r"per_?minute|per minute|\b(rpm|tpm)\b|(per|/)[-_ ]?min\b|/ ?minute|per second|too many tokens, please wait", "Gemini PerMinute, Groq, OpenRouter free-models-per-min, Bedrock", (403, 429, None)),
    Rule(_OFTEN, r"(retry|try again) (in|after) [\d.]", "Gemini calls a minute's limit a quota too", (429,)),
)  # fmt: skip
"""How much and how often."""

SPENT = (
    Rule(_SPENT, r"", "the status itself; Fireworks suspends with 412", (402, 412)),
    Rule(_SPENT, r"used all available credits|monthly spending limit", "xAI, with 403 and 429"),
    Rule(_SPENT, r"credit balance is too low", "Anthropic"),
    Rule(_SPENT, r"exceeded your current quota|plan and billing details", "OpenAI, Gemini without a period, Moonshot"),
    Rule(_SPENT, r"(insufficient|not enough|no|negative|low) (account )?(credits?|funds?|balance|quota)\b", "DeepSeek, OpenRouter, SiliconFlow"),
    Rule(_SPENT, r"(credits?|balance|funds?|quota|allowance)( has| have| is| are)?( been)?( all)? (exhausted|depleted|used up|insufficient|overdrawn|run out)", "Hugging Face, Novita, Together"),
    Rule(_SPENT, r"arrearage|overdue[- ]payment|in good standing|past due", "DashScope"),
    Rule(_SPENT, r"余额不足|欠费|请充值|insufficient_balance", "Zhipu, MiniMax and others in their own language", (), ("1113", "base_resp:1008")),
    Rule(_SPENT, r"requires more credits|credit limit exceeded|monthly included credits|free ?tier ?only", "OpenRouter, Together, Hugging Face, DashScope"),
    Rule(_SPENT, r"\b(billing|payment required|spend(ing)? (limit|cap)|budget (has been )?exceeded|budgetexceeded|account .{0,30}suspended)", "LiteLLM's budgets and everybody's billing", (400, 403, 429, None)),
    Rule(_SPENT, r"quota (limit )?(was |is )?exceeded|exceeded .{0,30}quota", "who calls it a quota without a period, and not a 429", (400, 403, None)),
)  # fmt: skip
"""Nothing left to spend."""

THROTTLED = (Rule(_OFTEN, r"", "the status itself; Groq's capacity is 498", (429, 498)),)

OVERFLOW = (
    Rule(_LONG, r"context_length_exceeded|string_above_max_length", "OpenAI, and who copies its codes"),
    Rule(_LONG, r"context[ _]?window|contextwindowexceeded", "OpenAI, MiniMax, LiteLLM"),
    Rule(_LONG, r"(maximum|max|model'?s?|available) context (length|size)|context (length|size) (is|of|exceeded)", "vLLM, DeepSeek, Mistral, llama.cpp"),
    Rule(_LONG, r"greater than the context length|exceeds? (the )?context", "LM Studio, Anthropic's `exceed context limit`"),
    Rule(_LONG, r"prompt (is )?too long|input (is )?too long|too[_ ]many[_ ]prompt[_ ]tokens", "Anthropic, Ollama, Bedrock, Perplexity"),
    Rule(_LONG, r"total length of (all )?(the )?messages is too long", "Perplexity"),
    Rule(_LONG, r"number of input tokens .{0,20}exceed", "TensorRT and its kin"),
    Rule(_LONG, r"input token count.*exceeds|exceeds the maximum number of tokens", "Gemini"),
    Rule(_LONG, r"maximum prompt length|prompt exceeds max length|prompt length .{0,40}exceeds", "xAI, Zhipu, TensorRT", (), ("1261",)),
    Rule(_LONG, r"reduce the length of|reduce (your|the) (message size|prompt)", "Groq, OpenAI"),
    Rule(_LONG, r"exceeded model token limit|token limit exceeded|exceeds? (the |its )?(model'?s? )?(token )?limit of \d", "Moonshot, Copilot"),
    Rule(_LONG, r"`?inputs`? tokens? \+ `?max_new_tokens`? must be|`?inputs`? must have less than", "TGI"),
    Rule(_LONG, r"range of input length|input length should be|input characters", "DashScope, Qianfan"),
    Rule(_LONG, r"too many tokens|tokens? exceeds? the|max tokens of \d+ exceeded|requested token count exceeds", "Cohere, Snowflake, SGLang"),
    Rule(_LONG, r"longer than (the )?(maximum|model)|exceeds the max(imum)? sequence length", "vLLM, SGLang, TabbyAPI"),
    Rule(_LONG, r"request[_ ](entity )?too[_ ]large|payload too large", "Groq, Anthropic's type and proxies, about the body as a whole"),
    Rule(_LONG, r"", "the status itself", (413,)),
)  # fmt: skip
"""The conversation is too long."""

ROUTES = (
    Rule(Ruling("not_found", "policy"), r"data policy|privacy settings|data (training|retention|collection)", "OpenRouter's routing", (400, 403, 404)),
    Rule(Ruling("not_found", "no_route"), r"no (allowed providers|endpoints found that|endpoints? (available|support))", "OpenRouter's routing", (400, 404)),
    Rule(Ruling("auth", "verify"), r"organization must be verified|verify organization", "OpenAI, with 400, 403 and 404"),
    Rule(Ruling("auth", "terms"), r"terms[_ ](required|acceptance)|accept (the|its|their) (terms|license)|is gated|gated (repo|model)", "Groq, Hugging Face", (400, 401, 403, 404)),
    Rule(Ruling("auth", "region"), r"location is not supported|unsupported_country|country, region,? or territory|not available in your (country|region)", "Gemini, OpenAI, Anthropic", (400, 403, 451)),
    Rule(Ruling("not_found", "retired"), r"model_?(decommissioned|retired|deprecated)", "Groq's code"),
    Rule(Ruling("not_found", "retired"), r"models? [`'\"]?[\w./:@-]{2,}[`'\"]? .{0,20}(decommissioned|retired|deprecated|discontinued|sunset|shut ?down|end[- ]of[- ]life|no longer (available|supported|served|offered))", "Groq, Gemini, Cerebras, OpenAI"),
    Rule(Ruling("bad_response", "tool_call", again=True), r"tool_use_failed|tool call validation failed|failed to (call a function|parse tool call)", "Groq; recorded", (400,)),
)  # fmt: skip
"""The request is in order, and leads nowhere."""

KEYS = (
    Rule(_KEY, r"", "the status itself", (401,)),
    Rule(_KEY, r"invalid_?api_?key|valid api key|api key (not (valid|found)|is invalid|expired|has expired)|(incorrect|invalid|wrong|missing) (api[- ]?)?key", "Gemini, DashScope, everybody", _TURNED_DOWN),
    Rule(_KEY, r"permission_(error|denied)|access_?denied|not authori[sz]ed to perform", "Anthropic's type in a stream, Google, Bedrock", _TURNED_DOWN),
    Rule(_KEY, r"unauthori[sz]ed|not authenticated|authentication[_ ](fails|failed|error)|invalid x-api-key|invalid (access|auth\w*|bearer) token|invalid subscription key", "DeepSeek, Azure, Vertex, FastAPI", _TURNED_DOWN),
    Rule(_KEY, r"", "MiniMax, in a 200", (), ("base_resp:1004", "base_resp:2049")),
)  # fmt: skip

FILTERS = (
    Rule(_FILTERED, r"content_filter|content_policy|content management policy|responsible_?ai", "OpenAI, Azure", _TURNED_DOWN),
    Rule(_FILTERED, r"content exists risk", "DeepSeek"),
    Rule(_FILTERED, r"data_?inspection_?failed|inappropriate content", "DashScope"),
    Rule(_FILTERED, r"系统检测到输入或生成内容|敏感", "Zhipu, in its own language", (), ("1301", "base_resp:1026", "base_resp:1027")),
    Rule(_FILTERED, r"safety[_ ](system|check|filter|settings?)|violates? .{0,40}(guidelines|policy|policies|terms)|was flagged|prohibited[_ ]content|moderation|guardrail", "xAI, OpenAI's invalid_prompt, OpenRouter, Bedrock", (400, 403, 422, 451)),
)  # fmt: skip

MODELS = (
    Rule(_UNKNOWN, r"model_?not_?found|model.{0,200}(not found|does ?n[o']t exist|not exist|not a valid model|unknown model)|model [`'\"]?[\w./:@-]+[`'\"]? is (currently )?not supported", "OpenAI, Groq, DashScope", _TURNED_DOWN),
    Rule(_UNKNOWN, r"(unknown|invalid|no such|unrecognized) model|not a valid model|not_found_error", "OpenRouter, Mistral, Anthropic's type in a stream", _TURNED_DOWN, ("1211",)),
    Rule(_UNKNOWN, r"", "the status itself", (404, 410)),
)  # fmt: skip

STATUSES = (
    Rule(_KEY, r"", "the status itself", (403, 407)),
    Rule(Ruling("timeout", again=True), r"", "the status itself", (408,)),
    Rule(Ruling("server", again=True), r"", "the status itself", (409, 425)),
    Rule(Ruling("bad_request"), r"", "the status itself", tuple(range(400, 500))),
    Rule(Ruling("bad_request"), r"invalid_request_error|unsupported_(parameter|value)", "OpenAI's types, in a 200", (None,)),
    Rule(_OFTEN, r"rate_?limit|rate limit|too many requests|throttl", "in a stream, without a status", (), ("base_resp:1002", "base_resp:1039")),
    Rule(Ruling("server", again=True), r"", "nothing fits: the server's fault until it says otherwise"),
)  # fmt: skip

RULES = (*LIMITS, *ROUTES, *SPENT, *KEYS, *THROTTLED, *OVERFLOW, *FILTERS, *MODELS, *STATUSES)


def judge(status: int | None, complaint: Complaint) -> Ruling:
    """What a complaint with this status is."""
    said = f"{complaint.code} {complaint.message}"
    return next(rule.ruling for rule in RULES if rule.fits(status, said, complaint.code))
