"""Every way a call can fail, as one typed error with one clear sentence and what to do next.

What kind of failure a complaint is stands in the table of `rulings.py`; what each means to a person stands here.

`CallError` is the `ProviderError` of this package: beside the error it says whether trying again could help, and what
the server complained of, from which `gateway.py` learns what to leave out of the request when it makes it again.
"""

from typing import Any

import msgspec

from chatmodes.events import Error, ErrorKind, Usage
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.complaints import Complaint, hide
from chatmodes.providers.known.ids import ENDPOINT
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.rulings import Ruling, judge

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
    ruling = judge(status, complaint)
    wait = retry_after if retry_after is not None else complaint.wait
    return failure(
        ruling.kind,
        sentence(ruling, profile, model, status, complaint, wait),
        hint_for(ruling, profile, wait),
        profile=profile,
        status=status,
        usage=usage,
        retryable=ruling.again,
        retry_after=wait if ruling.again else None,
        complaint=complaint,
    )


def kind_of(status: int | None, complaint: Complaint) -> ErrorKind:
    """What kind of failure a complaint is."""
    return judge(status, complaint).kind


_WHAT: dict[str, str] = {
    "auth": "{name} did not accept the key",
    "quota": "{name} says that the account has nothing left to spend",
    "rate_limit": "{name} is asked too often",
    "context_length": "The conversation is too long for {model}",
    "not_found": "{name} does not know the model {model}",
    "bad_request": "{name} turned the request down",
    "filtered": "{name} filtered the prompt",
    "timeout": "{name} took too long",
    "period": "{name} gives no more for now: a limit for the day, or a like period, is used up",
    "never": "{name} gives this account nothing of {model}",
    "too_large": "The request is larger than {name} ever lets this account send at once",
    "retired": "{name} no longer serves the model {model}",
    "policy": "{name} has no server for {model} that the account's privacy settings allow",
    "no_route": "{name} has no server for {model} that can do what was asked",
    "verify": "{name} wants to know who asks first",
    "terms": "{name} wants its terms for {model} accepted first",
    "region": "{name} does not serve the place that this request comes from",
    "tool_call": "{model} made a tool call that {name} could not read",
}
"""The beginning of the sentence, by what is special about the failure, else by its kind."""
_NEXT: dict[str, str] = {
    "quota": "Add credit{page}, or choose another model.",
    "rate_limit": "{wait}, ask with fewer agents, or choose another model.",
    "context_length": "Start a new conversation, shorten this one, or choose a model with a larger window.",
    "not_found": "`chatmodes models {id}` lists what it serves.",
    "bad_request": "Take back the setting that it names; providers.toml can change what is sent.",
    "filtered": "Say it in other words, or choose another model.",
    "timeout": "Try again, or choose another model.",
    "server": "Try again in a moment, or choose another model.",
    "period": "Wait until the limit resets, or choose another model.",
    "never": "Choose another model, or enable billing{page}.",
    "too_large": "Shorten the conversation, lower max_tokens, or choose another model.",
    "retired": "`chatmodes models {id}` lists what it serves today.",
    "policy": "Change them at https://openrouter.ai/settings/privacy or where it says, or choose another model.",
    "no_route": "Leave out pictures, tools or the limits on providers, or choose another model.",
    "verify": "Follow the page that it names, or choose another model.",
    "terms": "Accept them on the page that it names, or choose another model.",
    "region": "Choose another provider.",
    "tool_call": "Ask again, or choose another model.",
}
"""The next step, likewise."""


def sentence(
    ruling: Ruling, profile: Profile, model: str, status: int | None, complaint: Complaint, wait: float | None = None
) -> str:
    """What went wrong, with the server's own words at its end."""
    what = _WHAT.get(ruling.reason or ruling.kind, "{name} failed").format(name=profile.name, model=model)
    if ruling.kind == "not_found" and complaint.page:
        what = f"There is no chat API at the address of {profile.name}"
    if ruling.kind == "auth" and not ruling.reason and status == 403:
        what = f"{profile.name} does not allow this"
    number = f" ({status})" if status else ""
    said = "it sent a web page, " + repr(complaint.message) if complaint.page else complaint.message
    ended = f"{what}{number}: {said.rstrip('.')}." if said else f"{what}{number}."
    if ruling.reason == "period" and (complaint.reset or (wait and wait >= 60)):
        ended += f" It resets {complaint.reset or _in(wait or 0)}."
    return ended


def hint_for(ruling: Ruling, profile: Profile, wait: float | None = None) -> str:
    """What to do about it."""
    if ruling.kind == "auth" and not ruling.reason:
        return _key_hint(profile)
    if ruling.kind == "not_found" and not ruling.reason and profile.id in _SERVED:
        return _SERVED[profile.id]
    page = f" at {profile.key_page}" if profile.key_page else ""
    waiting = f"Wait {wait:.0f} s" if wait and wait >= 1 else "Wait a little"
    return _NEXT.get(ruling.reason or ruling.kind, "").format(id=profile.id, page=page, wait=waiting)


def _key_hint(profile: Profile) -> str:
    """Where a better key could come from."""
    if profile.id == ENDPOINT:
        return "Set CHATMODES_API_KEY to the server's key."
    stored = f"store {'another' if profile.key_variables else 'its key'} with `chatmodes keys set {profile.id}`"
    if profile.key_variables:
        return f"Check {profile.key_variables[0]}, or {stored}."
    if profile.key_command:
        return f"Run `{profile.key_command[0]}` yourself to see what it prints, or {stored}."
    return f"{stored[0].upper()}{stored[1:]}."


def _in(seconds: float) -> str:
    """A time from now in words: "in 7 min", "in 3 h"."""
    minutes = round(seconds / 60)
    return f"in {minutes} min" if minutes < 100 else f"in {round(minutes / 60)} h"


def missing_key(profile: Profile) -> CallError:
    """No key for a provider that wants one."""
    ways = [f"set {profile.key_variables[0]}"] if profile.key_variables else []
    if profile.key_command:
        ways.append(f"install `{profile.key_command[0]}`, which prints it")
    ways.append(f"run `chatmodes keys set {profile.id}`")
    hint = f"{', or '.join(ways)}."
    page = f" Keys are made at {profile.key_page}." if profile.key_page else ""
    return failure("auth", f"There is no key for {profile.name}.", hint[0].upper() + hint[1:] + page, profile=profile)


def no_address(profile: Profile) -> CallError:
    """A provider whose address only the environment could say, and does not."""
    return failure("bad_request", f"{profile.name} has no address.", profile.address_hint(), profile=profile)
