"""Models from the hub: which file a name stands for, downloads that go on where they stopped, failures in words."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import anyio
import pytest

from chatmodes import settings
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.local import weights
from chatmodes.providers.local.hub import RemoteFile, Wanted, choose, listing, parse
from chatmodes.providers.local.pull import Progress, pull
from tests.providers.local.hub_server import Hub
from tests.providers.local.test_local_gguf import PLAIN, model

MODEL = model(*PLAIN) + bytes(range(256)) * 4096
"""A header and 1 MiB."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    repositories = {
        "ada/tiny-GGUF": {"README.md": b"hi", "tiny.Q8_0.gguf": MODEL + b"8", "tiny.Q4_K_M.gguf": MODEL},
        "ada/plain": {"model.safetensors": b"x"},
        "ada/wrong": {"page.gguf": b"<html>" * 100},
    }
    with Hub(repositories) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def ignore(_progress: Progress) -> None:
    pass


async def failure(name: str) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await pull(name, ignore)
    assert caught.value.error.hint
    return caught.value


def begin(asked: str | None) -> int:
    """Where a Range header says that a file should begin."""
    assert asked
    return int(asked.removeprefix("bytes=").partition("-")[0])


def leftovers() -> list[Path]:
    return [path for path in weights.folder().rglob("*") if path.is_file() and path.suffix == ".part"]


class Case(NamedTuple):
    name: str
    repo: str
    quant: str = ""
    file: str = ""


@pytest.mark.parametrize(
    "case",
    [
        Case("ada/tiny", "ada/tiny"),
        Case("ada/tiny:Q4_0", "ada/tiny", "Q4_0"),
        Case("ada/tiny/a.gguf", "ada/tiny", file="a.gguf"),
        Case("ada/tiny/deep/a.gguf", "ada/tiny", file="deep/a.gguf"),
        Case("hf.co/ada/tiny:q4_0", "ada/tiny", "q4_0"),
        Case("https://huggingface.co/ada/tiny", "ada/tiny"),
        Case("https://huggingface.co/ada/tiny/blob/main/a.gguf?download=true", "ada/tiny", file="a.gguf"),
    ],
)
def test_names_are_taken_as_people_paste_them(case: Case) -> None:
    assert parse(case.name) == Wanted(case.repo, case.quant, case.file)


@pytest.mark.parametrize(
    "name",
    ["", "tiny", "../../etc", "a/b/../../c.gguf", "a b/c", "a/b/c.safetensors", "a/b/c\0.gguf", "a/b/\x1b[2J.gguf"],
)
def test_what_names_no_model_is_refused(name: str) -> None:
    with pytest.raises(ProviderError):
        parse(name)


def files(*names: str) -> list[RemoteFile]:
    return [RemoteFile(name, len(names) - index, "", False, "") for index, name in enumerate(names)]


@pytest.mark.parametrize(
    ("wanted", "names", "chosen"),
    [
        ("", ["m.Q8_0.gguf", "m.Q4_K_M.gguf", "m.Q2_K.gguf"], ["m.Q4_K_M.gguf"]),
        ("", ["m-f32.gguf", "m-f16.gguf"], ["m-f16.gguf"]),
        ("q2_k", ["m-Q2_K_S.gguf", "m-Q2_K.gguf"], ["m-Q2_K.gguf"]),
        ("Q4_0", ["m-Q4_0-00002-of-00002.gguf", "m-Q4_0-00001-of-00002.gguf"],
         ["m-Q4_0-00001-of-00002.gguf", "m-Q4_0-00002-of-00002.gguf"]),
        ("", ["mmproj-Q4_K_M.gguf", "m-Q8_0.gguf"], ["m-Q8_0.gguf"]),
    ],
)  # fmt: skip
def test_the_file_is_chosen_by_quantisation(wanted: str, names: list[str], chosen: list[str]) -> None:
    assert [file.name for file in choose(Wanted("a/b", wanted), files(*names))] == chosen


def test_a_quantisation_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ProviderError) as caught:
        choose(Wanted("a/b", "Q6_K"), files("m.Q4_0.gguf", "m.Q8_0.gguf"))
    assert "m.Q4_0.gguf, m.Q8_0.gguf" in caught.value.error.hint


@pytest.mark.anyio
async def test_a_pulled_model_can_be_named(hub: Hub) -> None:
    seen: list[Progress] = []
    path = await pull("ada/tiny-GGUF", seen.append)
    assert path.read_bytes() == MODEL
    assert weights.find("tiny.Q4_K_M", settings.Local()).path == path
    assert seen[-1] == Progress("tiny.Q4_K_M.gguf", len(MODEL), len(MODEL))
    assert not leftovers()
    await pull("ada/tiny-GGUF", seen.append)
    assert len(hub.ranges) == 1, "what is here is not fetched again"


