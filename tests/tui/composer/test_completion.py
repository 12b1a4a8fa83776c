"""Completing commands, their arguments and files as one types."""

import os
from pathlib import Path

import pytest

from chatmodes.messages import user
from chatmodes.tui.composer import paths
from chatmodes.tui.composer.completion import query_at
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.composer.expanding import Expanded, expand_mentions
from chatmodes.tui.composer.mentions import mentions_in
from chatmodes.tui.composer.paths import PathIndex
from tests.tui.composer.test_composer import burst, paste, post, sent, typed
from tests.tui.harness import bench, until

COMMANDS = [
    ("instant", "One call"),
    ("thinking", "A chain of thought"),
    ("contemplating", "Agents in parallel"),
    ("compare", "Side by side"),
    ("model", "Choose the model"),
    ("new", "A new conversation"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "src/app.py",
        "src/deep/app_test.py",
        "notes.md",
        "my file.txt",
        ".secret/key.txt",
        "node_modules/x.js",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}\n")
    return tmp_path


class TestCommands:
    async def test_a_slash_lists_them_and_tab_takes_the_first_that_fits(self) -> None:
        composer = Composer(commands=COMMANDS)
        async with bench(composer) as (app, pilot):
            await pilot.press("/")
            assert composer.popup.is_open
            assert any("/thinking" in line and "A chain of thought" in line for line in app.lines())
            await pilot.press("t", "tab")
            assert composer.text == "/thinking "
            assert not composer.popup.is_open

    async def test_arrows_choose_and_enter_takes_without_sending(self) -> None:
        composer = Composer(commands=COMMANDS)
        async with bench(composer) as (app, pilot):
            await pilot.press(*"/co", "down", "enter")
            await until(lambda: composer.text == "/compare ")
            assert sent(app) == []

    async def test_what_does_not_fit_is_counted_above_and_below(self) -> None:
        composer = Composer(commands=[(f"command{number:02}", "") for number in range(20)])
        async with bench(composer) as (app, pilot):
            await pilot.press("/")
            await until(lambda: "↓ 12 more" in "\n".join(app.lines()))
            await pilot.press(*["down"] * 9)
            await until(lambda: "↑ 2 more · ↓ 10 more" in "\n".join(app.lines()))
            await pilot.press(*["down"] * 10)
            await until(lambda: "↑ 12 more" in "\n".join(app.lines()))
            assert "↓" not in "\n".join(app.lines())

    async def test_enter_sends_a_command_that_is_typed_in_full(self) -> None:
        composer = Composer(commands=COMMANDS)
        async with bench(composer) as (app, pilot):
            await pilot.press(*"/new", "enter")
            await until(lambda: sent(app) == ["/new"])

    async def test_a_program_may_type_a_command_at_once(self) -> None:
        composer = Composer(commands=COMMANDS)
        async with bench(composer) as (app, _pilot):
            burst(composer.editor, "/instant hello\r")
            await until(lambda: sent(app) == ["/instant hello"])

    async def test_escape_closes_the_list_and_it_stays_closed_for_this_word(self) -> None:
        composer = Composer(commands=COMMANDS)
        async with bench(composer) as (app, pilot):
            await pilot.press(*"/co", "escape")
            assert not composer.popup.is_open
            await pilot.press("m")
            assert composer.popup.is_open
            await pilot.press("escape", "enter")
            await until(lambda: sent(app) == ["/com"])

    @pytest.mark.parametrize("apart", [0.0, 0.05, 0.3])
    async def test_tab_takes_one_whose_letters_have_just_come(self, apart: float) -> None:
        composer = Composer(commands=COMMANDS)
        async with bench(composer) as (_app, _pilot):
            post(composer.editor, typed("/th\t", apart=apart))
            await until(lambda: composer.text == "/thinking ")

    async def test_arguments_of_a_command(self) -> None:
        models = [("openai/gpt-5", "272k"), ("local/smollm2", "8k")]
        composer = Composer(commands=COMMANDS, arguments={"/model": lambda: models})
        async with bench(composer) as (_app, pilot):
            await pilot.press(*"/model smo")
            assert composer.popup.is_open
            await pilot.press("tab")
            assert composer.text == "/model local/smollm2"

    async def test_a_slash_elsewhere_is_a_slash(self) -> None:
        assert query_at("see /co", first_line=True) is None
        assert query_at("/co", first_line=False) is None


class TestFiles:
    async def test_an_at_sign_finds_files_by_their_names(self, folder: Path) -> None:
        composer = Composer(root=folder)
        async with bench(composer) as (app, pilot):
            await pilot.press(*"see @app")
            await until(lambda: any("src/deep/app_test.py" in line for line in app.lines()))
            await pilot.press("enter")
            await until(lambda: composer.text == "see @src/app.py ")
            assert sent(app) == []

    @pytest.mark.parametrize("apart", [0.0, 0.05, 0.3])
    @pytest.mark.parametrize("text", ["@no\t", "see @no\t"])
    async def test_tab_takes_what_is_still_being_looked_for(self, folder: Path, text: str, apart: float) -> None:
        composer = Composer(root=folder)
        async with bench(composer) as (_app, pilot):
            post(composer.editor, typed(text, apart=apart))
            await until(lambda: composer.text == text.replace("@no\t", "@notes.md "))
            await pilot.pause()
            assert composer.editor.has_focus

    @pytest.mark.parametrize("waited", [0.0, 0.3])
    async def test_tab_takes_none_of_those_for_fewer_letters(self, folder: Path, waited: float) -> None:
        composer = Composer(root=folder)
        async with bench(composer) as (_app, pilot):
            await pilot.press("@")
            await until(lambda: composer.popup.is_open)
            keys = typed("no\t")
            keys[-1].time += waited
            post(composer.editor, keys)
            await until(lambda: composer.text == "@notes.md ")

    async def test_a_folder_stays_open_for_what_is_in_it(self, folder: Path) -> None:
        composer = Composer(root=folder)
        async with bench(composer) as (app, pilot):
            await pilot.press(*"@sr")
            await until(lambda: composer.popup.is_open)
            await pilot.press("tab")
            await until(lambda: composer.text == "@src/")
            await until(lambda: any("src/deep/" in line for line in app.lines()[:-2]))

    async def test_a_name_with_a_space_is_quoted(self, folder: Path) -> None:
        composer = Composer(root=folder)
        async with bench(composer) as (_app, pilot):
            await pilot.press(*"@my")
            await until(lambda: composer.popup.is_open)
            await pilot.press("tab")
            await until(lambda: composer.text == '@"my file.txt" ')
            assert mentions_in(composer.text) == ("my file.txt",)

    async def test_the_list_does_not_take_a_mail_address_for_a_file(self, folder: Path) -> None:
        assert query_at("me@src", first_line=False) is None

    def test_hidden_and_heavy_folders_are_found_only_when_named(self, folder: Path) -> None:
        index = PathIndex(folder)
        assert index.match("key") == []
        assert not any("node_modules/" in path[:-1] for path in index.match("x"))
        assert index.match(".s") == [".secret/"]
        assert index.match(".secret/") == [".secret/key.txt"]

    def test_a_huge_tree_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paths, "MOST_ENTRIES", 50)
        for number in range(200):
            (tmp_path / f"file{number}").touch()
        (tmp_path / "loop").symlink_to(tmp_path)
        assert len(PathIndex(tmp_path).match("file", limit=1_000)) <= 50

    def test_a_folder_that_cannot_be_read_is_no_error(self, tmp_path: Path) -> None:
        assert PathIndex(tmp_path / "missing").match("a") == []
        assert PathIndex(tmp_path).match("nowhere/") == []
        assert PathIndex(tmp_path).match("~nobody-of-that-name/") == []


