"""What programs that are started from here see of the environment: no keys."""

import json
import sys
from pathlib import Path

from chatmodes.providers.keys.environment import without_keys
from chatmodes.tui.composer.external import edit

KEYS = {
    "OPENAI_API_KEY": "sk-1",
    "CHATMODES_API_KEY": "sk-2",
    "CHATMODES_SERVE_KEY": "sk-3",
    "GITHUB_COPY": "sk-1",
    "SOMEBODY_ELSES_API_KEY": "sk-4",
    "MINE_SECRET": "sk-5",
}
OTHERS = {"TERM": "xterm", "GITHUB_USER": "ada", "EMPTY": ""}


def mine(home: Path) -> None:
    """A provider whose key is in a variable that no rule could guess."""
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(
        '[mine]\nbase_url = "http://a/v1"\nkey_variables = ["MINE_SECRET"]\n'
    )


def test_keys_are_left_out_by_name_and_by_value(home: Path) -> None:
    mine(home)
    assert without_keys({**KEYS, **OTHERS}) == OTHERS


def test_a_broken_providers_file_leaves_no_key_in(home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text("[mine")
    assert without_keys({"OPENAI_API_KEY": "sk-1", "COPY": "sk-1", **OTHERS}) == OTHERS


def test_an_editor_gets_none(home: Path, tmp_path: Path) -> None:
    mine(home)
    script, seen = tmp_path / "editor.py", tmp_path / "seen.json"
    script.write_text(f"import json, os; open({str(seen)!r}, 'w').write(json.dumps(dict(os.environ)))")
    edit("text", {**KEYS, **OTHERS, "EDITOR": f"{sys.executable} {script}"})
    assert not set(KEYS.values()) & set(json.loads(seen.read_text()).values())
    assert json.loads(seen.read_text())["GITHUB_USER"] == "ada"
