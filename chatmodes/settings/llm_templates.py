"""Templates of the command-line program `llm`, read into ours: YAML files with a prompt, a system prompt and options.

What has no counterpart here is left out and named. A template of llm may hold Python, which is data to this program.
"""

from pathlib import Path
from typing import Any, NamedTuple, cast

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.files import read_regular
from chatmodes.settings.templates import LARGEST_TEMPLATE, Template, checked_template

_OPTIONS = {
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "reasoning_effort": "effort",
    "stop": "stop",
}
_KEPT = ("prompt", "system", "defaults", "options", "name", "model")


class Read(NamedTuple):
    """A template of llm's as it is here."""

    name: str
    template: Template
    left_out: tuple[str, ...]
    """What it has that is nothing here, by llm's names."""


def read_llm_template(path: Path) -> Read:
    """A template from llm's YAML file. Raises `ConfigError` for a file that cannot be one."""
    import yaml

    try:
        text = read_regular(path, LARGEST_TEMPLATE).decode("utf-8-sig")
        content: object = yaml.safe_load(text)
    except FileNotFoundError as error:
        raise ConfigError(
            f"There is no file {path}.", "llm keeps its templates where `llm templates path` says."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date that is none is a ValueError
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(f"{path} is not valid YAML: {reason}.", "Mend that line, or leave the file out.") from error
    if isinstance(content, str):  # llm takes a lone text for a prompt
        content = {"prompt": content}
    if not isinstance(content, dict):
        raise ConfigError(f"{path} is no template of llm's.", 'It should hold lines like: prompt: "Summarise: $input"')
    return _read(path, {str(key): value for key, value in cast("dict[object, Any]", content).items()})


def _read(path: Path, content: dict[str, Any]) -> Read:
    left_out = [name for name in content if name not in _KEPT]
    table: dict[str, Any] = {name: content[name] for name in ("prompt", "system") if content.get(name) is not None}
    if isinstance(defaults := content.get("defaults"), dict):
        table["defaults"] = {str(k): _scalar(v) for k, v in cast("dict[object, object]", defaults).items()}
    if isinstance(options := content.get("options"), dict):
        table["sampling"] = _sampling(cast("dict[str, Any]", options), left_out)
    model = content.get("model")
    if isinstance(model, str) and "/" in model:
        table["model"] = model
    elif model:
        left_out.append(f"model ({_scalar(model)})")  # llm's names do not say whose a model is
    return Read(path.stem, checked_template(table, str(path)), tuple(left_out))


def _sampling(options: dict[str, Any], left_out: list[str]) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for name, value in options.items():
        if name not in _OPTIONS:
            left_out.append(f"options.{name}")
        else:
            asked[_OPTIONS[name]] = [value] if name == "stop" and isinstance(value, str) else value
    return asked


def _scalar(value: object) -> str:
    """A YAML scalar as text; what is none, by its kind."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else type(value).__name__
