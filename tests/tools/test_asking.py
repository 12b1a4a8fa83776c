"""Approval at the terminal, by keys typed into a pty."""

import os

import anyio
import pytest

from chatmodes.cli.asking import ask_at_terminal
from chatmodes.modes.asking import Answer, Question, Questions

pytestmark = pytest.mark.anyio
QUESTION = Question("answer", "answer-1", "run", "run: ls\x1b[2J\u202e", '{"command": "ls"}', "run:ls")


async def said(typed: str, capsys: pytest.CaptureFixture[str], *, ahead: str = "") -> tuple[Answer, str]:
    """The answer to keys typed once the question stands, and what was told."""
    keyboard, terminal = os.openpty()
    questions = Questions(anybody=True)
    told = anyio.Event()
    answers: list[Answer] = []
    os.write(keyboard, ahead.encode())

    async def wait() -> None:
        answers.append(await questions.ask(QUESTION, known=lambda: None, tell=lambda _: told.set()))

    written = ""
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await told.wait()
            tasks.start_soon(ask_at_terminal, questions, QUESTION.call, terminal)
            while "Allow it?" not in written:
                await anyio.wait_all_tasks_blocked()
                written += capsys.readouterr().err
            assert not answers
            os.write(keyboard, typed.encode())
    os.close(keyboard)
    os.close(terminal)
    return answers[0], written


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y\n", Answer("once")),
        ("r\n", Answer("run")),
        ("A\n", Answer("always")),
        ("\n", Answer(None)),
        ("no\n", Answer(None)),
        ("use git\n", Answer(None, "use git")),
    ],
)
async def test_a_word_is_given_on(typed: str, answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    found, told = await said(typed, capsys)
    assert found == answer
    assert "run:ls" in told
    assert "\x1b" not in told
    assert "\u202e" not in told


async def test_keys_typed_ahead_approve_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = await said("n\n", capsys, ahead="y\ny\ny\n")
    assert found == Answer(None)
