"""Servers that others made, from the package indexes of Python and node, as far as this machine has them.

No test fetches them: `uvx mcp-server-time --help` and `npx -y @modelcontextprotocol/server-everything --help` do.
"""

import shutil
import subprocess

import pytest

from chatmodes.messages import Image
from chatmodes.settings import Server
from tests.tools.test_servers import owned

pytestmark = pytest.mark.anyio
TIME = ("uvx", "--offline", "mcp-server-time", "--local-timezone", "Europe/Berlin")
EVERYTHING = ("npx", "-y", "--offline", "@modelcontextprotocol/server-everything")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def there(line: tuple[str, ...]) -> Server:
    """The server, or a word that it is missing here."""
    program, *rest = line
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on this machine")
    found = subprocess.run([*line, "--help"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if b"usage" not in found.stdout.lower() and b"streamablehttp" not in (found.stdout + found.stderr).lower():
        pytest.skip(f"{' '.join(line)} was never fetched on this machine")
    return Server(command=program, args=tuple(rest))


async def test_a_server_of_pythons_index_tells_the_time() -> None:
    async with owned(there(TIME)) as owner:
        assert owner.state == "ready", owner.problem
        assert {offer.name for offer in owner.offers} == {"odd/get_current_time", "odd/convert_time"}
        asked = {"source_timezone": "Europe/Berlin", "time": "12:00", "target_timezone": "UTC"}
        answered = await owner.call("convert_time", asked)
        assert not answered.error
        assert "UTC" in answered.text
        wrong = await owner.call("get_current_time", {"timezone": "Mars/Base"})
        assert wrong.error


async def test_a_server_of_nodes_index_is_called_and_keeps_our_environment_from_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sesame")
    async with owned(there(EVERYTHING)) as owner:
        assert owner.state == "ready", owner.problem
        pictured = await owner.call("get-tiny-image", {})
        (shown,) = (part for part in pictured.content if isinstance(part, Image))
        assert shown.content.startswith(b"\x89PNG")
        assert "42" in (await owner.call("get-sum", {"a": 2, "b": 40})).text
        told = (await owner.call("get-env", {})).text
        assert "PATH" in told
        assert "sesame" not in told
