"""Documents are written whole or not at all, for their owner alone, and over nothing that was not to go."""

import errno
import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.exporting import file_name, free_path, save


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    save(tmp_path / "a.md", "said")
    assert (tmp_path / "a.md").read_text() == "said"
    assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o600


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    save(tmp_path / "a.md", "first")
    with pytest.raises(FileExistsError):
        save(tmp_path / "a.md", "second")
    assert (tmp_path / "a.md").read_text() == "first"
    save(tmp_path / "a.md", "second", overwrite=True)
    assert (tmp_path / "a.md").read_text() == "second"


def test_what_fails_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    save(tmp_path / "a.md", "whole")
    with pytest.raises(UnicodeEncodeError):
        save(tmp_path / "a.md", "half \udc00", overwrite=True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.md", "whole")]


def test_a_link_stays_one_and_a_device_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    save(tmp_path / "link", "said")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "said"
    with pytest.raises(FileExistsError):
        save(Path("/dev/null"), "said", overwrite=True)


def test_an_error_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as failed:
        save(tmp_path / "missing" / "a.md", "said")
    assert (failed.value.errno, failed.value.filename) == (errno.ENOENT, str(tmp_path / "missing" / "a.md"))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("How tall is the tower?", "how-tall-is-the-tower-2026-11-24"),
        ("../../etc/passwd", "etc-passwd-2026-11-24"),
        ("CON", "con-2026-11-24"),
        ("हिन्दी में", "हिन्दी-में-2026-11-24"),
        ("…", "conversation-2026-11-24"),
        ("", "conversation-2026-11-24"),
    ],
)
def test_a_name_says_what_is_in_the_file(title: str, expected: str) -> None:
    assert file_name(title, date(2026, 11, 24)) == expected


@given(st.text())
def test_a_name_is_one_that_every_file_system_takes(title: str) -> None:
    name = file_name(title.encode(errors="replace").decode(), date(2026, 11, 24))
    assert len(name.encode()) <= 143
    assert not set('/\\:*?"<>|\0\n. ') & set(name)
    assert not name.startswith("-")


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    for expected in ("a.md", "a-2.md", "a-3.md"):
        path = free_path(tmp_path, "a", "md")
        assert path == tmp_path / expected
        path.touch()
