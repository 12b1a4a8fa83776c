"""What every test stands on: an empty home of its own, and no key or proxy of the machine's."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import hypothesis
import pytest

from tests.fake import Fake, simulated

# A machine that is busy with other tests is no fault of the code, and nothing is remembered from one run to the next.
hypothesis.settings.register_profile(
    "shared", deadline=None, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared")

# Programs that tests start are compiled once, as users have them, and not at each start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Readline, which pytest imports, puts its size of the terminal into the environment of the workers: a program in a
# terminal of its own would believe it.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)
    os.unsetenv(name)

WORKERS_A_CORE = 2
"""Half of the time a test waits: for a screen, a program or a deadline."""
MOST_WORKERS = 4
"""Terminals, browsers and model servers are programs of their own, which take cores besides."""

PATIENCE = 20.0
"""Seconds that a server on this machine has for its answer to a look around, where users wait 0.3: it shares the
machine with other tests."""
LONGEST_NAME = 100
"""Characters of a text that may stand in the name of a test."""

_PRIVATE = ("_API_KEY", "_TOKEN", "_PROXY", "_proxy")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers for the machine's cores where the suite is asked for; none where files are named, which are sooner done
    alone."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return min((os.cpu_count() or 1) * WORKERS_A_CORE, MOST_WORKERS) if whole else 0


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes and pages of text are named by their argument: every worker has to give a test the same name, and some of
    them are random."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > LONGEST_NAME) else None


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where each test's home is made, by number: pytest's own numbering reads the whole folder for every one."""
    return map(tmp_path_factory.mktemp("homes").joinpath, map(str, count()))


@pytest.fixture(autouse=True)
def home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty CHATMODES_HOME for this test alone; the keys in the machine's environment are out of sight."""
    for name in list(os.environ):
        if name.endswith(_PRIVATE) or name.startswith(("CHATMODES_", "OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    folder = next(homes)
    folder.mkdir()
    monkeypatch.setenv("CHATMODES_HOME", str(folder))
    monkeypatch.setattr("chatmodes.providers.available.discover.PROBE_TIMEOUT", PATIENCE)
    # A desktop's keyring must not answer in a test, nor a test write to it.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def fake_server() -> Iterator[Fake]:
    with Fake() as fake:
        yield fake


@pytest.fixture
def fake(fake_server: Fake) -> Fake:
    """The loopback server (`tests.fake`), with nothing recorded and no script of another test's."""
    fake_server.forget()
    simulated.reset()
    return fake_server


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Every engine test runs on both."""
    return str(request.param)
