"""`ask -a`: what the model receives, and what is said where it cannot."""

import base64
import json
from pathlib import Path

import pytest

from tests.attaching import made
from tests.cli.program import chatmodes, inside
from tests.fake import Fake


def sent(fake: Fake) -> str:
    return json.dumps(fake.chats[-1].fields["messages"])


def test_a_picture_and_a_text_arrive_with_the_prompt(fake: Fake, tmp_path: Path) -> None:
    photo, notes = tmp_path / "photo.jpg", tmp_path / "notes.txt"
    photo.write_bytes(made.turned())
    notes.write_bytes("grün".encode("latin-1"))
    done = inside("ask", "What is this?", "-a", str(photo), "-a", str(notes), "--base-url", fake.url, "--model", "echo")
    assert done.code == 0, done.err
    assert "data:image/" in sent(fake)
    assert "gr\\u00fcn" in sent(fake)
    assert "What is this?" in sent(fake)


def test_stdin_may_be_the_attachment(fake: Fake) -> None:
    done = chatmodes("ask", "What is this?", "-a", "-", "--base-url", fake.url, "--model", "echo", stdin=made.picture())
    assert done.code == 0, done.err
    assert "data:image/png;base64," in sent(fake)


def test_the_history_sends_the_picture_again(fake: Fake, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(made.picture())
    assert inside("ask", "See?", "-a", str(photo), "--base-url", fake.url, "--model", "echo").code == 0
    done = inside("ask", "-c", "And now?", "--base-url", fake.url, "--model", "echo")
    assert done.code == 0, done.err
    assert "data:image/" in sent(fake)
    assert len(base64.b64decode(sent(fake).partition("base64,")[2].partition('"')[0])) > 20


@pytest.mark.parametrize(("name", "why"), [("none.png", "no file"), ("folder", "folder"), ("empty.png", "empty")])
def test_what_cannot_be_attached_is_one_sentence_and_nothing_is_sent(
    fake: Fake, tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.png").touch()
    done = inside("ask", "hi", "-a", str(tmp_path / name), "--base-url", fake.url, "--model", "echo")
    assert done.code == 2
    assert why in done.err
    assert fake.chats == []


def test_a_conversation_that_goes_on_without_eyes_says_what_stays_behind(
    fake: Fake, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(made.picture())
    assert inside("ask", "See?", "-a", str(photo), "--base-url", fake.url, "--model", "echo").code == 0
    monkeypatch.setenv("DEEPSEEK_API_KEY", "k" * 30)
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "providers.toml").write_text(f'[deepseek]\nbase_url = "{fake.like("deepseek")}"\n')
    done = inside("ask", "-c", "And now?", "--model", "deepseek/deepseek-flash")
    assert "the picture of this conversation stays behind as a line of text" in done.err
    assert "data:image/" not in sent(fake)
    assert "photo.png was attached" in sent(fake)


def test_a_model_without_eyes_is_told_before_anything_is_sent(
    fake: Fake, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(made.picture())
    monkeypatch.setenv("DEEPSEEK_API_KEY", "k" * 30)
    (home / "config").mkdir()
    address = fake.like("deepseek")
    (home / "config" / "providers.toml").write_text(f'[deepseek]\nbase_url = "{address}"\n')
    done = inside("ask", "hi", "-a", str(photo), "--model", "deepseek/deepseek-flash")
    assert done.code == 2
    assert "takes no pictures" in done.err
    assert fake.chats == []
