"""What is read from a model file's header, and that no damage to it does more than end in one error."""

import os
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chatmodes.providers.local import weights
from chatmodes.providers.local.abandon import NoFileError, within
from chatmodes.providers.local.gguf import Header, NotGGUFError, read_header


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def string(key: str, value: str) -> bytes:
    return text(key) + struct.pack("<I", 8) + text(value)


def number(key: str, value: int) -> bytes:
    return text(key) + struct.pack("<II", 4, value)


def numbers(key: str, values: list[int]) -> bytes:
    return text(key) + struct.pack(f"<IIQ{len(values)}I", 9, 4, len(values), *values)


def strings(key: str, values: list[str]) -> bytes:
    return text(key) + struct.pack("<IIQ", 9, 8, len(values)) + b"".join(map(text, values))


def model(*pairs: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + b"".join(pairs)


PLAIN = (
    string("general.architecture", "llama"),
    string("general.name", "Tiny"),
    number("llama.context_length", 4096),
    number("llama.block_count", 10),
    number("llama.embedding_length", 512),
    number("llama.attention.head_count", 8),
    number("llama.attention.head_count_kv", 2),
)


def test_a_header_tells_what_running_the_model_takes(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(model(*PLAIN))
    # 10 layers x 2 heads x (64 + 64) numbers x 2 bytes
    assert read_header(path) == Header(architecture="llama", name="Tiny", context=4096, cache_per_token=5120)


def test_the_order_of_the_pairs_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(model(strings("tokenizer.ggml.tokens", ["a", "bc"] * 100), *reversed(PLAIN)))
    assert read_header(path).context == 4096


def test_a_number_for_each_layer_counts_as_the_largest(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(model(*PLAIN[:-1], numbers("llama.attention.head_count_kv", [1, 4, 2] + [0] * 2000)))
    assert read_header(path).cache_per_token == 10240


@pytest.mark.parametrize("content", [b"", b"GG", b"<html>", b"GGUF", b"GGUF" + b"\xff" * 20, model(*PLAIN)[:90]])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(NotGGUFError):
        read_header(path)


@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(4, len(model(*PLAIN)) - 1), junk=st.binary(min_size=1, max_size=16))
def test_any_damage_is_read_or_refused_at_once(tmp_path: Path, at: int, junk: bytes) -> None:
    """A length of 2**63 must not be walked: this would never end."""
    path = tmp_path / "m.gguf"
    whole = model(*PLAIN, strings("x.y", ["a"] * 10), numbers("x.z", [1] * 10))
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    with suppress(NotGGUFError):
        assert read_header(path).cache_per_token >= 0


def test_what_is_no_regular_file_is_never_waited_for(tmp_path: Path) -> None:
    """A pipe without a writer would hold whoever opens it for ever."""
    pipe, folder, link = tmp_path / "pipe.gguf", tmp_path / "folder.gguf", tmp_path / "link.gguf"
    os.mkfifo(pipe)
    folder.mkdir()
    link.symlink_to(pipe)
    for path, what in ((pipe, "a pipe"), (folder, "a folder"), (link, "a pipe"), (Path("/dev/zero"), "a device")):
        with pytest.raises(NoFileError) as raised:
            read_header(path)
        assert raised.value.strerror == f"it is {what} and no file"


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_doctor_and_ask_name_what_is_no_model_file(tmp_path: Path, home: Path, kind: str) -> None:
    path = tmp_path / "model.gguf"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    (home / "config").mkdir()
    (home / "config" / "settings.toml").write_text(f'model = "local/model"\n[local]\ngguf = "{path}"\n')
    for command, codes in ((["doctor"], {0}), (["ask", "hi"], {1, 2})):  # doctor: the model that ships answers still
        done = subprocess.run(
            [sys.executable, "-m", "chatmodes", *command], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode in codes
        assert "and no file" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_a_look_that_does_not_come_back_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network drive that is gone: the call into it never returns."""
    gone = threading.Event()
    with pytest.raises(TimeoutError):
        within(gone.wait, 0.05)
    monkeypatch.setattr("chatmodes.providers.local.abandon.SECONDS", 0.05)

    def hang(_path: Path) -> bool:
        return gone.wait()

    monkeypatch.setattr(Path, "is_file", hang)
    assert "does not answer" in weights.trouble(Path("/mnt/model.gguf"))
    gone.set()
