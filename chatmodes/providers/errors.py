"""Every way a call can fail, as one typed error with one clear sentence and what to do next.

`CallError` is the `ProviderError` of this package: beside the error it says whether trying again could help, which only
`retry.py` asks, and what the server complained of, which only the adaptive retry in `requests.py` asks.
"""

import re
from typing import Any

import msgspec

from chatmodes.events import Error, ErrorKind, Usage
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.complaints import Complaint, hide
from chatmodes.providers.known.profiles import Profile

OVERFLOW = re.compile(
    r"context_length_exceeded|context[ _]window|context length|context size|prompt is too long|prompt too long"
    r"|input token count.*exceeds|maximum prompt length|reduce the length of|too many tokens|input is too long"
    r"|request too large|tokens? exceeds? the|longer than the maximum",
    re.IGNORECASE,
)
_QUOTA = re.compile(
    r"insufficient_quota|credit_balance|spend_limit|insufficient (credits|funds|balance)|credit balance is too low"
    r"|exceeded your current quota|billing|payment|suspended|budget",
    re.IGNORECASE,
)
_DAILY = re.compile(r"per[ _]?day|daily", re.IGNORECASE)
_SOON = re.compile(r"(retry|try again) in", re.IGNORECASE)
_KEY = re.compile(
    r"invalid_api_key|api key not (valid|found)|incorrect api key|invalid api key|unauthorized", re.IGNORECASE
)
_FILTERED = re.compile(
    r"content_filter|content_policy|content management policy|safety system|moderation", re.IGNORECASE
)
_NO_MODEL = re.compile(
    r"model_not_found|model.{0,200}(not found|does not exist|not exist|not a valid model|unknown model|not supported)"
    r"|(unknown|invalid|no such) model|not a valid model",
    re.IGNORECASE,
)
_SERVED = {
    "endpoint": "Check the model's name; an endpoint lists those it serves at /models.",
    "ollama": "Get it with `ollama pull`, or see `ollama list` for what is there.",
}


class CallError(ProviderError):
    """A call that failed, and whether another attempt could go better."""

    def __init__(
        self,
        error: Error,
        usage: Usage | None = None,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        complaint: Complaint | None = None,
    ) -> None:
        super().__init__(error, usage)
        self.retryable = retryable
        self.retry_after = retry_after
        """Seconds the server asks to wait; None where it does not say."""
        self.complaint = complaint or Complaint()
        self.base_url = ""
        self.sent: dict[str, Any] = {}
        """The request's body and its address, where it got so far."""

    def hide(self, key: str | None) -> None:
        """Take the key out of what will be shown and stored, whoever wrote it there."""
        message, hint = hide(self.error.message, key), hide(self.error.hint, key)
        self.error = msgspec.structs.replace(self.error, message=message, hint=hint)
        self.args = (message,)


def failure(
    kind: ErrorKind,
    message: str,
    hint: str = "",
    *,
    profile: Profile,
    status: int | None = None,
    usage: Usage | None = None,
    retryable: bool = False,
    retry_after: float | None = None,
    complaint: Complaint | None = None,
) -> CallError:
    """A failure of a call to this provider."""
    error = Error(kind, message, hint, status, profile.id)
    return CallError(error, usage, retryable=retryable, retry_after=retry_after, complaint=complaint)


def refused(
    profile: Profile,
    model: str,
    status: int | None,
    complaint: Complaint,
    *,
    retry_after: float | None = None,
    usage: Usage | None = None,
) -> CallError:
    """The failure behind an error response, or an error inside a stream, where `status` is None."""
    status = status if status is not None else complaint.number
    kind = kind_of(status, complaint)
    message = sentence(kind, profile, model, status, complaint)
    return failure(
        kind,
        message,
        hint_for(kind, profile, retry_after),
        profile=profile,
        status=status,
        usage=usage,
        retryable=kind in ("rate_limit", "server") or status in (408, 409, 425),
        retry_after=retry_after,
        complaint=complaint,
    )


