"""What a settings file may say: nonsense is refused where it stands, before it fails as something else."""

import re
from pathlib import Path

import pytest

from chatmodes.settings import PROJECT_FILE, ConfigError, Settings, load, resolve, shipped
from chatmodes.settings.catalogue import ABOUT, catalogue, setting, value_of


def user_file(home: Path, text: str) -> Path:
    """The user's own settings, with this content."""
    path = home / "config" / "settings.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("section", "name", "value", "bound"),
    [
        ("instant", "max_tokens", "0", "at least 1"),
        ("thinking", "max_tokens", "0", "at least 1"),
        ("contemplating", "agents", "0", "from 1 to 64"),
        ("contemplating", "agents", "65", "from 1 to 64"),
        ("contemplating", "quorum", "-1", "at least 0"),
        ("contemplating", "rounds", "0", "from 1 to 10"),
        ("contemplating", "rounds", "1000", "from 1 to 10"),
        ("sampling", "temperature", "2.5", "from 0 to 2"),
        ("sampling", "max_tokens", "-1", "at least 0"),
        ("contemplating", "grace", "-0.5", "at least 0"),
        ("contemplating", "grace", "nan", "at least 0"),
        ("contemplating", "max_tokens", "0", "at least 1"),
        ("timeouts", "connect", "-1.0", "at least 0"),
        ("timeouts", "first_token", "-1.0", "at least 0"),
        ("timeouts", "idle", "-1.0", "at least 0"),
        ("timeouts", "run", "-1.0", "at least 0"),
        ("local", "context", "-1", "at least 0"),
        ("local", "slots", "0", "at least 1"),
        ("local", "threads", "-1", "at least 0"),
        ("compare", "cost_limit", "-0.1", "at least 0"),
        ("tui", "notify_after", "-1.0", "at least 0"),
    ],
)
def test_a_number_out_of_bounds_is_refused_with_file_setting_and_bound(
    home: Path, section: str, name: str, value: str, bound: str
) -> None:
    path = user_file(home, f"[{section}]\n{name} = {value}\n")
    with pytest.raises(ConfigError) as refused:
        load()
    assert str(refused.value) == f"{path}: {section}.{name} is {value}; it must be {bound}."
    assert refused.value.hint


def test_a_comparison_of_no_mode_is_refused(home: Path) -> None:
    path = user_file(home, "[compare]\nmodes = []\n")
    with pytest.raises(ConfigError) as refused:
        load()
    assert str(refused.value) == f"{path}: compare.modes is empty."


def test_the_shipped_settings_are_the_defaults_and_within_their_bounds() -> None:
    assert load() == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[contemplating]\nagents = "five"', 'contemplating.agents is "five"; it must be a whole number from 1 to 64.'),
        ("[contemplating]\nagents = 2.5", "contemplating.agents is 2.5; it must be a whole number from 1 to 64."),
        ("[store]\nprivate = 1", "store.private is 1; it must be true or false."),
        (
            '[contemplating]\nreconcile = "quick"',
            'contemplating.reconcile is "quick"; it must be one of auto, select, synthesize, vote.',
        ),
        ("model = true", "model is true; it must be a text in quotes."),
        ("[compare]\nmodes = 3", "compare.modes is 3; it must be a list in brackets."),
        ("instant = 3", "instant must be a table: write [instant] and its lines below it."),
        ("[instant]\nagents = 3", "there is no setting instant.agents."),
        ("agents = 3", "there is no setting agents."),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(home: Path, text: str, said: str) -> None:
    path = user_file(home, text)
    with pytest.raises(ConfigError) as refused:
        load()
    assert str(refused.value) == f"{path}: {said}"
    assert refused.value.hint


def test_a_misplaced_setting_is_told_its_place(home: Path) -> None:
    user_file(home, "rounds = 3")
    with pytest.raises(ConfigError) as refused:
        load()
    assert "Did you mean contemplating.rounds?" in refused.value.hint


def test_a_table_of_a_foreign_mode_is_kept_for_it(home: Path) -> None:
    user_file(home, '[modes.debate]\nturns = 3\nmodel = "a/b"\n')
    assert load().modes == {"debate": {"turns": 3, "model": "a/b"}}


def test_where_each_value_comes_from_is_known(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user_file(home, 'mode = "auto"\nmodel = "a/b"\n[keys]\nsend = "f5"\n[tui]\nbell = false\n')
    (tmp_path / PROJECT_FILE).write_text('model = "c/d"\n[contemplating]\nagents = 2\n')
    monkeypatch.setenv("CHATMODES_MODE", "thinking")
    loaded = resolve({"contemplating": {"rounds": 2}}, project=tmp_path)
    origins = {
        "mode": "environment",
        "model": "project",
        "contemplating.agents": "project",
        "contemplating.rounds": "flag",
        "contemplating.grace": "default",
        "keys": "user",
        "tui.bell": "user",
    }
    assert {name: loaded.origin(name) for name in origins} == origins


def test_the_catalogue_and_the_shipped_file_name_the_same_settings() -> None:
    """Also those that the file can only show as a comment, since leaving them out is their default."""
    section, written = "", list[str]()
    for line in shipped("settings.toml").read_text("utf-8").splitlines():
        if found := re.match(r"\[(\w+)\]", line):
            section = found[1]
            written += [section] if section in ("keys", "modes", "mcp") else []
        elif found := re.match(r"(?:# )?(\w+) = ", line):
            written.append(f"{section}.{found[1]}".strip("."))
    settings = catalogue()
    assert [each.name for each in settings] == written
    assert set(ABOUT) == set(written)
    assert all(each.about and not each.about.endswith(".") for each in settings)


@pytest.mark.parametrize(
    ("name", "kind", "default", "choices", "bounds"),
    [
        ("store.private", "switch", False, (), (None, None)),
        ("contemplating.agents", "integer", 5, (), (1, 64)),
        ("contemplating.reconcile", "choice", "auto", ("auto", "vote", "select", "synthesize"), (None, None)),
        ("sampling.temperature", "number", None, (), (0, 2)),
        ("system", "text", "", (), (None, None)),
        ("contemplating.panel", "list", (), (), (None, None)),
        ("keys", "table", {}, (), (None, None)),
    ],
)
def test_a_setting_is_described_as_its_type_is(
    name: str, kind: str, default: object, choices: tuple[str, ...], bounds: tuple[float | None, float | None]
) -> None:
    found = setting(name)
    assert (found.kind, found.default, set(found.choices)) == (kind, default, set(choices))
    assert (found.low, found.high) == bounds
    assert value_of(Settings(), name) == default
