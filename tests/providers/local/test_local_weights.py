"""Which models are on this machine, what they are called, and what of the memory they get."""

from pathlib import Path

import pytest

from chatmodes import settings
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.local import memory, weights
from chatmodes.providers.local.gguf import Header
from chatmodes.providers.local.process import cause_of


def pulled(name: str) -> Path:
    path = weights.folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF")
    return path


def names(local: settings.Local) -> list[str]:
    return [each.name for each in weights.installed(local)]


def test_the_shipped_model_is_the_default() -> None:
    assert names(settings.Local()) == ["SmolLM2-135M-Instruct"]
    assert weights.find("", settings.Local()).origin == "shipped"


def test_a_file_in_the_settings_becomes_the_default() -> None:
    local = settings.Local(gguf="~/models/Falcon.Q4_K_M.gguf")
    assert weights.default_name(local) == "Falcon.Q4_K_M"
    assert weights.find("", local).path == Path("~/models/Falcon.Q4_K_M.gguf").expanduser()
    assert weights.find("SmolLM2-135M-Instruct", local).origin == "shipped"


def test_pulled_files_are_found_by_name_and_half_pulled_ones_are_not() -> None:
    path = pulled("someone/repo/Llama-3.2-1B.Q4_0.gguf")
    pulled("big-00001-of-00002.gguf")
    pulled("big-00002-of-00002.gguf")
    pulled(".cache/half.gguf.incomplete")
    assert weights.find("Llama-3.2-1B.Q4_0", settings.Local()).path == path
    assert names(settings.Local()) == ["SmolLM2-135M-Instruct", "big-00001-of-00002", "Llama-3.2-1B.Q4_0"]


def test_an_unknown_name_is_an_error_with_a_next_step() -> None:
    with pytest.raises(ProviderError) as caught:
        weights.find("nope", settings.Local())
    assert "chatmodes models pull" in caught.value.error.hint


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", "a/b"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(ProviderError):
        weights.find(name, settings.Local())


def test_memory_is_estimated_from_file_and_context() -> None:
    header = Header(cache_per_token=1000)
    assert memory.needed(5_000_000, header, 2000) == 7_000_000 + memory.OVERHEAD
    assert (memory.available() or 1) > 0
    assert memory.readable(5_400_000_000) == "5.4 GB"
    assert memory.readable(940_200_000) == "940 MB"


def test_how_a_process_ended_is_said_in_words() -> None:
    assert "memory ran out" in cause_of(-9)
    assert cause_of(-6) == "crashed (SIGABRT)"
    assert cause_of(1) == "ended with code 1"
