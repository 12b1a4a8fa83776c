"""Keys come from the right place, go nowhere else, and what is wrong with one is said in a sentence without it."""

import logging
import stat
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import keyring
import msgspec
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from chatmodes.providers.keys import lookup as keys
from chatmodes.providers.keys import stores as key_stores
from chatmodes.providers.keys.commands import KeyCommands

SECRET = "sk-test-4Zb7QmN0wX"


class Owner(msgspec.Struct, frozen=True):
    id: str = "acme"
    key_variables: tuple[str, ...] = ("ACME_API_KEY", "ACME_KEY")
    key_needed: bool = True
    key_command: tuple[str, ...] = ()

    def address(self) -> str:
        return "https://acme.example/v1"


ACME = Owner()


class Ring(KeyringBackend):
    """A keyring in memory, in the place of the desktop's."""

    priority = 5  # pyright: ignore - a classproperty of the base; a plain number is what the documentation shows

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[tuple[str, str], str] = {}
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        return self.stored.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.stored[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.stored[service, username]


class Locked(Ring):
    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"locked while holding {SECRET}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"locked, could not store {password}")


class Hung(Ring):
    """A backend whose unlock dialog nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.release.wait(60)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.release.wait(60)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, no keyring, and no memory of one."""
    monkeypatch.setenv("CHATMODES_HOME", str(tmp_path))
    for name in ACME.key_variables:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setattr(keys, "_keyring", key_stores.Keyring())
    return tmp_path


@pytest.fixture(autouse=True)
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    ring = Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def no_ring() -> None:
    keyring.set_keyring(fail.Keyring())


def write_file(home: Path, text: str, mode: int = 0o600) -> Path:
    path = home / "config" / "keys.toml"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_environment_comes_first_and_its_first_variable_wins(monkeypatch: pytest.MonkeyPatch, ring: Ring) -> None:
    ring.stored["chatmodes", "acme"] = "from-the-ring"
    monkeypatch.setenv("ACME_KEY", "second")
    assert keys.find_key(ACME) == "second"
    monkeypatch.setenv("ACME_API_KEY", "first")
    assert keys.find_key(ACME) == "first"
    assert keys.where(ACME) == keys.Place("acme", "environment", "ACME_API_KEY")
    assert ring.asked == 0, "the keyring was opened although the environment had the key"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_API_KEY", "")
    assert keys.find_key(ACME) is None


def test_a_stored_key_goes_to_the_keyring_and_comes_back(ring: Ring, own_home: Path) -> None:
    assert keys.set_key("acme", SECRET).source == "keyring"
    assert ring.stored == {("chatmodes", "acme"): SECRET}
    assert keys.find_key(ACME) == SECRET
    assert SECRET not in (own_home / "config" / "keys.toml").read_text()
    assert keys.remove_key("acme") == ("keyring",)
    assert ring.stored == {}
    assert keys.find_key(ACME) is None


def test_a_key_stored_with_the_keyrings_own_tool_is_found(ring: Ring) -> None:
    ring.stored["chatmodes", "acme"] = SECRET
    assert keys.find_key(ACME) == SECRET


def test_the_keyring_is_not_opened_for_servers_that_need_no_key(ring: Ring) -> None:
    assert keys.find_key(Owner(key_needed=False)) is None
    assert ring.asked == 0


@pytest.mark.usefixtures("no_ring")
def test_without_a_keyring_the_key_goes_to_a_private_file(own_home: Path) -> None:
    place = keys.set_key("acme", 'quote"back\\slash')
    path = own_home / "config" / "keys.toml"
    assert place == keys.Place("acme", "file", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert keys.find_key(ACME) == 'quote"back\\slash'
    keys.set_key("other.name", SECRET)
    assert keys.find_key(ACME) == 'quote"back\\slash', "storing one key lost another"
    assert keys.remove_key("acme") == ("file",)
    assert keys.find_key(ACME) is None
    assert keys.find_key(Owner(id="other.name")) == SECRET
    assert not list(path.parent.glob(".keys-*")), "a temporary file with keys was left"


def test_a_keyring_that_accepts_and_forgets_is_not_trusted() -> None:
    keyring.set_keyring(null.Keyring())
    assert keys.set_key("acme", SECRET).source == "file"
    assert keys.find_key(ACME) == SECRET


def test_a_locked_keyring_is_named_and_its_own_words_are_not_repeated(own_home: Path) -> None:
    write_file(own_home, 'keyring = ["acme"]\n')
    keyring.set_keyring(Locked())
    with pytest.raises(keys.BadKeyError, match=r"The system's keyring failed \(RuntimeError\)") as caught:
        keys.find_key(ACME)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert "environment variable" in caught.value.hint


def test_a_locked_keyring_does_not_lose_the_key_that_was_pasted() -> None:
    keyring.set_keyring(Locked())
    assert keys.set_key("acme", SECRET).source == "file"
    assert keys.find_key(ACME) == SECRET


def test_a_hung_keyring_is_given_up_on_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(own_home, 'keyring = ["acme"]\n')
    monkeypatch.setattr(key_stores, "READ_TIMEOUT", 0.05)
    hung = Hung()
    keyring.set_keyring(hung)
    try:
        for _ in range(3):
            with pytest.raises(keys.BadKeyError, match="did not answer within"):
                keys.find_key(ACME)
        assert hung.asked == 1
    finally:
        hung.release.set()


def test_listing_shows_places_and_opens_no_keyring(monkeypatch: pytest.MonkeyPatch, ring: Ring, own_home: Path) -> None:
    monkeypatch.setenv("ACME_API_KEY", SECRET)
    path = write_file(own_home, f'keyring = ["ringed"]\n[keys]\nfiled = "{SECRET}"\n')
    owners = [ACME, Owner(id="ringed", key_variables=()), Owner(id="filed", key_variables=()), Owner("none", ())]
    assert keys.list_keys(owners) == [
        keys.Place("acme", "environment", "ACME_API_KEY"),
        keys.Place("ringed", "keyring"),
        keys.Place("filed", "file", str(path)),
    ]
    assert ring.asked == 0


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("sk-1\n", "has a line break"),
        ("sk-\r\n1", "has a line break"),
        (" sk-1", "begins or ends with a space"),
        ("Bearer sk-1", "has a space in it"),
        ("sk–1", r"has a character that no key has \(position 3\)"),
        ("sk\x1b[31m1", r"has a character that no key has \(position 3\)"),
        ("   ", "is empty"),
    ],
)
def test_a_key_that_cannot_be_sent_is_turned_down_with_its_reason(
    key: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_API_KEY", key)
    with pytest.raises(keys.BadKeyError, match=f"^The variable ACME_API_KEY {said}"):
        keys.find_key(ACME)
    assert keys.where(ACME).problem.startswith("The variable ACME_API_KEY")
    with pytest.raises(keys.BadKeyError, match=f"^The key {said}"):
        keys.set_key("acme", key)
    monkeypatch.delenv("ACME_API_KEY")
    assert keys.find_key(ACME) is None, "a key that was turned down was stored"


def test_a_file_that_others_can_read_is_not_used(own_home: Path) -> None:
    path = write_file(own_home, f'[keys]\nacme = "{SECRET}"\n', mode=0o644)
    with pytest.raises(keys.BadKeyError, match="can be read by others") as caught:
        keys.find_key(ACME)
    assert caught.value.hint == f"Run: chmod 600 {path}"
    assert "others" in keys.where(ACME).problem


@pytest.mark.parametrize(
    "text",
    [
        f'[keys]\nacme = "{SECRET}',
        f'[keys]\nacme = ["{SECRET}"]\n',
        f'acme = "{SECRET}"\n',
        "[keys]\nacme = 3\n",
        'keyring = "acme"\n',
        "keys = []\n",
    ],
)
def test_a_malformed_file_is_named_and_none_of_it_is_shown_or_overwritten(own_home: Path, text: str) -> None:
    path = write_file(own_home, text)
    for attempt in (lambda: keys.find_key(ACME), lambda: keys.set_key("acme", "new"), lambda: keys.remove_key("acme")):
        with pytest.raises(keys.BadKeyError) as caught:
            attempt()
        assert str(path) in str(caught.value)
        assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert path.read_text() == text


def test_a_file_that_is_not_text_or_not_a_file_is_named(own_home: Path) -> None:
    path = write_file(own_home, "")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(keys.BadKeyError, match="not UTF-8"):
        keys.find_key(ACME)
    path.unlink()
    path.mkdir(mode=0o700)
    with pytest.raises(keys.BadKeyError, match="cannot be read"):
        keys.find_key(ACME)


def test_the_environment_works_whatever_is_wrong_with_the_file(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(own_home, "no toml at all")
    monkeypatch.setenv("ACME_API_KEY", SECRET)
    assert keys.find_key(ACME) == SECRET


def test_a_key_shows_itself_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ring: Ring
) -> None:
    """Not in a repr of it or of what holds it, nor in a traceback with local variables, nor in a debug log."""
    caplog.set_level(logging.DEBUG)
    keys.set_key("acme", SECRET)
    key = keys.find_key(ACME)
    assert f"Bearer {key}" == f"Bearer {SECRET}", "the key must still be sent as it is"
    holder = {"api_key": key, "nested": [(key,)]}

    def fails(api_key: object) -> None:
        raise ValueError("something else")

    with pytest.raises(ValueError) as caught:
        fails(key)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "something else" in shown
    for text in (repr(key), repr(holder), repr(keys.list_keys([ACME])), shown, caplog.text):
        assert SECRET not in text


def printing(folder: Path, code: str) -> Owner:
    """A provider whose key a Python program prints."""
    script = folder / "token.py"
    script.write_text(code)
    return Owner(key_variables=(), key_command=(sys.executable, str(script)))


def test_a_program_prints_the_key_once_until_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_commands", KeyCommands())
    count = tmp_path / "count"
    owner = printing(tmp_path, f"open({str(count)!r}, 'a').write('x'); print('  token-1 ')")
    place = keys.where(owner, ask_keyring=False)
    assert (place.source, place.detail) == ("command", sys.executable)
    assert not count.exists(), "nothing runs before the key is needed"
    assert [keys.find_key(owner), keys.find_key(owner)] == ["token-1", "token-1"]
    assert count.read_text() == "x"
    keys.forget_printed(owner.id)
    assert keys.find_key(owner) == "token-1"
    assert count.read_text() == "xx"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('secret-so-far'); sys.exit(3)", "ended with 3"),
        ("", "is empty"),
        ("print('two'); print('lines')", "line break"),
        ("while True: print('secret' * 1000)", "more than a key"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", "no key has"),
    ],
)
def test_a_program_that_prints_no_key_is_named_and_not_what_it_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    monkeypatch.setattr(keys, "_commands", KeyCommands())
    with pytest.raises(keys.BadKeyError, match=said) as raised:
        keys.find_key(printing(tmp_path, code))
    assert raised.value.hint
    assert "secret" not in str(raised.value) + raised.value.hint


def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_commands", KeyCommands())
    monkeypatch.setattr("chatmodes.providers.keys.commands.SECONDS", 1.0)
    pid = tmp_path / "pid"
    child = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with pytest.raises(keys.BadKeyError, match="no key within"):
        keys.find_key(printing(tmp_path, code))
    if pid.exists():  # it had time to start
        until_gone(int(pid.read_text()))


def until_gone(pid: int) -> None:
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        threading.Event().wait(0.01)
    raise AssertionError("it lives on")


def test_a_program_that_is_not_there_counts_as_no_key() -> None:
    owner = Owner(key_variables=(), key_command=("no-such-program-at-all", "print"))
    assert keys.where(owner, ask_keyring=False).source is None
