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


def test_a_link_out_of_its_folder_is_named_by_its_target(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "real.txt").write_text("said")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "real.txt")
    link = str(tmp_path / "in" / "link")
    done = inside("ask", "What is this?", "-a", link, "--base-url", fake.url, "--model", "echo")
    assert done.code == 0, done.err
    assert f"link to {tmp_path / 'real.txt'}" in done.err


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


def test_every_column_of_a_comparison_sees_it_and_the_page_holds_it(fake: Fake, tmp_path: Path) -> None:
    photo, page = tmp_path / "photo.png", tmp_path / "page.html"
    photo.write_bytes(made.picture())
    line = ("compare", "What is it?", "-a", str(photo), "--modes", "instant", "--models", "say:a,say:b")
    done = inside(*line, "--html", str(page), "--base-url", fake.url)
    assert done.code == 0, done.err
    assert ["data:image/png;base64," in json.dumps(chat.fields) for chat in fake.chats] == [True, True]
    written = page.read_text()
    assert '<img class="held" alt="photo.png" src="data:image/png;base64,' in written
    assert "img-src data:" in written
    told = json.loads(inside(*line, "--json", "--base-url", fake.url).out)
    assert [each["name"] for each in told["attachments"]] == ["photo.png"]
    assert "- Attached: photo.png" in inside(*line, "--markdown", "--base-url", fake.url).out


def test_a_row_of_prompts_is_asked_again_with_another_picture(fake: Fake, tmp_path: Path) -> None:
    prompts, out, photo = tmp_path / "prompts.txt", tmp_path / "out.jsonl", tmp_path / "photo.png"
    prompts.write_text("What is it?\n")
    line = ("compare", "--prompts", str(prompts), "--out", str(out), "-a", str(photo), "--modes", "instant")
    for size, calls in (((60, 40), 1), ((60, 40), 1), ((80, 40), 2)):
        photo.write_bytes(made.picture(size=size))
        assert inside(*line, "--models", "say:a", "--base-url", fake.url).code == 0
        assert len(fake.chats) == calls


def test_items_come_with_files_of_their_folder(fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, outside = tmp_path / "bench", tmp_path / "id_rsa"
    (folder / "pics").mkdir(parents=True)
    (folder / "pics" / "one.png").write_bytes(made.picture())
    (folder / "tool").write_bytes(b"\x7fELF\0\0")
    outside.write_text("a private key")
    (folder / "link").symlink_to(outside)
    bad = ["../id_rsa", str(outside), "link", "none.png", "https://example.com/x.png", "tool", "pics"]
    lines = [{"input": f"{name}?", "target": "42", "attachments": [name]} for name in ["pics/one.png", *bad]]
    items = folder / "items.jsonl"
    items.write_text("\n".join(map(json.dumps, lines)))
    done = inside("eval", str(items), "--modes", "instant", "--model", "say:42", "--json", "--base-url", fake.url)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["items"] == 1
    assert len(told["problems"]) == len(bad)
    assert "data:image/png;base64," in sent(fake)
    assert not any("private key" in json.dumps(chat.fields) for chat in fake.chats)


def test_an_item_whose_picture_was_edited_is_another_one(fake: Fake, tmp_path: Path) -> None:
    items, photo = tmp_path / "items.jsonl", tmp_path / "photo.png"
    items.write_text(json.dumps({"input": "?", "target": "42", "attachments": ["photo.png"]}))
    for size, calls in (((60, 40), 1), ((60, 40), 1), ((80, 40), 2)):
        photo.write_bytes(made.picture(size=size))
        done = inside("eval", str(items), "--modes", "instant", "--model", "say:42", "--base-url", fake.url)
        assert done.code == 0, done.err
        assert len(fake.chats) == calls


def test_an_export_holds_the_picture_once_and_a_page_shows_it(fake: Fake, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(made.picture())
    for goes_on in ((), ("-c",), ("-c",)):
        line = ("ask", *goes_on, "See?", "-a", str(photo), "--base-url", fake.url, "--model", "echo")
        assert inside(*line).code == 0
    (found,) = json.loads(inside("history", "search", "See", "--json").out)[:1]
    whole = inside("history", "export", found["id"], "--format", "json").out
    data = fake.chats[-1].fields["messages"][-1]["content"][-1]["image_url"]["url"].partition(",")[2]
    assert whole.count(data) == 1
    assert inside("history", "export", found["id"], "--format", "html").out.count(data) >= 2
    assert "Attached: photo.png" in inside("history", "export", found["id"], "--format", "md").out
