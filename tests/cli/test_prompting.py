"""From words, stdin and templates to what is sent: nothing waits or is replaced in silence, and nothing dear is sent
unasked."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatmodes.settings.templates import folder, load_template
from tests.cli.program import chatmodes, inside
from tests.fake import Fake


def sent(fake: Fake) -> dict[str, Any]:
    """The last request's body."""
    body = fake.chats[-1].json
    assert body is not None
    return body


def template(name: str, text: str) -> None:
    """A template of the user's own."""
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / f"{name}.toml").write_text(text, "utf-8")


def test_a_stdin_that_does_not_end_is_said(fake: Fake) -> None:
    command = [sys.executable, "-m", "chatmodes", "ask", "hi", "--base-url", fake.url, "--model", "echo"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as program:
        assert program.stdin
        assert program.stderr
        assert b"Reading stdin until it ends" in program.stderr.readline()
        program.stdin.write(b"and this")
        program.stdin.close()
        assert program.wait(timeout=60) == 0
    assert sent(fake)["messages"][-1]["content"] == "hi\n\nand this"


def test_bytes_that_are_no_text_are_replaced_and_said(fake: Fake) -> None:
    asked = ("--base-url", fake.url, "--model", "say:yes")
    latin = chatmodes("ask", *asked, stdin="Stra\xdfe, na\xefve".encode("latin-1"))
    assert (latin.code, latin.out) == (0, "yes\n")
    assert latin.err == "chatmodes: Stdin is not all UTF-8 text: \ufffd stands in 2 places.\n"
    assert sent(fake)["messages"][-1]["content"] == "Stra\ufffde, na\ufffdve"
    marked = chatmodes("ask", *asked, stdin=b"\xef\xbb\xbfhello \xef\xbf\xbd")
    assert (marked.code, marked.err) == (0, "")
    assert sent(fake)["messages"][-1]["content"] == "hello \ufffd"


def test_a_stream_without_end_is_refused_and_not_kept() -> None:
    command = ["sh", "-c", 'yes | "$@"', "sh", sys.executable, "-m", "chatmodes", "ask", "hi"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Stdin is larger than 64 MB." in done.stderr


# Templates


def test_a_template_says_what_the_line_does_not(fake: Fake) -> None:
    template(
        "brief",
        'prompt = "Put $input into ${language}, for $$5."\nsystem = "You are $who."\nmode = "instant"\n'
        '[defaults]\nlanguage = "English"\nwho = "terse"\n[sampling]\ntemperature = 0.25\nmax_tokens = 50\n',
    )
    asked = ("ask", "--template", "brief", "--base-url", fake.url, "--model", "say:yes")
    assert inside(*asked, "this").code == 0
    body = sent(fake)
    assert [m["content"] for m in body["messages"]] == ["You are terse.", "Put this into English, for $5."]
    assert (body["temperature"], body["max_tokens"]) == (0.25, 50)
    assert inside(*asked, "-p", "language", "$who", "-p", "who", "kind", "--temperature", "1", "this").code == 0
    body = sent(fake)
    assert [m["content"] for m in body["messages"]] == ["You are kind.", "Put this into $who, for $5."]
    assert body["temperature"] == 1.0
    assert inside(*asked, "this", "--system", "Mine.").code == 0
    assert sent(fake)["messages"][0]["content"] == "Mine."


def test_a_persona_goes_with_any_prompt_and_a_snippet_is_one(fake: Fake) -> None:
    template("pirate", 'system = "Talk like a pirate."')
    template("joke", 'prompt = "Tell me a joke."')
    asked = ("--base-url", fake.url, "--model", "say:yes")
    assert inside("ask", "hi", "--template", "pirate", *asked).code == 0
    assert [m["content"] for m in sent(fake)["messages"]] == ["Talk like a pirate.", "hi"]
    assert inside("ask", "--template", "joke", *asked).code == 0
    assert [m["content"] for m in sent(fake)["messages"]] == ["Tell me a joke."]
    assert inside("ask", "About cats.", "--template", "joke", *asked).code == 0
    assert [m["content"] for m in sent(fake)["messages"]] == ["Tell me a joke.\n\nAbout cats."]
    assert inside("compare", "hi", "--modes", "instant", "--template", "pirate", *asked).code == 0
    assert [m["content"] for m in sent(fake)["messages"]] == ["Talk like a pirate.", "hi"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--template", "nope"], 'There is no template "nope". There are greet.'),
        (["--template", "../greet"], "cannot be a template's name"),
        (["--template", "greet"], 'The template "greet" needs name. Say it on the command line: -p name VALUE'),
        (["--template", "greet", "-p", "nam", "Ada"], "has no variable nam. It takes name."),
        (["-p", "name", "Ada"], "-p is for templates."),
    ],
)
def test_a_template_that_cannot_be_used_is_wrong_usage(fake: Fake, words: list[str], said: str) -> None:
    template("greet", 'prompt = "Greet $name."')
    result = inside("ask", "hi", *words, "--base-url", fake.url, "--model", "say:yes")
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert not fake.chats


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "neither a prompt nor a system prompt"),
        ('prompt = "x"\nshell = "rm"', "unknown field `shell`"),
        ("prompt = 3", "Expected `str`"),
        ('prompt = "x"\n[sampling]\ntemperature = 9', "<= 2.0"),
        ("prompt = [" + "[" * 5000, "nested too deeply"),
    ],
)
def test_a_template_file_that_is_wrong_is_one_sentence(text: str, said: str) -> None:
    template("bad", text)
    for words in (["templates", "show", "bad"], ["ask", "hi", "--template", "bad"]):
        result = inside(*words)
        assert result.code == 2
        assert said in result.err
        assert len(result.err.splitlines()) == 1


