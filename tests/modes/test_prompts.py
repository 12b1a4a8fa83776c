"""The prompt files: what ships is sound, a user's own replace them, and a bad one is told in a sentence."""

from pathlib import Path

import pytest

from chatmodes.messages import system, user
from chatmodes.modes import prompts
from chatmodes.settings import ConfigError, shipped

SHIPPED = sorted(path.stem for path in shipped("prompts").glob("*.txt"))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_prompt_says_what_it_is_for_and_its_version(name: str) -> None:
    prompt = prompts.load(name)
    assert prompt.version
    assert prompt.path.read_text().startswith("# Responsible for: ")
    assert not prompt.text.startswith("#")


def own(home: Path, name: str, text: str) -> Path:
    path = home / "config" / "prompts" / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_users_prompt_replaces_the_shipped_one(home: Path) -> None:
    own(home, "think", "# mine\n# Version: 7\n\nThink in Latin.")
    assert prompts.fill("think") == "Think in Latin."
    assert prompts.load("think").version == "7"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("distil", "Compare them.", "{{drafts}}"),
        ("think", "Think about {{drafts}}.", "{{drafts}}"),
        ("think", "# only a head\n", "is empty"),
        ("think", "x" * 200_000, "larger than"),
    ],
)
def test_a_prompt_that_cannot_serve_is_told_with_its_file(home: Path, name: str, text: str, complaint: str) -> None:
    path = own(home, name, text)
    with pytest.raises(ConfigError) as raised:
        prompts.load(name)
    assert str(path) in str(raised.value)
    assert complaint in str(raised.value)
    assert raised.value.hint


def test_binary_in_a_prompt_is_told(home: Path) -> None:
    own(home, "think", "x").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        prompts.load("think")


def test_braces_in_what_is_filled_in_stay() -> None:
    text = prompts.fill("distil", drafts='{"a": 1} {{workspace}}')
    assert '{"a": 1} {{workspace}}' in text


def test_an_instruction_stands_behind_the_question() -> None:
    messages = prompts.appended((system("Be kind."), user("Why?")), "Think.")
    assert [m.text for m in messages] == ["Be kind.", "Why?\n\nThink."]