@pytest.mark.anyio
async def test_a_cancelled_download_goes_on_where_it_stopped(hub: Hub) -> None:
    hub.allowed.clear()
    with anyio.CancelScope() as scope:

        def stop(progress: Progress) -> None:
            if progress.done >= 65536:
                scope.cancel()

        await pull("ada/tiny-GGUF", stop)
    assert scope.cancelled_caught
    hub.allowed.set()
    seen: list[Progress] = []
    path = await pull("ada/tiny-GGUF", seen.append)
    assert path.read_bytes() == MODEL
    assert begin(hub.ranges[-1]) >= 65536
    assert not leftovers()


@pytest.mark.anyio
async def test_a_connection_that_breaks_is_taken_up_again(hub: Hub) -> None:
    hub.cut_after = 300_000
    assert (await pull("ada/tiny-GGUF", ignore)).read_bytes() == MODEL
    assert hub.ranges[0] is None
    assert 200_000 < begin(hub.ranges[1]) <= 300_000


@pytest.mark.anyio
async def test_a_part_that_is_not_of_this_file_is_found_out(hub: Hub) -> None:
    hub.allowed.clear()
    with anyio.CancelScope() as scope:
        await pull("ada/tiny-GGUF", lambda progress: scope.cancel() if progress.done else None)
    hub.allowed.set()
    (part,) = leftovers()
    part.unlink()
    part.write_bytes(b"z" * 500_000)
    assert "arrived damaged" in (await failure("ada/tiny-GGUF")).error.message
    assert not leftovers()
    assert (await pull("ada/tiny-GGUF", ignore)).read_bytes() == MODEL


@pytest.mark.anyio
@pytest.mark.parametrize("digest", ["../../../evil", "a" * 63 + "/", "\x1b[2J", "z" * 64])
async def test_a_digest_that_is_none_is_refused(hub: Hub, digest: str) -> None:
    hub.listed_digests["tiny.Q4_K_M.gguf"] = digest
    error = (await failure("ada/tiny-GGUF")).error
    assert "digest" in error.message
    assert not leftovers()


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["a\0b.gguf", "\x1b[31mred.gguf", "x" * 300 + ".gguf", "a\nb.gguf"])
async def test_a_file_with_a_name_that_is_none_is_left_out(hub: Hub, name: str) -> None:
    hub.repositories["ada/odd"] = {name: MODEL}
    assert "holds no GGUF file" in (await failure("ada/odd")).error.message


@pytest.mark.anyio
async def test_the_hub_hears_nothing_of_this_machine(hub: Hub) -> None:
    await pull("ada/tiny-GGUF", ignore)
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert not any("session" in agent for agent in hub.agents)


@pytest.mark.anyio
async def test_there_is_no_such_repository(hub: Hub) -> None:
    error = (await failure("ada/nothing")).error
    assert error.kind == "not_found"
    assert "ada/nothing" in error.message


@pytest.mark.anyio
async def test_a_repository_without_model_files(hub: Hub) -> None:
    error = (await failure("ada/plain")).error
    assert "holds no GGUF file" in error.message
    assert "plain-GGUF" in error.hint


@pytest.mark.anyio
async def test_a_gated_repository_says_where_to_ask(hub: Hub) -> None:
    hub.gated.add("ada/tiny-GGUF")
    error = (await failure("ada/tiny-GGUF")).error
    assert error.kind == "auth"
    assert f"{hub.url}/ada/tiny-GGUF" in error.hint


@pytest.mark.anyio
async def test_a_file_that_is_no_model_is_not_kept(hub: Hub) -> None:
    assert "is no model file" in (await failure("ada/wrong")).error.message
    assert not list(weights.folder().rglob("*.gguf"))
    assert not leftovers()


@pytest.mark.anyio
async def test_a_model_larger_than_the_disk_is_refused_before_it_is_fetched(hub: Hub, home: Path) -> None:
    hub.listed_sizes["tiny.Q4_K_M.gguf"] = shutil.disk_usage(home).total * 2
    assert "free" in (await failure("ada/tiny-GGUF")).error.message
    assert not hub.ranges


@pytest.mark.anyio
async def test_a_hub_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    with Hub({}) as closed:
        url = closed.url
    monkeypatch.setenv("HF_ENDPOINT", url)
    error = (await failure("ada/tiny-GGUF")).error
    assert error.kind == "network"
    assert url in error.message


@pytest.mark.parametrize("name", ["/tmp/x.gguf", "//host/x.gguf", "../x.gguf", "a/../../x.gguf", "C:x.gguf",
                                  "C:/x.gguf", "..\\x.gguf", "\\\\host\\x.gguf"])  # fmt: skip
def test_a_file_that_would_be_written_elsewhere_is_none_of_the_repositorys(hub: Hub, name: str) -> None:
    hub.repositories["ada/tiny-GGUF"] = {"in/side.gguf": MODEL, name: MODEL}
    assert [file.name for file in listing(Wanted("ada/tiny-GGUF"))] == ["in/side.gguf"]
