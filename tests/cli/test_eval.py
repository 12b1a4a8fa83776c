"""`chatmodes eval` over the loopback server's simulated models."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from chatmodes.cli import main
from chatmodes.modes import prompts
from chatmodes.providers.gateway import Gateway
from tests.fake import Fake


def items(path: Path, *lines: str) -> str:
    """A file of items."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def evaluate(fake: Fake, *args: str) -> int:
    """Run the command against the loopback server, in this process."""
    return main(["eval", *args, "--base-url", fake.url])


def configure(home: Path, text: str, name: str = "settings.toml") -> None:
    """A configuration file of the user's."""
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / name).write_text(text, encoding="utf-8")


RIGHT_AND_WRONG = ('{"input": "6*7?", "target": "42"}', '{"input": "6*8?", "target": "48"}')


def test_json_has_the_contracts_form_and_every_answer(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    code = evaluate(fake, file, "--modes", "instant,contemplating", "--model", "say:ANSWER: 42", "--json")
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["items"] == 2
    assert [mode["mode"] for mode in told["modes"]] == ["instant", "contemplating", "maj@k"]
    for mode in told["modes"]:
        assert {"mode", "model", "accuracy", "low", "high", "tokens", "cost", "p50", "p95"} <= mode.keys()
        assert mode["accuracy"] == 0.5
        assert mode["low"] < 0.5 < mode["high"]
    assert told["modes"][1]["oracle"] == 0.5
    assert told["modes"][1]["p_value"] == 1
    assert len(told["answers"]) == 6
    drafts = told["answers"][2]["drafts"]
    assert [(draft["answer"], draft["right"], draft["tokens"]) for draft in drafts] == [("42", True, 3)] * len(drafts)
    assert {draft["agent"] for draft in drafts} <= {"a1", "a2", "a3", "a4", "a5"}


def test_json_says_which_prompts_were_used(
    fake: Fake, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config" / "prompts").mkdir(parents=True)
    configure(home, "# Mine\n# Version: 7\nThink.", "prompts/think.txt")
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    assert evaluate(fake, file, "--modes", "instant", "--model", "echo", "--json") == 0
    told = {prompt["name"]: prompt for prompt in json.loads(capsys.readouterr().out)["prompts"]}
    assert {"draft", "grade", "grade-answer", "think", "reconcile", "answer-only", "choose"} <= told.keys()
    assert (told["think"]["version"], told["think"]["own"]) == ("7", True)
    assert (told["draft"]["version"], told["draft"]["own"]) == (prompts.load("draft").version, False)
    assert len({prompt["digest"] for prompt in told.values()}) == len(told)


def test_a_prompt_that_cannot_serve_is_said_before_anything_is_spent(
    fake: Fake, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config" / "prompts").mkdir(parents=True)
    configure(home, "Grade it.", "prompts/grade.txt")
    file = items(tmp_path / "items.jsonl", RUBRIC)
    assert evaluate(fake, file, "--modes", "instant", "--model", "echo") == 2
    assert "grade.txt lacks" in capsys.readouterr().err
    assert not fake.chats


def test_it_goes_on_after_a_crash_without_paying_twice(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    assert evaluate(fake, file, "--modes", "instant", "--model", "echo") == 0
    assert len(fake.chats) == 2
    assert evaluate(fake, file, "--modes", "instant", "--model", "echo") == 0
    assert len(fake.chats) == 2
    assert evaluate(fake, file, "--modes", "instant", "--model", "echo", "--system", "Other.") == 0
    assert len(fake.chats) == 4


def test_an_item_that_was_edited_under_its_id_is_asked_again(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def right(target: str) -> float:
        file = items(tmp_path / "items.jsonl", f'{{"id": "q", "input": "6*7?", "target": "{target}"}}')
        assert evaluate(fake, file, "--modes", "instant", "--model", "say:42", "--json") == 0
        return json.loads(capsys.readouterr().out)["modes"][0]["accuracy"]

    assert [right("41"), right("42")] == [0, 1]
    assert len(fake.chats) == 2


def test_failed_runs_are_counted_and_tried_again(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    assert evaluate(fake, file, "--modes", "instant", "--model", "fault:401", "--json") == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["modes"][0]["errors"] == 2
    assert "2 runs failed" in captured.err
    assert evaluate(fake, file, "--modes", "instant", "--model", "fault:401") == 1
    assert len(fake.chats) == 4


def test_what_the_first_call_would_import_is_imported_before_the_clock_runs(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def warm(self: Gateway) -> None:
        asked.append(len(fake.chats))

    monkeypatch.setattr(Gateway, "warm", warm)
    monkeypatch.setattr(Gateway, "warm_prices", warm)
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    assert evaluate(fake, file, "--modes", "instant", "--model", "echo") == 0
    assert asked == [0, 0]


def test_broken_lines_are_named_and_the_rest_runs(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", "{oops", RIGHT_AND_WRONG[0])
    assert evaluate(fake, file, "--modes", "instant, instant,", "--model", "say:42", "--json") == 0
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)["modes"]) == 1
    assert "items.jsonl, line 1" in captured.err
    assert json.loads(captured.out)["items"] == 1


RUBRIC = (
    '{"input": "Comfort me.", "rubric": [{"criterion": "is kind", "points": 5}, {"criterion": "scolds", "points": -5}]}'
)


def test_rubrics_are_graded_by_the_named_model(fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = items(tmp_path / "items.jsonl", RUBRIC)
    grader = 'say:{"explanation": "yes", "criterion_met": true}'
    assert evaluate(fake, file, "--modes", "instant", "--model", "say:There, there.", "--grader", grader, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["modes"][0]["accuracy"] == 0  # both met: 5 - 5 of 5
    assert told["answers"][0]["met"] == [True, True]
    assert len(fake.chats) == 3


@pytest.mark.parametrize(
    ("reply", "met"),
    [
        ('{"explanation": "uses {braces} here", "criterion_met": true}', True),
        ('{"explanation": "two\nlines", "criterion_met": true}', True),
        ('In the form {"criterion_met": …}: {"criterion_met": false, "said": {"criterion_met": true}}', False),
        ('{"criterion_met": true} On second thought: {"criterion_met": false}', False),
        ('{"a": ' * 2000 + '{"criterion_met": true}', True),
    ],
)
def test_a_verdict_is_read_from_the_json_in_a_reply(
    fake: Fake, tmp_path: Path, reply: str, met: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", RUBRIC)
    assert evaluate(fake, file, "--modes", "instant", "--model", "say:ok", "--grader", f"say:{reply}", "--json") == 0
    assert json.loads(capsys.readouterr().out)["answers"][0]["met"] == [met, met]


def test_items_are_read_from_stdin_and_a_run_over_them_goes_on(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def piped(*args: str) -> int:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(RIGHT_AND_WRONG).encode())))
        return evaluate(fake, "-", "--modes", "instant", "--model", "say:42", *args)

    assert piped() == 2
    assert "needs --out FILE" in capsys.readouterr().err
    out = tmp_path / "journal.jsonl"
    assert [piped("--out", str(out)), piped("--out", str(out), "--json")] == [0, 0]
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["modes"][0]["accuracy"] == 0.5
    assert len(fake.chats) == 2


def test_of_a_file_of_another_form_some_lines_are_told_and_the_others_counted(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", *["dear diary"] * 1000, RIGHT_AND_WRONG[0])
    assert evaluate(fake, file, "--modes", "instant", "--model", "say:42", "--json") == 0
    captured = capsys.readouterr()
    assert "items.jsonl, line 20: " in captured.err
    assert "line 21: " not in captured.err
    assert "980 more lines" in captured.err
    assert len(json.loads(captured.out)["problems"]) == 1000


def test_one_model_grades_every_arm(fake: Fake, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reply = 'say:{"criteria_met": true}'
    configure(home, f"model = 'endpoint/{reply}'\n[thinking]\nmodel = 'endpoint/say:banana'\n")
    file = items(tmp_path / "items.jsonl", RUBRIC)
    assert evaluate(fake, file, "--modes", "instant,thinking", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [mode["model"].split("/", 1)[1] for mode in told["modes"]] == [reply, "say:banana"]
    assert [answer["met"] for answer in told["answers"]] == [[True, True]] * 2


def test_progress_is_told_on_stderr_and_nothing_but_json_on_stdout(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", "{oops", RUBRIC, RIGHT_AND_WRONG[1])
    grader = 'say:{"criterion_met": false}'
    arguments = (file, "--modes", "instant", "--model", "say:48", "--grader", grader)
    assert evaluate(fake, *arguments) == 0
    told = capsys.readouterr()
    assert "instant: 50% after 2: 100%" in told.err
    assert told.out.startswith("mode ")
    assert evaluate(fake, *arguments, "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["items"] == 2
    assert "line 1" in told.err
    assert "instant:" not in told.err  # nobody reads a bar in a file


def test_another_grading_prompt_keeps_the_answers(
    fake: Fake, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", RUBRIC)
    arguments = (file, "--modes", "instant", "--model", "say:ok", "--grader", 'say:{"criterion_met": true}')
    assert evaluate(fake, *arguments) == 0
    assert evaluate(fake, *arguments) == 0
    assert len(fake.chats) == 3
    (home / "config" / "prompts").mkdir(parents=True)
    configure(home, prompts.load("grade").text + "\nBe strict.", "prompts/grade.txt")
    assert evaluate(fake, *arguments, "--json") == 0
    assert len(fake.chats) == 5  # two criteria, and no answer
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["answers"][0]["answer"] == "ok"


def test_a_grader_that_answers_nonsense_leaves_the_item_ungraded(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", RUBRIC)
    assert evaluate(fake, file, "--modes", "instant", "--model", "say:ok", "--grader", "say:banana", "--json") == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["modes"][0]["ungraded"] == 1
    assert "1 answer could not be graded: what endpoint/say:banana replied was no verdict." in told.err
    assert len(fake.chats) == 5  # one answer, two criteria asked twice each


def test_a_grader_that_fails_is_an_error_and_asked_again_later(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", RUBRIC)
    assert evaluate(fake, file, "--modes", "instant", "--model", "say:ok", "--grader", "nonesuch", "--json") == 1
    told = capsys.readouterr()
    found = json.loads(told.out)["modes"][0]
    assert (found["errors"], found["ungraded"], found["tags"]) == (1, 0, {})
    assert found["accuracy"] is None  # it says nothing of the answer
    assert "The grader failed" in told.err
    good = 'say:{"criterion_met": true}'
    assert evaluate(fake, file, "--modes", "instant", "--model", "say:ok", "--grader", good, "--json") == 0
    assert len(fake.chats) == 5  # one answer, and two criteria that were asked again


def test_answers_whose_grader_failed_are_left_out_of_the_mean(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(
        tmp_path / "items.jsonl", *RIGHT_AND_WRONG, RUBRIC, '{"input": "Who?", "target": "Ada", "judged": true}'
    )
    picture = tmp_path / "picture.svg"
    arguments = (file, "--modes", "instant,answer-only", "--model", "say:42", "--grader", "fault:401")
    assert evaluate(fake, *arguments, "--plot", str(picture), "--json") == 0
    found = json.loads(capsys.readouterr().out)["modes"][0]
    assert (found["accuracy"], found["errors"], found["attempted"]) == (0.5, 2, None)


NARROW = [
    *RIGHT_AND_WRONG,
    '{"input": "Which?", "target": 1, "tags": ["physician_agreed_category:not-enough-context-to-complete-task"]}',
]


@pytest.mark.parametrize("columns", [45, 80, 100, 300])
def test_the_tables_fit_the_terminal(
    columns: int, fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert evaluate(fake, items(tmp_path / "items.jsonl", *NARROW), "--model", "say:ANSWER: 42") == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines if not line.startswith("physician_")) <= columns
    assert any("physician_agreed_category:not-enough-context-to-complete-task" in line for line in lines)
    if columns == 45:
        assert [line.split() for line in lines if line.split()[0:1] == ["accuracy"]] == [
            ["accuracy", "33.3%", "33.3%"]
        ] * 2
        return
    told = {words[0]: words[1:] for line in lines if (words := line.split())}
    if columns < 300:
        # The k is of what was counted of the drafts before the vote was clear.
        assert lines[0].split()[:-1] == ["instant", "thinking", "contemplating", "maj@k"]
        assert told["accuracy"] == ["33.3%"] * 4
        assert told["rescued"] == ["0", "0"]
        assert told["1"] == ["item", *["0.0%", "±0.0%"] * 4]
    else:
        assert told["contemplating"][0] == "33.3%"


def test_the_table_and_the_picture(fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    picture = tmp_path / "picture.svg"
    modes = "answer-only,instant,maj@3"
    assert evaluate(fake, file, "--modes", modes, "--model", "say:ANSWER: 42", "--plot", str(picture)) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["mode", "answer-only", "instant", "maj@3"]
    assert "50.0%" in rows[1]
    assert picture.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--modes", "quick"], "no mode 'quick'"),
        (["--modes", "maj@65"], "from 1 to 64"),
        (["--modes", " , "], "names no mode"),
        (["--plot", "x.jpg"], "neither .png nor .svg"),
        (["--concurrency", "0"], "--concurrency must be at least 1"),
        (["--repeats", "0"], "--repeats must be at least 1"),
        (["--limit", "0"], "--limit must be at least 1"),
        (["--limit", "-1"], "--limit must be at least 1"),
    ],
)
def test_wrong_usage_is_code_2(
    fake: Fake, tmp_path: Path, args: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    assert evaluate(fake, file, "--model", "echo", *args) == 2
    assert said in capsys.readouterr().err


def test_a_model_that_cannot_be_called_is_said_before_anything_is_spent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    assert main(["eval", file, "--model", "openai/gpt-6-luna"]) == 2
    assert "OPENAI_API_KEY" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("contemplating", "said"),
    [
        ('panel = ["endpoint/echo", "nosuch/model"]', "no provider 'nosuch'"),
        ('panel = ["endpoint/echo", "openai/gpt-6-luna"]', "OPENAI_API_KEY"),
        ('panel = ["endpoint/echo"]\nreconciler = "nosuch/x"', "no provider 'nosuch'"),
    ],
)
def test_a_bad_panel_is_said_before_another_arm_is_paid_for(
    fake: Fake, home: Path, tmp_path: Path, contemplating: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(home, f'model = "endpoint/echo"\n[contemplating]\n{contemplating}\n')
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    assert evaluate(fake, file, "--modes", "instant,contemplating") in (1, 2)
    assert said in capsys.readouterr().err
    assert not fake.chats


def test_a_grader_without_a_key_is_said_before_anything_is_spent(
    fake: Fake, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(home, f'[mine]\nbase_url = "{fake.url}"\nkey_needed = false\n', "providers.toml")
    file = items(tmp_path / "items.jsonl", RUBRIC)
    assert main(["eval", file, "--modes", "instant", "--model", "mine/echo", "--grader", "openai/gpt-6-luna"]) == 2
    assert "OPENAI_API_KEY" in capsys.readouterr().err
    assert not fake.chats


def test_an_arm_without_one_answer_is_a_failure_whatever_the_others_did(
    fake: Fake, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(home, 'model = "endpoint/say:42"\n[contemplating]\npanel = ["endpoint/fault:401"]\n')
    file = items(tmp_path / "items.jsonl", *RIGHT_AND_WRONG)
    assert evaluate(fake, file, "--modes", "instant,contemplating", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [mode["errors"] for mode in told["modes"]] == [0, 2]


HEALTHBENCH: dict[str, Any] = {
    "prompt": [
        {"role": "user", "content": "My arm is numb."},
        {"role": "assistant", "content": "Which?"},
        {"role": "user", "content": "The left one."},
    ],
    "prompt_id": "own-1",
    "rubrics": [
        {"criterion": "Says to call for help.", "points": 7, "tags": ["axis:accuracy"]},
        {"criterion": "Scolds.", "points": -5, "tags": ["axis:communication_quality"]},
    ],
    "example_tags": ["theme:emergency_referrals"],
}


def test_lines_of_healthbench_are_answered_and_graded_in_their_conversation(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", json.dumps(HEALTHBENCH))
    grader = 'say:{"explanation": "yes", "criteria_met": true}'
    assert evaluate(fake, file, "--modes", "instant", "--model", "say:Call 112.", "--grader", grader) == 0
    answered, *graded = fake.chats
    assert [message["content"] for message in answered.fields["messages"]] == [
        turn["content"] for turn in HEALTHBENCH["prompt"]
    ]
    asked = sorted(call.fields["messages"][-1]["content"] for call in graded)
    assert ["[-5] Scolds." in asked[0], "[7] Says to call for help." in asked[1]] == [True, True]
    assert all("The left one." in each and "Call 112." in each and "Which?" in each for each in asked)
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["axis:accuracy", "1", "100.0%", "±0.0%"] in shown
    assert ["theme:emergency_referrals", "1", "28.6%", "±0.0%"] in shown
    assert not any(row[:1] == ["axis:communication_quality"] for row in shown)


def test_choices_are_asked_by_letter_and_items_several_times(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = {"question": "Which is third?", "options": ["Mercury", "Venus", "Earth"], "answer": "C"}
    file = items(tmp_path / "items.jsonl", json.dumps(line))
    arguments = (file, "--modes", "instant", "--model", "say:ANSWER: Earth", "--json", "--repeats", "4")
    assert evaluate(fake, *arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["items"], told["modes"][0]["accuracy"], len(told["answers"])) == (4, 1, 4)
    asked = {call.fields["messages"][-1]["content"] for call in fake.chats}
    assert len(asked) > 1
    assert {answer["extracted"] for answer in told["answers"]} <= set("ABC")
    assert [answer["order"]["ABC".index(answer["extracted"])] for answer in told["answers"]] == [2] * 4
    assert len({tuple(answer["order"]) for answer in told["answers"]}) > 1
    assert told["grader"] is None
    assert evaluate(fake, *arguments) == 0
    assert json.loads(capsys.readouterr().out)["answers"] == told["answers"]
    assert len(fake.chats) == 4
    assert evaluate(fake, *arguments, "--seed", "1") == 0
    assert len(fake.chats) > 4  # an order that came before is not paid for again


def test_free_text_is_compared_by_the_grader_and_its_answers_are_kept(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = items(tmp_path / "items.jsonl", '{"input": "Who wrote it?", "target": "Ada Lovelace"}')
    arguments = (file, "--modes", "instant", "--model", "say:Lady Lovelace", "--json")
    assert evaluate(fake, *arguments) == 0
    assert json.loads(capsys.readouterr().out)["modes"][0]["accuracy"] == 0
    assert evaluate(fake, *arguments, "--judge", "--grader", "say:A") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["modes"][0]["accuracy"], told["modes"][0]["attempted"]) == (1, 1)
    assert told["answers"][0]["verdict"] == "A"
    assert told["grader"] == {"model": "endpoint/say:A", "cost": None}
    assert len(fake.chats) == 2  # one answer, one grade


def test_the_grader_of_free_text_reads_the_conversation_that_a_question_stands_in(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = [
        {"role": "user", "content": "Who wrote it?"},
        {"role": "assistant", "content": "Ada Lovelace."},
        {"role": "user", "content": 'And "when"?'},
    ]
    file = items(tmp_path / "items.jsonl", json.dumps({"prompt": turns, "target": "in 1843", "judged": True}))
    assert evaluate(fake, file, "--modes", "instant", "--model", "say:1843", "--grader", "say:A") == 0
    asked = fake.chats[-1].fields["messages"][-1]["content"]
    assert "Who wrote it?" in asked
    assert "Ada Lovelace." in asked
    assert 'And \\"when\\"?' in asked  # nothing ends the quotation
