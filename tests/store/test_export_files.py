"""Files of exports in all the ways they come: encodings, lines, folders, zips in zips, with pictures, and bombs."""

import io
import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image as Picture

from chatmodes import cli
from chatmodes.messages import Image, Part
from chatmodes.store import Store, StoreError, open_store
from chatmodes.store.archive import restore
from chatmodes.store.foreign import bundles
from chatmodes.store.importing import read
from tests.store.exports import chatgpt, claude, said
from tests.store.test_transfer import texts


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(None) as opened:
        yield opened


PAIR = [chatgpt(said("a 😀", "user"), id="one"), claude({"sender": "human", "text": "b"})]


def encodings() -> dict[str, bytes]:
    """The same two conversations in the ways that files come."""
    listed = json.dumps(PAIR, ensure_ascii=False)
    lines = "\n".join(json.dumps(each) for each in PAIR)
    return {
        "a byte order mark": b"\xef\xbb\xbf" + listed.encode(),
        "UTF-16": listed.encode("utf-16"),
        "CESU-8": listed.encode("utf-16", "surrogatepass").decode("utf-16").replace("😀", "@").encode()
        .replace(b"@", b"\xed\xa0\xbd\xed\xb8\x80"),
        "lines": lines.encode(),
        "lines with Windows' ends": lines.replace("\n", "\r\n").encode() + b"\r\n\r\n",
        "wrapped": json.dumps({"conversations": PAIR}).encode(),
        "NaN": json.dumps([*PAIR[:1], {**PAIR[1], "score": float("nan")}]).encode(),
    }  # fmt: skip


@pytest.mark.parametrize("name", encodings())
def test_a_file_is_read_however_it_is_encoded(store: Store, tmp_path: Path, name: str) -> None:
    file = tmp_path / "export"
    file.write_bytes(encodings()[name])
    for archived in read(file, pytest.fail):
        restore(store, archived)
    assert sorted(texts(store, each.id)[0][1] for each in store.conversations()) == ["a 😀", "b"]


@pytest.mark.parametrize("half", [b"\\ud83d", b"\xed\xa0\xbd", b"\xff"])
def test_half_a_character_costs_only_itself(store: Store, tmp_path: Path, half: bytes) -> None:
    file = tmp_path / "export"
    file.write_bytes(json.dumps([chatgpt(said("cut @", "user"))]).encode().replace(b"@", half))
    for archived in read(file, pytest.fail):
        restore(store, archived)
    assert texts(store, store.conversations()[0].id)[0][1].rstrip("\ufffd") == "cut "


def test_a_line_that_is_no_json_costs_only_itself(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join([json.dumps(PAIR[0]), '{"mapping": ', json.dumps(PAIR[1])]))
    problems: list[str] = []
    assert len(list(read(file, problems.append))) == 2
    (problem,) = problems
    assert problem.startswith(f"Conversation 2 of {file} cannot be read: ")


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


FILES = {
    "one.json": json.dumps(PAIR[0]).encode(),
    "deep/down/two.json": json.dumps(PAIR[1]).encode(),
    "user.json": b'{"email": "me"}',
    "broken.json": b"{",
    "chat.html": b"<html>",
}


@pytest.mark.parametrize("form", ["a zip", "a folder", "a zip in a zip", "a zip in a folder"])
def test_one_file_a_conversation_in_anything_that_holds_files(store: Store, tmp_path: Path, form: str) -> None:
    path = tmp_path / "export"
    if form == "a zip":
        path.write_bytes(zipped(FILES))
    elif form == "a zip in a zip":
        path.write_bytes(zipped({"Export/inner.zip": zipped(FILES)}))
    elif form == "a zip in a folder":
        path.mkdir()
        (path / "inner.zip").write_bytes(zipped(FILES))
    else:
        for name, data in FILES.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
        os.mkfifo(path / "pipe.json")  # nobody waits for it
    problems: list[str] = []
    for archived in read(path, problems.append):
        restore(store, archived)
    assert len(store.conversations()) == 2
    assert any("broken.json" in problem for problem in problems)
    assert not any("user.json" in problem for problem in problems)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"user.json": b"{}"}, "holds no conversations"),
        ({}, "holds no conversations"),
        ({"conversations.json": b"[" + b" " * 30_000_000 + b"]"}, "unpacks to .* times its size"),
        ({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"one.json": FILES["one.json"]})})})}, "too deep"),
    ],
)
def test_a_zip_that_holds_none_or_too_much_is_refused(
    store: Store, tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(zipped(files))
    with pytest.raises(StoreError, match=message):
        list(read(path, pytest.fail))


def test_what_an_export_unpacks_to_is_bounded_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "_ALL", len(FILES["one.json"]) + 10)
    path = tmp_path / "export.zip"
    path.write_bytes(zipped({"one.json": FILES["one.json"], "two.json": FILES["one.json"]}))
    problems: list[str] = []
    assert len(list(read(path, problems.append))) == 1
    assert "unpacks to more than" in problems[0]


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="no regular file"):
        list(read(tmp_path / "pipe", pytest.fail))


def with_picture(name: str) -> dict[str, bytes]:
    made = io.BytesIO()
    Picture.new("RGB", (40, 30), "red").save(made, "PNG")
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_00ab"}
    prompt = {
        "author": {"role": "user"},
        "content": {"content_type": "multimodal_text", "parts": [pointer, "What is it?"]},
        "metadata": {"attachments": [
            {"id": "file_00ab", "name": "red.png", "mime_type": "image/png"},
            {"id": "file-notes", "name": "notes.txt", "mime_type": "text/plain"},
            {"id": "file-gone", "name": "gone.pdf", "mime_type": "application/pdf"},
        ]},
    }  # fmt: skip
    conversation = json.dumps([chatgpt(prompt, said("Red."))]).encode()
    return {"conversations.json": conversation, name: made.getvalue(), "file-notes-notes.txt": b"remember"}


@pytest.mark.parametrize("name", ["file_00ab-sanitized.png", "user-x/file_00ab.dat"])
def test_pictures_and_files_of_an_export_reach_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("CHATMODES_HOME", str(tmp_path / "home"))
    path = tmp_path / "export.zip"
    path.write_bytes(zipped(with_picture(name)))
    assert cli.main(["history", "import", str(path)]) == 0
    said = capsys.readouterr().err
    assert "1 conversation with 2 new messages" in said
    assert "left out: 1 file" in said
    with open_store(tmp_path / "home" / "data" / "chatmodes.db") as store:
        (conversation,) = store.conversations()
        assert conversation.leaf is not None
        prompt, _ = store.context(conversation.leaf)
    (picture,) = [part for part in prompt.parts if isinstance(part, Image)]
    assert (picture.name, picture.width, picture.height, bool(picture.content)) == ("red.png", 40, 30, True)
    assert "What is it?" in prompt.text
    assert "remember" in prompt.text
    assert "[file gone.pdf]" in prompt.text


def test_a_file_that_no_model_reads_hangs_on_its_message(store: Store, tmp_path: Path) -> None:
    def attach(data: bytes, name: str) -> Sequence[Part]:
        return ()

    path = tmp_path / "export.zip"
    path.write_bytes(zipped(with_picture("file_00ab.png")))
    for archived in read(path, pytest.fail, attach=attach):
        restore(store, archived)
    (prompt, _) = store.tree(store.conversations()[0].id)
    assert sorted(each.name for each in store.attachments(prompt.id)) == ["notes.txt", "red.png"]
