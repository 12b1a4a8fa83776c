"""What a settings file may say: nonsense is refused where it stands, before it fails as something else."""

from pathlib import Path

import pytest

from chatmodes.settings import PROJECT_FILE, ConfigError, Settings, load


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
        ("contemplating", "rounds", "0", "at least 1"),
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
    ("mine", "projects", "said"),
    [
        ("[store]\nprivate = true", "[store]\nprivate = false", "store.private to false, but your settings say true"),
        ("", "[compare]\ncost_limit = 1000", "compare.cost_limit to 1000, above yours of 0.1"),
        ("[compare]\ncost_limit = 2", "[compare]\ncost_limit = 2.5", "compare.cost_limit to 2.5, above yours of 2"),
        ("", "[compare]\ncost_limit = inf", "compare.cost_limit to inf, above yours of 0.1"),
    ],
)
def test_a_project_may_not_loosen(home: Path, tmp_path: Path, mine: str, projects: str, said: str) -> None:
    user_file(home, mine)
    (tmp_path / PROJECT_FILE).write_text(projects)
    with pytest.raises(ConfigError) as refused:
        load(project=tmp_path)
    assert str(refused.value) == f"{tmp_path / PROJECT_FILE} sets {said}."
    assert "may only tighten" in refused.value.hint


def test_a_project_may_tighten(home: Path, tmp_path: Path) -> None:
    user_file(home, "[compare]\ncost_limit = 5")
    (tmp_path / PROJECT_FILE).write_text("[store]\nprivate = true\n[compare]\ncost_limit = 0.01\n")
    settings = load(project=tmp_path)
    assert (settings.store.private, settings.compare.cost_limit) == (True, 0.01)
    assert load(project=home).compare.cost_limit == 5


def test_a_project_that_says_what_holds_anyway_is_fine(tmp_path: Path) -> None:
    (tmp_path / PROJECT_FILE).write_text("[store]\nprivate = false\n[compare]\ncost_limit = 0.1\n")
    assert load(project=tmp_path) == Settings()