class TestMentions:
    async def test_a_file_goes_out_after_the_text(self, folder: Path) -> None:
        found = await expand_mentions("explain @src/app.py, please", folder)
        assert found.attached == ("src/app.py",)
        assert "```py\ncontent of src/app.py\n```" in found.parts[0].text  # pyright: ignore[reportAttributeAccessIssue]
        assert found.refused == ()

    async def test_what_names_no_file_stays_text(self, folder: Path) -> None:
        text = "ask @alice and mail me@notes.md"
        assert await expand_mentions(text, folder) == Expanded()
        assert await expand_mentions(text, folder, ["alice"]) == Expanded()

    async def test_what_was_meant_as_a_file_and_is_none_is_said(self, folder: Path) -> None:
        found = await expand_mentions("see @nope.txt and @src/nope", folder, ["nope.txt", "src/nope"])
        assert found.refused == ("nope.txt is no file here.", "src/nope is no file here.")

    async def test_each_refusal_is_a_sentence_that_names_the_file(self, folder: Path) -> None:
        (folder / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
        (folder / "large.txt").write_text("x" * 2_000_000)
        (folder / "empty").touch()
        os.mkfifo(folder / "pipe")
        found = await expand_mentions("@image.png @large.txt @pipe @src @empty", folder)
        assert found.attached == ()
        assert [sentence.split()[0] for sentence in found.refused] == ["image.png", "large.txt", "pipe", "src", "empty"]

    async def test_all_files_together_are_bounded(self, folder: Path) -> None:
        names = [f"part{number}" for number in range(6)]
        for name in names:
            (folder / name).write_text("x" * 250_000)
        found = await expand_mentions(" ".join(f"@{name}" for name in names), folder)
        assert len(found.attached) == 4
        assert "all text files together" in found.refused[0]

    @pytest.mark.parametrize("through", ["file", "folder"])
    async def test_a_link_out_of_the_folder_is_named_by_its_target(
        self, folder: Path, tmp_path_factory: pytest.TempPathFactory, through: str
    ) -> None:
        outside = tmp_path_factory.mktemp("outside")
        (outside / "id_rsa").write_text("a private key")
        (folder / "link").symlink_to(outside / "id_rsa" if through == "file" else outside)
        mention = "link" if through == "file" else "link/id_rsa"
        for name in (mention, f"{folder}/{mention}"):
            found = await expand_mentions(f"see @{name}", folder, [name])
            assert found.parts == ()
            assert str(outside / "id_rsa") in found.refused[0]

    async def test_a_link_within_the_folder_is_followed(self, folder: Path) -> None:
        (folder / "link").symlink_to("src/app.py")
        assert (await expand_mentions("see @link", folder, ["link"])).attached == ("link",)

    async def test_a_paste_cannot_attach_a_file(self, folder: Path) -> None:
        composer = Composer(root=folder)
        async with bench(composer) as (app, pilot):
            await paste(pilot, composer, "look at @notes.md")
            await pilot.press(*" and @src/app.py ", "enter")
            await until(lambda: len(sent(app)) == 1)
            message = app.of(Composer.Submitted)[0]
            assert message.mentions == ("src/app.py",)
            found = await expand_mentions(message.text, folder, message.mentions)
            assert found.attached == ("src/app.py",)
            assert found.refused == ()
            assert found.passed_over.startswith("Not attached: notes.md; ")

    @pytest.mark.parametrize("how", ["draft", "history", "burst", "burst at the @", "ctrl+v", "undo of sent"])
    async def test_nor_can_what_was_pasted_once_or_comes_too_fast(self, folder: Path, how: str) -> None:
        text = "@notes.md" if how == "burst at the @" else "look at @notes.md"
        composer = Composer(root=folder, history=[text])
        async with bench(composer) as (app, pilot):
            match how:
                case "draft":
                    await paste(pilot, composer, text)
                    draft = composer.draft
                    composer.load("")
                    composer.load(draft)
                case "history":
                    await pilot.press("up")
                case "burst" | "burst at the @":
                    burst(composer.editor, text)
                case "ctrl+v":
                    app._clipboard = text  # pyright: ignore[reportPrivateUsage] - the public way asks the terminal
                    await pilot.press("ctrl+v")
                case _:
                    await paste(pilot, composer, text)
                    await pilot.press("enter")
                    await until(lambda: len(sent(app)) == 1)
                    await pilot.press("ctrl+z")
            await until(lambda: composer.text == text)
            composer.editor.action_newline()
            await pilot.press("enter")
            await until(lambda: sent(app)[-1:] == [f"{text}\n"])
            assert app.of(Composer.Submitted)[-1].mentions == ()

    @pytest.mark.parametrize("how", ["typed", "completed", "draft", "undo of sent", "path pasted behind the @"])
    async def test_what_was_typed_stays_a_mention(self, folder: Path, how: str) -> None:
        composer = Composer(root=folder)
        async with bench(composer) as (app, pilot):
            match how:
                case "completed":
                    await paste(pilot, composer, "look at @notes")
                    await pilot.press(".")
                    await until(lambda: composer.popup.is_open)
                    await pilot.press("tab")
                case "path pasted behind the @":
                    await pilot.press("@")
                    await paste(pilot, composer, "notes.md @src/app.py ")
                case _:
                    await pilot.press(*"see @notex", "backspace", *"s.md ")
            if how == "draft":
                draft = composer.draft
                composer.load("")
                composer.load(draft)
            if how == "undo of sent":
                await pilot.press("enter")
                await until(lambda: len(sent(app)) == 1)
                await pilot.press("ctrl+z")
            await until(lambda: "@notes.md" in composer.text)
            await pilot.press("enter")
            await until(lambda: len(sent(app)) == (2 if how == "undo of sent" else 1))
            assert app.of(Composer.Submitted)[-1].mentions == ("notes.md",)

    async def test_a_file_that_is_quoted_in_full_already_is_not_complained_of(self, folder: Path) -> None:
        once = user("see @notes.md", (await expand_mentions("see @notes.md", folder)).parts).text
        assert await expand_mentions(once, folder, ()) == Expanded()