def test_llms_templates_are_taken_over_and_what_is_lost_is_named(tmp_path: Path) -> None:
    (tmp_path / "steampunk.yaml").write_text(
        "model: gpt-4o\nsystem: >\n  Summarize in the style of $style.\n"
        "prompt: 'Summarize: $input'\ndefaults:\n  style: steampunk\n  words: 50\n"
        "options:\n  temperature: 0.5\n  max_tokens: 100\n  top_p: 0.9\n  stop: END\n"
        "functions: |\n  import os\nextract: true\n"
    )
    (tmp_path / "plain.yml").write_text("'Say it simply: $input'\n")
    result = inside("templates", "import", str(tmp_path))
    assert result.code == 0
    assert "without functions, extract, options.top_p, model (gpt-4o): " in result.err
    steampunk = load_template("steampunk")
    assert (steampunk.prompt, steampunk.system) == ("Summarize: $input", "Summarize in the style of $style.\n")
    assert steampunk.defaults == {"style": "steampunk", "words": "50"}
    assert (steampunk.sampling.temperature, steampunk.sampling.stop) == (0.5, ("END",))
    assert load_template("plain").prompt == "Say it simply: $input"
    listed = inside("templates").out
    assert "steampunk" in listed
    assert "style" in listed
    again = inside("templates", "import", str(tmp_path / "plain.yml"))
    assert again.code == 1
    assert "already" in again.err
    assert inside("templates", "import", str(tmp_path / "plain.yml"), "--overwrite").code == 0


@pytest.mark.parametrize(
    "text",
    ["a: [", "- 1\n- 2\n", "", "prompt: [1, 2]\n", "options: {temperature: hot}\nprompt: x\n", "[" * 20_000,
     "!!python/object/apply:os.system [echo]", "a: &a [x,x]\nb: &b [*a,*a]\nprompt: [*b,*b]\n"],
)  # fmt: skip
def test_a_file_that_is_no_template_of_llms_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    result = inside("templates", "import", str(tmp_path / "bad.yaml"))
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert not list(folder().glob("*")) if folder().exists() else True


# Costs and codes


def provider(home: Path, url: str) -> None:
    """A provider whose prices are those of OpenAI's models."""
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(
        f'[mine]\nname = "Mine"\nbase_url = "{url}"\nkey_needed = false\nprices = "openai"\n'
    )


def test_what_may_cost_more_than_the_limit_is_refused_where_nobody_can_be_asked(fake: Fake, home: Path) -> None:
    provider(home, fake.url)
    words = ("ask", "hi", "-m", "contemplating", "--agents", "64", "--rounds", "10", "--model", "mine/gpt-4o")
    refused = inside(*words)
    assert (refused.code, refused.out) == (2, "")
    assert re.search(r"may cost up to \$\d+.*, more than the limit of \$5\S* \(cost_limit\)\. Say --yes", refused.err)
    assert not fake.chats
    (home / "config" / "settings.toml").write_text("cost_limit = 0.0001")
    assert inside("ask", "hi", "--model", "mine/gpt-4o").code == 2
    assert not fake.chats
    inside("ask", "hi", "--model", "mine/gpt-4o", "--yes")
    assert fake.chats


def test_a_price_that_nobody_knows_is_said_and_not_asked_about(fake: Fake) -> None:
    words = ("-m", "contemplating", "--agents", "2", "--base-url", fake.url, "--model", "say:yes")
    result = inside("ask", "hi", *words)
    assert result.code == 0
    assert "at a price that is not known" in result.err


@pytest.mark.parametrize("command", [["ask", "hi"], ["compare", "hi", "--modes", "instant,thinking"]])
@pytest.mark.parametrize("model", ["nowhere/x", "openai/gpt-4o"])
def test_an_unknown_provider_and_a_missing_key_are_wrong_configuration(command: list[str], model: str) -> None:
    result = inside(*command, "--model", model)
    assert result.code == 2
    assert ("nowhere" in result.err + result.out) or ("OPENAI_API_KEY" in result.err + result.out)


def test_a_key_that_a_server_turns_down_is_a_failure(fake: Fake) -> None:
    assert inside("ask", "hi", "--base-url", fake.url, "--model", "fault:401").code == 1
