"""What a settings file may say: nonsense is refused where it stands, before it fails as something else."""

from pathlib import Path

import pytest

from chatmodes.settings import ConfigError, Settings, load


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