def kind_of(status: int | None, complaint: Complaint) -> ErrorKind:
    """What kind of failure it is. Texts come before statuses: one overflow is a 400 here and a 500 there."""
    said = f"{complaint.code} {complaint.message}"
    if status == 401:
        return "auth"
    if status == 429 and _SOON.search(said) and "insufficient_quota" not in said and not _DAILY.search(said):
        return "rate_limit"  # Gemini says "exceeded your current quota" of a minute's as well as of a month's
    if status in (402, 412) or (status in (400, 403, 429) and (_QUOTA.search(said) or _DAILY.search(said))):
        return "quota"
    if status in (429, 498):
        return "rate_limit"
    if status == 413 or OVERFLOW.search(said):
        return "context_length"
    if status in (400, 403, 422) and _KEY.search(said):
        return "auth"
    if status in (400, 403, 422) and _FILTERED.search(said):
        return "filtered"
    if status == 404 or (status in (400, 403, 422) and _NO_MODEL.search(said)):
        return "not_found"
    if status == 403:
        return "auth"
    if status == 408:
        return "timeout"
    if status is not None and 400 <= status < 500 and status not in (409, 425):
        return "bad_request"
    if re.search(r"rate_limit|rate limit|too many requests", said, re.IGNORECASE):
        return "rate_limit"
    return "server"


def sentence(kind: ErrorKind, profile: Profile, model: str, status: int | None, complaint: Complaint) -> str:
    """What went wrong, with the server's own words at its end."""
    name = profile.name
    what = {
        "auth": f"{name} did not accept the key",
        "quota": f"{name} says that the account has nothing left to spend",
        "rate_limit": f"{name} is asked too often",
        "context_length": f"The conversation is too long for {model}",
        "not_found": f"{name} does not know the model {model}",
        "bad_request": f"{name} turned the request down",
        "filtered": f"{name} filtered the prompt",
        "timeout": f"{name} took too long",
        "server": f"{name} failed",
    }.get(kind, f"{name} failed")
    if kind == "not_found" and complaint.page:
        what = f"There is no chat API at the address of {name}"
    if kind == "auth" and status == 403:
        what = f"{name} does not allow this"
    number = f" ({status})" if status else ""
    said = "it sent a web page, " + repr(complaint.message) if complaint.page else complaint.message
    return f"{what}{number}: {said.rstrip('.')}." if said else f"{what}{number}."


def hint_for(kind: ErrorKind, profile: Profile, retry_after: float | None = None) -> str:
    """What to do about it."""
    variable = profile.key_variables[0] if profile.key_variables else ""
    key = f"Check {variable}, or store another with `chatmodes keys set {profile.id}`." if variable else ""
    more = f" at {profile.key_page}" if profile.key_page else ""
    wait = f"Wait {retry_after:.0f} s" if retry_after and retry_after >= 1 else "Wait a little"
    return {
        "auth": key,
        "quota": f"Add credit{more}, or choose another model.",
        "rate_limit": f"{wait}, ask with fewer agents, or choose another model.",
        "context_length": "Start a new conversation, shorten this one, or choose a model with a larger window.",
        "not_found": _SERVED.get(profile.id, f"`chatmodes models {profile.id}` lists what it serves."),
        "bad_request": "Take back the setting that it names; providers.toml can change what is sent.",
        "filtered": "Say it in other words, or choose another model.",
        "timeout": "Try again, or choose another model.",
        "server": "Try again in a moment, or choose another model.",
    }.get(kind, "")


def missing_key(profile: Profile) -> CallError:
    """No key for a provider that wants one."""
    where = f" Keys are made at {profile.key_page}." if profile.key_page else ""
    variable = f"Set {profile.key_variables[0]}, or run" if profile.key_variables else "Run"
    hint = f"{variable} `chatmodes keys set {profile.id}`.{where}"
    return failure("auth", f"There is no key for {profile.name}.", hint, profile=profile)
