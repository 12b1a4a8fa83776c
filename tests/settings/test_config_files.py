"""Reading configuration that may be anything, and writing what must survive a crash and nobody else may read."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chatmodes.settings import PROJECT_FILE, ConfigError, expanded, load, read_toml, write_private
from tests.settings.test_settings import user_file


def test_the_byte_order_mark_of_an_editor_is_no_error(home: Path) -> None:
    user_file(home, "").write_bytes(b'\xef\xbb\xbfmode = "auto"\n')
    providers = home / "config" / "providers.toml"
    providers.write_bytes(b'\xef\xbb\xbf[mine]\nname = "Mine"\n')
    assert load().mode == "auto"
    assert read_toml(providers) == {"mine": {"name": "Mine"}}


@pytest.mark.parametrize("name", ["~nobody-of-that-name/x", "~\0/x"])
def test_a_home_folder_of_nobody_is_a_name_like_any(name: str) -> None:
    assert expanded(name) == Path(name)
    assert expanded("~/x") == Path.home() / "x"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#" + b"a" * 64_000, "is too large"),
        (b"#" + b"x" * 10_000_000, "is too large"),
        (b"model = " + b"[" * 30_000, "nested too deeply"),
        (b"model = " + b"{a=" * 15_000, "nested too deeply"),
        (b"rounds = " + b"9" * 5000, "is not valid TOML"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
    ids=["large", "huge", "lists", "tables", "digits", "utf-16"],
)
def test_a_project_file_that_is_a_trap_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / PROJECT_FILE).write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        load(project=tmp_path)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 500
    assert refused.value.hint


def zeros(path: Path) -> None:
    """A link to a device that never ends."""
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, zeros])
def test_only_a_regular_file_is_read_and_nothing_is_waited_for(
    home: Path, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    for path in (tmp_path / PROJECT_FILE, home / "config" / "settings.toml"):
        path.parent.mkdir(exist_ok=True)
        make(path)
        with pytest.raises(ConfigError, match=r"it is (no regular file|a folder)"):
            load(project=tmp_path)
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


def test_a_private_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    write_private(link, "new")
    assert (link.is_symlink(), real.read_text(), real.stat().st_mode & 0o777) == (True, "new", 0o600)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as failed:
        write_private(link, "newer")
    assert failed.value.filename == str(link)
    assert real.read_text() == "new"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "real"]
