"""How much a model is asked to reason, in the fields of its profile."""

from typing import Any

from chatmodes.providers.calls import Call
from chatmodes.providers.known.traits import Traits


def asked_of(call: Call, traits: Traits, body: dict[str, Any], place: str) -> None:
    """Put the fields into `body` that make a model reason, or not, or so much. The level goes to `place`, where the
    profile names no other."""
    if call.reason is False:
        body.update(traits.off)
        effort = traits.off_effort
    else:
        effort = call.effort if call.effort in traits.efforts else ""
        if call.reason or effort:
            body.update(traits.on)
            effort = effort or traits.effort
    if effort:
        _put(body, traits.effort_field or place, effort)


def samples(call: Call, traits: Traits) -> bool:
    """Whether a temperature may go along."""
    reasons = traits.reasons and (call.reason or (call.reason is None and traits.always_reasons))
    return traits.sampling and (traits.sampling_while_reasoning or not reasons)


def _put(body: dict[str, Any], path: str, value: object) -> None:
    *outer, last = path.split(".")
    for name in outer:
        body[name] = dict(body.get(name) or {})
        body = body[name]
    body[last] = value
