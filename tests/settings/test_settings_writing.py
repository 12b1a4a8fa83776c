"""Lines of settings.toml that the program writes: checked first, comments kept, the file whole or as it was."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.settings import ConfigError, load
from chatmodes.settings.catalogue import catalogue, setting
from chatmodes.settings.writing import parsed, set_value, unset
from tests.settings.test_settings import user_file

WRITTEN = """# Mine, since 2024
mode = "auto"   # the boss likes it

[contemplating]
# not more: rate limits
agents = 3  # was 5
panel = [
    "a/b",  # cheap
    "c/d",
]

[keys]
"transcript.start" = "home"
"""


def test_a_change_keeps_every_comment_and_all_else(home: Path) -> None:
    path = user_file(home, WRITTEN)
    assert set_value("contemplating.agents", 4) == path
    assert path.read_text() == WRITTEN.replace("agents = 3", "agents = 4")
    set_value("mode", "thinking")
    assert path.read_text() == WRITTEN.replace("agents = 3", "agents = 4").replace('"auto"', '"thinking"')
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_new_finds_its_table(home: Path) -> None:
    path = user_file(home, WRITTEN)
    set_value("model", "a/b")
    set_value("contemplating.grace", 2.5)
    set_value("tui.theme", "nord")
    set_value("keys.transcript.end", "end")
    set_value("modes.debate.turns", 3)
    settings = load()
    assert (settings.model, settings.contemplating.grace, settings.tui.theme) == ("a/b", 2.5, "nord")
    assert settings.keys == {"transcript.start": "home", "transcript.end": "end"}
    assert settings.modes == {"debate": {"turns": 3}}
    assert all(line in path.read_text().splitlines() for line in WRITTEN.splitlines())


def test_a_file_is_made_where_there_is_none_and_emptied_again(home: Path) -> None:
    path = set_value("store.private", True)
    assert (path.read_text(), path.parent.stat().st_mode & 0o777) == ("[store]\nprivate = true\n", 0o700)
    assert unset("store.private")
    assert not unset("store.private")
    assert not unset("tui.theme")
    assert not load().store.private


def test_unsetting_takes_the_line_and_no_other(home: Path) -> None:
    path = user_file(home, WRITTEN)
    assert unset("contemplating.agents")
    assert load().contemplating.agents == 5
    assert "# not more: rate limits" in path.read_text()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("contemplating.agents", 100, "Not written: contemplating.agents is 100; it must be from 1 to 64."),
        ("store.private", "maybe", 'Not written: store.private is "maybe"; it must be true or false.'),
        ("contemplating.colour", 1, 'There is no setting "contemplating.colour".'),
        ("compare.modes", [], "Not written: compare.modes is empty."),
    ],
)
def test_what_is_not_right_is_not_written(home: Path, name: str, value: object, said: str) -> None:
    path = user_file(home, WRITTEN)
    with pytest.raises(ConfigError) as refused:
        set_value(name, value)
    assert str(refused.value) == said
    assert path.read_text() == WRITTEN


def test_a_wrong_line_can_be_mended(home: Path) -> None:
    user_file(home, "[contemplating]\nagents = 100\n")
    set_value("contemplating.agents", 5)
    assert load().contemplating.agents == 5


def test_a_file_that_is_no_toml_stays_as_it_is(home: Path) -> None:
    path = user_file(home, "mode = \n")
    with pytest.raises(ConfigError, match="not valid TOML"):
        set_value("mode", "auto")
    assert path.read_text() == "mode = \n"


@pytest.mark.parametrize(
    "text",
    [
        "contemplating = {agents = 3}\n",
        "contemplating.agents = 3\n",
        '[tui]\nbell = false\n[keys]\n"a.b" = "c"\n[contemplating]\nagents = 3\n',
        "[contemplating]\r\nagents = 3 # windows\r\n",
        "[modes.debate]\nturns = 1\n\n[contemplating]\nagents = 3\n\n[modes.other]\nx = 1\n",
    ],
    ids=["inline", "dotted", "order", "crlf", "scattered"],
)
def test_every_way_to_write_a_table_is_changed_in_place(home: Path, text: str) -> None:
    path = user_file(home, "")
    path.write_bytes(text.encode())
    set_value("contemplating.agents", 7)
    set_value("contemplating.rounds", 2)
    assert (load().contemplating.agents, load().contemplating.rounds) == (7, 2)
    assert ("\r\n" in path.read_bytes().decode()) == ("\r\n" in text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("store.private", "yes", True),
        ("contemplating.agents", "3", 3),
        ("contemplating.grace", "2.5", 2.5),
        ("model", "a/b", "a/b"),
        ("compare.modes", "instant, auto", ["instant", "auto"]),
        ("compare.modes", '["instant"]', ["instant"]),
        ("contemplating.panel", '[{model = "a/b", effort = "high"}]', [{"model": "a/b", "effort": "high"}]),
        ("keys.send", "f5,f6", "f5,f6"),
        ("modes.debate.turns", "3", 3),
        ("modes.debate.name", "three", "three"),
    ],
)
def test_what_is_typed_becomes_the_settings_kind(name: str, text: str, value: object) -> None:
    assert parsed(setting(name), text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("store.private", "maybe"), ("contemplating.agents", "five"), ("contemplating.panel", "[a"), ("keys", "x")],
)
def test_what_is_typed_and_cannot_be_is_told(name: str, text: str) -> None:
    with pytest.raises(ConfigError):
        parsed(setting(name), text)


@given(st.text(max_size=40))
def test_any_text_that_is_written_is_read_again(text: str) -> None:
    set_value("system", text)
    assert load().system == text


def test_every_default_can_be_written(home: Path) -> None:
    for each in catalogue():
        if each.kind != "table" and each.default is not None:
            set_value(each.name, each.default)
    assert load() == load(project=home)
