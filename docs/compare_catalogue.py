"""What a public catalogue of models says differently from config/providers.toml.

`python docs/compare_catalogue.py FILE [PROVIDER …]`, where FILE has the form of models.dev's api.json: providers by id,
each with `api`, `env` and `models`. It prints one line a difference and changes nothing: which of the two is right is
for a person to find out, and to note in the row's `source`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatmodes.providers.available.lists import may_chat
from chatmodes.providers.known.profiles import Profile, load_shipped

NAMES = {
    "google": "gemini", "google-vertex": "vertex", "amazon-bedrock": "bedrock", "moonshotai": "moonshot",
    "alibaba": "dashscope", "togetherai": "together", "fireworks-ai": "fireworks", "novita-ai": "novita",
}  # fmt: skip
"""The catalogue's ids where ours are others."""


def differences(catalogue: dict[str, Any], only: set[str] | None = None) -> Iterator[str]:
    """One sentence a difference, for the providers that both know."""
    profiles = load_shipped()
    for theirs, said in catalogue.items():
        ours = NAMES.get(theirs, theirs)
        profile = profiles.get(ours)
        if profile is None or (only and ours not in only):
            continue
        yield from _of_provider(profile, said)
        for model, fields in said.get("models", {}).items():
            outputs = fields.get("modalities", {}).get("output", ["text"])
            if may_chat(model) and "text" in outputs and fields.get("status") != "deprecated":
                yield from _of_model(profile, model, fields)


def _of_provider(profile: Profile, said: dict[str, Any]) -> Iterator[str]:
    address = str(said.get("api") or "").rstrip("/")
    if address and profile.base_url and address != profile.base_url.rstrip("/"):
        yield f"{profile.id}: address {profile.base_url}, there {address}"
    unknown = [
        name for name in said.get("env", ()) if name not in profile.key_variables and name.endswith(("KEY", "TOKEN"))
    ]
    if unknown:
        ours = ", ".join(profile.key_variables) or "no variable"
        yield f"{profile.id}: key in {ours}, there also {', '.join(unknown)}"


def _of_model(profile: Profile, model: str, said: dict[str, Any]) -> Iterator[str]:
    traits = profile.traits(model)
    limits, inputs = said.get("limit", {}), said.get("modalities", {}).get("input")
    options = said.get("reasoning_options")
    efforts = next((option["values"] for option in options or () if option.get("type") == "effort"), None)
    pairs: list[tuple[str, Any, Any]] = [
        ("context_window", traits.context_window, limits.get("context")),
        ("max_output", traits.max_output, limits.get("output")),
        ("reasons", traits.reasons, said.get("reasoning")),
        ("efforts", list(traits.efforts), efforts),
        ("tools", traits.tools, said.get("tool_call")),
        ("images", traits.images, None if inputs is None else "image" in inputs),
        ("pdfs", traits.pdfs, None if inputs is None else "pdf" in inputs),
        ("sampling", traits.sampling, said.get("temperature")),
    ]
    for name, ours, theirs in pairs:
        if ours is not None and theirs is not None and ours != theirs:
            yield f"{profile.id}/{model}: {name} {_shown(ours)}, there {_shown(theirs)}"


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Usage: python docs/compare_catalogue.py FILE [PROVIDER …]")
    found = list(differences(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), set(sys.argv[2:]) or None))
    print("\n".join(found) or "No differences.")
