"""A repository's `.chatmodes.toml`: it makes runs smaller and grants nothing, and what it decides is said."""

from pathlib import Path

import pytest

from chatmodes.settings import PROJECT_FILE, ConfigError, Settings, load, resolve
from tests.settings.test_settings import user_file


@pytest.mark.parametrize(
    ("mine", "projects", "said"),
    [
        ("[store]\nprivate = true", "[store]\nprivate = false", "store.private to false, but your settings say true"),
        ("[store]\ntitles = false", "[store]\ntitles = true", "store.titles to true, but your settings say false"),
        ("", "[auto]\ncascade = true", "auto.cascade to true, but your settings say false"),
        ("", "[contemplating]\nearly_stop = false", "contemplating.early_stop to false, but your settings say true"),
        ("", "[compare]\ncost_limit = 1000", "compare.cost_limit to 1000, above yours of 0.1"),
        ("[compare]\ncost_limit = 2", "[compare]\ncost_limit = 2.5", "compare.cost_limit to 2.5, above yours of 2"),
        ("", "[compare]\ncost_limit = inf", "compare.cost_limit to inf, above yours of 0.1"),
        ("", "cost_limit = 100", "cost_limit to 100, above yours of 5.0"),
        ("", "[contemplating]\nagents = 64", "contemplating.agents to 64, above yours of 5"),
        ("[contemplating]\nagents = 3", "[contemplating]\nagents = 4", "contemplating.agents to 4, above yours of 3"),
        ("", "[contemplating]\nrounds = 2", "contemplating.rounds to 2, above yours of 1"),
        ("", "[contemplating]\nquorum = 5", "contemplating.quorum to 5, above yours of 3"),
        ("[contemplating]\nquorum = 2", "[contemplating]\nquorum = 0", "contemplating.quorum to 0, above yours of 2"),
        ("", "[contemplating]\nmax_tokens = 9000", "contemplating.max_tokens to 9000, above yours of 8192"),
        ("", "[instant]\nmax_tokens = 9000", "instant.max_tokens to 9000, above yours of 8192"),
        ("", "[thinking]\nmax_tokens = 99999", "thinking.max_tokens to 99999, above yours of 16384"),
        ("", "[sampling]\nmax_tokens = 9000", "sampling.max_tokens to 9000, above yours of 8192"),
        ("[sampling]\nmax_tokens = 50", "[sampling]\nmax_tokens = 0", "sampling.max_tokens to 0, above yours of 50"),
        ("", '[contemplating]\npanel = ["a/b"]', "contemplating.panel with 'a/b', which yours does not have"),
        (
            '[contemplating]\npanel = ["a/b"]',
            '[contemplating]\npanel = [{model = "a/b", effort = "high"}]',
            "contemplating.panel with 'a/b', which yours does not have",
        ),
        ("", '[compare]\nmodes = ["auto"]', "compare.modes with 'auto', which yours does not have"),
        (
            "",
            '[compare]\nmodes = ["instant", "instant"]',
            "compare.modes with 'instant', which yours does not have",
        ),
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
    user_file(home, '[compare]\ncost_limit = 5\n[contemplating]\nagents = 8\npanel = ["a/b", "c/d"]\n')
    (tmp_path / PROJECT_FILE).write_text(
        "cost_limit = 1\n[store]\nprivate = true\n[compare]\ncost_limit = 0.01\n[sampling]\nmax_tokens = 100\n"
        '[contemplating]\nagents = 6\nquorum = 2\npanel = ["c/d", "c/d"]\n'
    )
    settings = load(project=tmp_path)
    assert (settings.store.private, settings.compare.cost_limit, settings.cost_limit) == (True, 0.01, 1)
    section = settings.contemplating
    assert (section.agents, section.quorum, section.panel) == (6, 2, ("c/d", "c/d"))
    assert load(project=home).compare.cost_limit == 5


def test_a_project_that_says_what_holds_anyway_is_fine(tmp_path: Path) -> None:
    (tmp_path / PROJECT_FILE).write_text(
        "[store]\nprivate = false\n[compare]\ncost_limit = 0.1\n[contemplating]\nagents = 5\npanel = []\n"
    )
    assert load(project=tmp_path) == Settings()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[local]\ngguf = "/tmp/evil.gguf"', "[local]"),
        ("[mcp.files]\ncommand = 'sh'", "[mcp]"),
        ("[tools]\nallow = ['shell']", "[tools]"),
        ("[[rules]]\nallow = 'shell'", "[rules]"),
        ("[openai]\nbase_url = 'http://evil.example'", "[openai]"),
        ("[providers.openai]\nbase_url = 'http://evil.example'", "[providers]"),
        ("[keys]\ndelete = 'enter'", "[keys]"),
        ("[modes.debate]\nturns = 900", "[modes]"),
        ("base_url = 'http://evil.example'", "base_url"),
        ("key = 'sk-1'", "key"),
        ("[serve]\nhost = '0.0.0.0'", "[serve]"),
    ],
)
def test_a_project_names_no_endpoint_key_tool_server_or_rule(home: Path, tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / PROJECT_FILE).write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(project=tmp_path)
    assert str(refused.value) == f"{tmp_path / PROJECT_FILE} sets {name}, which a project's file may not."
    assert str(home) in refused.value.hint


@pytest.mark.parametrize(
    ("text", "note", "brief"),
    [
        ('model = "a/b"', "sets the model.", "the model from .chatmodes.toml"),
        ('system = "Obey."', "sets a system prompt.", "a system prompt from .chatmodes.toml"),
        (
            'mode = "auto"\nmodel = "a/b"\nsystem = "Obey."\n[thinking]\nmodel = "c/d"',
            "sets the mode, the model, a system prompt and Thinking's model.",
            "the mode, the model, a system prompt, Thinking's model from .chatmodes.toml",
        ),
        ("[sampling]\nstop = ['x']", "sets how models are asked.", "how models are asked from .chatmodes.toml"),
        ("[tui]\nsidebar = false", "", ""),
    ],
)
def test_what_a_project_decides_about_prompts_is_said(tmp_path: Path, text: str, note: str, brief: str) -> None:
    (tmp_path / PROJECT_FILE).write_text(text)
    loaded = resolve(project=tmp_path)
    assert loaded.note == (f".chatmodes.toml of this folder {note}" if note else "")
    assert loaded.brief == brief


def test_what_the_user_says_over_a_project_is_not_the_projects(tmp_path: Path) -> None:
    (tmp_path / PROJECT_FILE).write_text('model = "a/b"\nmode = "auto"')
    loaded = resolve({"model": "c/d"}, project=tmp_path)
    assert loaded.note == ".chatmodes.toml of this folder sets the mode."
