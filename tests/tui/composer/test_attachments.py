"""What is attached to a prompt: dropped, pasted, from the clipboard or by an @path; its chip, and where it goes."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from textual import events

from chatmodes.messages import File, Image
from chatmodes.providers.calls import ImageLimits, ModelInfo
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.composer.dropped import files_of, may_be_paths
from chatmodes.tui.pictures.cells import strips
from tests.attaching.made import pdf, picture, turned
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.composer.test_composer import paste, sent
from tests.tui.harness import bench, until
from tests.tui.scripted import Scripted, says

FLAGS = {"store": {"titles": False}}


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    photo = tmp_path / "my photo.jpg"
    photo.write_bytes(turned())
    (tmp_path / "pic.png").write_bytes(picture())
    (tmp_path / "doc.pdf").write_bytes(pdf("The answer is 42."))
    return photo


WRITTEN: list[Callable[[Path], str]] = [
    str,
    lambda path: f"{path} ",
    lambda path: f"'{path}'",
    lambda path: f'"{path}" ',
    lambda path: str(path).replace(" ", r"\ "),
    lambda path: path.as_uri(),
    lambda path: f"{path.as_uri()}\r\n",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_path_is_read_however_a_terminal_writes_it(photo: Path, written: Callable[[Path], str]) -> None:
    assert files_of(written(photo)) == [photo]


def test_several_paths_are_several_files(photo: Path) -> None:
    other = photo.with_name("pic.png")
    assert files_of(f"'{photo}' {other}") == [photo, other]
    assert files_of(f"{photo}\n{other}\n") == [photo, other]


def test_a_path_of_windows_is_found_under_wsl() -> None:
    assert may_be_paths(r"C:\Users\me\pic.png")
    assert files_of(r"C:\Users\me\pic.png", {"WSL_DISTRO_NAME": "Debian"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "/compare this",
        "/etc",
        "hello",
        "see /etc/hosts",
        "~nobody-of-that-name/x",
        "/no/such/file.png",
        "/\0",
        "~/a\n~b\0c",
        "file://[x",
        "'/etc/hosts",
    ],
)
def test_what_names_no_file_is_text(text: str) -> None:
    assert not may_be_paths(text) or files_of(text) == []


async def test_a_dropped_picture_becomes_a_chip_and_goes_out_with_the_prompt(photo: Path) -> None:
    composer = Composer()
    async with bench(composer) as (app, pilot):
        await pilot.press(*"what is ")
        await paste(pilot, composer, f"'{photo}' ")
        await until(lambda: any("my photo.jpg 40×60, ~6 tokens ×" in line for line in app.lines()))
        await until(lambda: composer.text == "what is ")
        await pilot.press(*"this", "enter")
        await until(lambda: sent(app) == ["what is this"])
        (attachment,) = app.of(Composer.Submitted)[0].attached
        (part,) = attachment.parts
        assert isinstance(part, Image)
        assert (part.name, part.width, part.height) == ("my photo.jpg", 40, 60)
        assert not composer.shelf.attachments


async def test_a_path_in_a_sentence_and_one_behind_an_at_are_not_taken_out(photo: Path) -> None:
    composer = Composer()
    async with bench(composer) as (_app, pilot):
        await pilot.press("@")
        await paste(pilot, composer, str(photo.with_name("pic.png")))
        await paste(pilot, composer, f" and {photo}")
        await pilot.pause()
        assert composer.text.startswith(f"@{photo.with_name('pic.png')} and ")
        assert not composer.shelf.attachments


async def test_what_is_no_picture_is_refused_in_a_sentence_and_the_rest_stays(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(picture()[:60])
    composer = Composer()
    async with bench(composer) as (app, pilot):
        await pilot.press(*"look ")
        await paste(pilot, composer, str(broken))
        await until(lambda: bool(app.of(Composer.Notice)))
        assert app.of(Composer.Notice)[0].text.startswith("broken.png is damaged or cut off")
        assert composer.text == "look "
        assert not composer.shelf.attachments


@pytest.mark.parametrize("how", ["key", "backspace", "click"])
async def test_a_chip_can_be_taken_away(photo: Path, how: str) -> None:
    composer = Composer()
    async with bench(composer) as (app, pilot):
        for path in (photo, photo.with_name("pic.png")):
            await paste(pilot, composer, str(path))
            await until(lambda path=path: any(f"{path.name} " in line and "tokens ×" in line for line in app.lines()))
        await until(lambda: composer.text == "")
        match how:
            case "key":
                await pilot.press("alt+x")
            case "backspace":
                await pilot.press("backspace")
            case _:
                row = next(y for y, line in enumerate(app.lines()) if "pic.png" in line)
                await pilot.click(offset=(app.lines()[row].rindex("×"), row))
        await until(lambda: [each.name for each in composer.shelf.attachments] == ["my photo.jpg"])


async def test_many_chips_are_counted(tmp_path: Path) -> None:
    composer = Composer()
    async with bench(composer, size=(60, 24)) as (app, pilot):
        paths = [tmp_path / f"picture{number}.png" for number in range(12)]
        for path in paths:
            path.write_bytes(picture())
        await paste(pilot, composer, "\n".join(map(str, paths)))
        await until(lambda: len(composer.shelf.attachments) == 12)
        await until(lambda: any("more" in line for line in app.lines()))
        assert composer.shelf.size.height == 3


async def test_a_picture_alone_is_not_sent(photo: Path) -> None:
    composer = Composer()
    async with bench(composer) as (app, pilot):
        await paste(pilot, composer, str(photo))
        await until(lambda: bool(composer.shelf.attachments) and composer.text == "")
        await pilot.press("enter")
        await until(lambda: bool(app.of(Composer.Notice)))
        assert sent(app) == []
        assert composer.shelf.attachments


async def test_without_a_clipboard_the_key_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSH_TTY", "/dev/pts/0")
    composer = Composer()
    async with bench(composer) as (app, pilot):
        await pilot.press("alt+v")
        await until(lambda: bool(app.of(Composer.Notice)))
        assert app.of(Composer.Notice)[0].text.startswith("Over SSH the clipboard stays on the machine")
        assert not composer.shelf.attachments


def replies(count: int = 1) -> Scripted:
    return Scripted({MODEL: [says("I have seen it.") for _ in range(count)]})


def attached(chat: Chatting) -> tuple[File | Image, ...]:
    return chat.models.calls[-1].messages[-1].attached


async def drop(chat: Chatting, path: Path) -> None:
    chat.screen.composer.editor.post_message(events.Paste(str(path)))
    shelf = chat.screen.composer.shelf
    await chat.until(lambda: any(each.settled for each in shelf.attachments), "the chip")
    await chat.until(lambda: str(path) not in chat.screen.composer.text, "the path to go")


async def test_mentioned_pictures_and_pdfs_go_out_as_what_they_are(photo: Path) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await chat.pilot.press(*"see @pic.png and @doc.pdf.", "enter")
        await chat.sees("I have seen it.")
        await chat.idle()
        image, document = attached(chat)
        assert isinstance(image, Image)
        assert (image.name, image.media_type, bool(image.content)) == ("pic.png", "image/png", True)
        assert isinstance(document, File)
        assert (document.name, document.media_type) == ("doc.pdf", "application/pdf")
        assert "The answer is 42." in document.text


@pytest.mark.parametrize("name", ["nope.txt", "pipe", "broken.png"])
async def test_what_cannot_be_attached_keeps_the_prompt_and_enter_sends_it_without(photo: Path, name: str) -> None:
    os.mkfifo(photo.with_name("pipe"))
    photo.with_name("broken.png").write_bytes(picture()[:60])
    async with chatting(replies(), flags=FLAGS) as chat:
        await chat.pilot.press(*f"see @{name} and @pic.png ", "enter")
        await chat.sees(name, "without.")
        await chat.until(lambda: chat.screen.composer.text == f"see @{name} and @pic.png ", "the prompt")
        assert not chat.models.calls
        await chat.pilot.press("enter")
        await chat.sees("I have seen it.")
        assert [part.name for part in attached(chat)] == ["pic.png"]


async def test_the_prompt_that_came_back_keeps_what_hangs_on_it(photo: Path) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await drop(chat, photo)
        await chat.pilot.press(*"and @nope.txt ", "enter")
        await chat.sees("nope.txt is no file here.", "my photo.jpg")
        await chat.pilot.press("enter")
        await chat.sees("I have seen it.")
        assert [part.name for part in attached(chat)] == ["my photo.jpg"]


@pytest.mark.parametrize("command", ["/thinking", "/new"])
async def test_a_command_with_a_prompt_takes_it_along(photo: Path, command: str) -> None:
    async with chatting(replies(2), flags=FLAGS) as chat:
        await drop(chat, photo)
        await chat.send(f"{command} what is it?")
        await chat.until(lambda: chat.models.calls, "the request")
        assert [part.name for part in attached(chat)] == ["my photo.jpg"]
        await chat.idle()


async def test_a_command_without_one_leaves_it(photo: Path) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await drop(chat, photo)
        chat.screen.composer.insert("/thinking")
        await chat.pilot.press("enter")
        await chat.until(lambda: chat.screen.session.mode == "thinking", "the mode")
        assert [each.name for each in chat.screen.composer.shelf.attachments] == ["my photo.jpg"]


async def test_it_stays_with_the_conversation_that_it_was_attached_in(photo: Path) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await chat.send("first")
        await chat.idle()
        first = chat.screen.session.conversation
        assert first
        await drop(chat, photo)
        await chat.pilot.press("ctrl+n")
        await chat.until(lambda: not chat.screen.composer.shelf.attachments, "an empty shelf")
        await chat.screen.actions.conversations.open(first)
        assert [each.name for each in chat.screen.composer.shelf.attachments] == ["my photo.jpg"]


async def test_what_hangs_on_an_unsent_prompt_at_the_end_is_named(photo: Path) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        assert await chat.screen.leave() == ""
        await drop(chat, photo)
        assert "my photo.jpg" in await chat.screen.leave()


async def test_an_edited_prompt_keeps_its_picture_and_what_hung_there_before_comes_back(photo: Path) -> None:
    async with chatting(replies(2), flags=FLAGS) as chat:
        await drop(chat, photo)
        await chat.pilot.press(*"what is it?", "enter")
        await chat.sees("I have seen it.")
        await chat.idle()
        await drop(chat, photo.with_name("pic.png"))
        await chat.pilot.press("alt+e")
        shelf = chat.screen.composer.shelf
        await chat.until(lambda: [each.name for each in shelf.attachments] == ["my photo.jpg"], "the edit's picture")
        await chat.pilot.press("!", "enter")
        await chat.until(lambda: len(chat.models.calls) == 2, "the second request")
        await chat.idle()
        (image,) = attached(chat)
        assert (image.name, bool(image.content)) == ("my photo.jpg", True)
        assert [each.name for each in shelf.attachments] == ["pic.png"]


async def test_an_earlier_prompt_comes_back_with_its_picture_beside_what_hangs_there(photo: Path) -> None:
    async with chatting(replies(2), flags=FLAGS) as chat:
        await drop(chat, photo)
        await chat.pilot.press(*"what is it?", "enter")
        await chat.sees("I have seen it.")
        await chat.idle()
        await drop(chat, photo.with_name("pic.png"))
        composer = chat.screen.composer

        def hung() -> list[str]:
            return [each.name for each in composer.shelf.attachments]

        await chat.pilot.press("up")
        await chat.until(lambda: (composer.text, hung()) == ("what is it?", ["pic.png", "my photo.jpg"]), "the prompt")
        await chat.pilot.press("down")
        await chat.until(lambda: (composer.text, hung()) == ("", ["pic.png"]), "the draft")
        await chat.pilot.press("alt+x", "up")
        await chat.until(lambda: hung() == ["my photo.jpg"], "its picture alone")
        await chat.pilot.press("enter")
        await chat.until(lambda: len(chat.models.calls) == 2, "the second request")
        await chat.idle()
        assert [(part.name, bool(part.content)) for part in attached(chat)] == [("my photo.jpg", True)]


async def test_a_pictures_line_opens_it_and_a_key_does(photo: Path) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await drop(chat, photo)
        await chat.pilot.press(*"what is @pic.png ", "enter")
        await chat.sees("I have seen it.", "▣ pic.png 60×40, ~6 tokens", "▣ my photo.jpg 40×60, ~6 tokens")
        await chat.idle()
        row = next(y for y, line in enumerate(chat.lines()) if "▣ my photo.jpg" in line)
        await chat.pilot.click(offset=(chat.lines()[row].index("my photo"), row))
        await chat.sees("2 of 2: my photo.jpg 40×60", "▀▀▀▀▀")
        await chat.pilot.press("right")
        await chat.sees("1 of 2: pic.png 60×40")
        await chat.pilot.press("escape")
        await chat.gone("1 of 2")
        await chat.pilot.press("alt+p")
        await chat.sees("1 of 2: pic.png")


@pytest.mark.parametrize(
    ("program", "said"), [("", "half cells are all there is"), ("iTerm.app", "no terminal here to draw on")]
)
async def test_what_the_terminal_cannot_draw_itself_is_said(
    photo: Path, program: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "TMUX", "STY", "SSH_TTY", "SSH_CONNECTION", "ZELLIJ"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM_PROGRAM", program)
    async with chatting(replies(), flags=FLAGS, size=(140, 30)) as chat:
        await drop(chat, photo)
        await chat.pilot.press("alt+p")
        await chat.sees("▀▀▀▀▀")
        await chat.pilot.press("f")
        await chat.until(lambda: any(said in one.message for one in chat.app._notifications), said)  # pyright: ignore[reportPrivateUsage] - no public way


async def test_a_chip_can_be_looked_at_before_it_is_sent(photo: Path) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await drop(chat, photo)
        row = next(y for y, line in enumerate(chat.lines()) if "my photo.jpg" in line)
        await chat.pilot.click(offset=(chat.lines()[row].index("my photo"), row))
        await chat.sees("my photo.jpg 40×60, ~6 tokens · Esc closes", "▀▀▀▀▀")


async def test_what_cannot_be_shown_is_said(photo: Path) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await chat.pilot.press("alt+p")
        await chat.sees("There is no picture here to look at.")


SEEING = ModelInfo(model=MODEL, context_window=8000, images=True, image_limits=ImageLimits(patch=10, most_tokens=900))
BLIND = ModelInfo(model="deepseek/blind", context_window=8000, images=False)


async def test_a_model_without_eyes_is_told_before_anything_is_sent(photo: Path) -> None:
    blind = msgspec.structs.replace(BLIND, model=MODEL)
    async with chatting(Scripted(infos={MODEL: blind}), flags=FLAGS) as chat:
        await drop(chat, photo)
        await chat.pilot.press(*"see @pic.png ", "enter")
        await chat.sees("takes no pictures.")
        assert not chat.models.calls
        assert chat.screen.composer.text == "see @pic.png "
        assert [each.name for each in chat.screen.composer.shelf.attachments] == ["my photo.jpg"]


async def test_so_is_a_comparison(photo: Path) -> None:
    blind = msgspec.structs.replace(BLIND, model=MODEL)
    async with chatting(Scripted(infos={MODEL: blind}), flags=FLAGS) as chat:
        await drop(chat, photo)
        await chat.pilot.press(*"what is it? ", "alt+s")
        await chat.sees("takes no pictures.")
        await chat.until(lambda: chat.screen.composer.text == "what is it? ", "the prompt")
        assert not chat.models.calls
        assert [each.name for each in chat.screen.composer.shelf.attachments] == ["my photo.jpg"]


async def test_a_switch_to_one_says_how_many_stay_behind(photo: Path) -> None:
    models = Scripted({MODEL: [says("I have seen it.")]}, {MODEL: SEEING, BLIND.model: BLIND})
    async with chatting(models, flags=FLAGS, size=(140, 30)) as chat:
        await drop(chat, photo)
        await chat.pilot.press(*"and @pic.png ", "enter")
        await chat.sees("I have seen it.")
        await chat.idle()
        await chat.send(f"/model {BLIND.model}")
        await chat.sees("takes no pictures", "2 pictures", "behind")


async def test_the_meter_counts_what_hangs_on_the_prompt_by_the_models_rule(photo: Path) -> None:
    photo.write_bytes(picture(size=(300, 300)))  # noqa: ASYNC240 - before anything runs
    async with chatting(Scripted(infos={MODEL: SEEING}), flags=FLAGS, size=(140, 30)) as chat:
        await drop(chat, photo)
        await chat.sees("904 of 8.0k")


def test_half_cells_hold_two_rows_of_pixels() -> None:
    red, green, blue = b"\xff\0\0", b"\0\xff\0", b"\0\0\xff"
    (strip,) = strips(2, 2, red + red + green + blue)
    assert strip.text == "▀▀"
    colours = [(s.style.color.triplet, s.style.bgcolor.triplet) for s in strip if s.style and s.style.color]  # pyright: ignore[reportOptionalMemberAccess]
    assert [tuple(map(tuple, each)) for each in colours] == [  # pyright: ignore[reportArgumentType]
        ((255, 0, 0), (0, 255, 0)),
        ((255, 0, 0), (0, 0, 255)),
    ]


def test_an_odd_number_of_rows_ends_in_black() -> None:
    assert len(strips(1, 3, bytes(9))) == 2
