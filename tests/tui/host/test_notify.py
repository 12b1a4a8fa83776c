"""Telling someone who looks elsewhere that an answer is there, and leaving the terminal as it was."""

from chatmodes.tui.host.notifications import Notifier


def after_a_run(*, focused: bool, seconds: float, summary: str = "42", **options: object) -> list[str]:
    written: list[str] = []
    environ = options.pop("environ", {})
    notifier = Notifier(written.append, environ=environ, **options)  # type: ignore[arg-type]  # keywords of one's own
    notifier.run_started("What is 6 x 7?")
    notifier.focused = focused
    written.clear()
    notifier.run_ended("finished", seconds=seconds, summary=summary)
    return written


def test_a_long_run_out_of_focus_rings_and_notifies() -> None:
    written = "".join(after_a_run(focused=False, seconds=30))
    assert "\x1b]9;chatmodes: The answer is there after 30.0 s: 42\x07" in written
    assert "\x1b]777;notify;chatmodes;The answer is there after 30.0 s: 42\x07" in written
    assert written.endswith("\x07\x07")


def test_who_is_looking_or_waited_shortly_is_not_disturbed() -> None:
    for written in (after_a_run(focused=True, seconds=30), after_a_run(focused=False, seconds=3)):
        assert [piece[:4] for piece in written] == ["\x1b]2;"]


def test_the_bell_can_be_off() -> None:
    assert "\x07" not in after_a_run(focused=False, seconds=30, bell=False)


def test_a_terminal_that_is_known_gets_one_notification() -> None:
    assert "777" not in "".join(after_a_run(focused=False, seconds=30, environ={"TERM_PROGRAM": "WezTerm"}))
    assert "]9;" not in "".join(after_a_run(focused=False, seconds=30, environ={"VTE_VERSION": "7600"}))


def test_tmux_hands_the_notification_on() -> None:
    written = after_a_run(focused=False, seconds=30, environ={"TMUX": "/tmp/x,1,0"})
    assert any(piece.startswith("\x1bPtmux;\x1b\x1b]9;chatmodes") and piece.endswith("\x1b\\") for piece in written)


def test_a_models_text_cannot_end_the_sequence() -> None:
    hostile = "a\x07\x1b]52;c;aGk=\x07b\x9c\u202e;c\nd" * 20
    written = after_a_run(focused=False, seconds=30, summary=hostile, bell=False)
    for piece in written:
        assert piece.count("\x1b") == 1
        assert piece.count("\x07") == 1
        assert piece.endswith("\x07")
        assert "\x9c" not in piece
        assert len(piece) < 200


def test_the_title_is_saved_once_and_restored() -> None:
    written: list[str] = []
    notifier = Notifier(written.append, environ={})
    notifier.run_started("one")
    notifier.run_ended("finished", seconds=1)
    notifier.run_started("two")
    notifier.restore()
    notifier.restore()
    assert written == ["\x1b[22;2t", "\x1b]2;… one\x07", "\x1b]2;✓ chatmodes\x07", "\x1b]2;… two\x07", "\x1b[23;2t"]
