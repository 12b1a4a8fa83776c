"""The Hugging Face hub's side of a pull: what a name means, which files it stands for, what its errors mean here.

`huggingface_hub` is imported inside the functions: it is part of an extra, and takes 0.2 s that only a pull needs.
"""

import errno
import os
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from chatmodes.events import Error, ErrorKind
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.local.memory import readable

DEFAULT_ENDPOINT = "https://huggingface.co"
PREFERRED = ("Q4_K_M", "Q4_K_S", "Q4_0", "Q4_1", "Q5_K_M", "IQ4_XS", "Q8_0")
"""Where no quantisation is named: four bits lose little and take half the memory of eight."""

_NAME = re.compile(
    r"(?:https?://)?(?:huggingface\.co/|hf\.co/)?"
    r"(?P<repo>[\w.-]+/[\w.-]+)(?::(?P<quant>[\w.-]+)|/(?:(?:blob|resolve)/[\w.-]+/)?(?P<file>[^?#]+\.gguf))?(?:\?.*)?/?",
    re.IGNORECASE,
)


class Wanted(msgspec.Struct, frozen=True):
    """A name such as `owner/repo:Q4_K_M` or `owner/repo/file.gguf`, taken apart."""

    repo: str
    quant: str = ""
    file: str = ""


class RemoteFile(msgspec.Struct, frozen=True):
    """A file in a repository."""

    name: str
    """Its path there."""
    size: int
    digest: str
    """The SHA-256 of its content, or where the hub does not tell it the id of its git object."""
    verified: bool
    """`digest` is of the content and can be compared."""
    url: str


def import_quietly() -> None:
    """To be called before the hub's library is imported: it reports nothing about this machine to anybody."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def endpoint() -> str:
    """Where the hub is: HF_ENDPOINT, which names a mirror, or the public one."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or DEFAULT_ENDPOINT


def parse(name: str) -> Wanted:
    """What a name stands for. Raises `ProviderError` for what is none, without a status: nobody was asked."""
    found = _NAME.fullmatch(name.strip())
    if not found or ".." in name or not name.isprintable():
        raise problem("bad_request", f'"{name}" names no model on the hub.', "Write owner/repo or owner/repo:Q4_K_M.")
    return Wanted(found["repo"], found["quant"] or "", found["file"] or "")


def listing(wanted: Wanted) -> list[RemoteFile]:
    """The model files in the repository. Raises `ProviderError`."""
    import_quietly()
    from huggingface_hub import HfApi, hf_hub_url

    with explained(wanted):
        info = HfApi(endpoint=endpoint()).model_info(wanted.repo, files_metadata=True, timeout=30)
    files: list[RemoteFile] = []
    for sibling in info.siblings or ():
        if not sibling.rfilename.lower().endswith(".gguf") or not _stays_inside(sibling.rfilename):
            continue
        url = hf_hub_url(wanted.repo, sibling.rfilename, revision=info.sha, endpoint=endpoint())
        digest = sibling.lfs.sha256 if sibling.lfs else (sibling.blob_id or "")
        if not re.fullmatch(r"[0-9a-f]{0,64}", digest, re.IGNORECASE):  # it becomes part of a path
            hint = "Check HF_ENDPOINT, or choose another repository."
            raise problem("bad_response", f"{endpoint()} names a digest of {sibling.rfilename} that is none.", hint)
        size = max(0, sibling.size or 0)
        files.append(RemoteFile(sibling.rfilename, size, digest.lower(), sibling.lfs is not None, url))
    return files


def _stays_inside(name: str) -> bool:
    """Whether a path from the hub, which HF_ENDPOINT makes any server at all, stays in the folder it is put into, on
    every system: /x and C:x leave it by themselves, and a backslash is a separator on Windows. What no terminal should
    show and no file system takes is no path either."""
    if not name.isprintable() or any(len(part.encode()) > 200 for part in name.split("/")):
        return False
    return not (name.startswith("/") or ".." in name.split("/") or "\\" in name or ":" in name)


def choose(wanted: Wanted, files: list[RemoteFile]) -> list[RemoteFile]:
    """The files of one model: one, or the parts of a split one in order. Raises `ProviderError` naming the choices."""
    models = [file for file in files if "mmproj" not in file.name.lower()]  # eyes for another model, no model itself
    if not models:
        raise problem(
            "not_found", f"{wanted.repo} holds no GGUF file.", f"Look for {wanted.repo.partition('/')[2]}-GGUF instead."
        )
    if wanted.file:
        chosen = [file for file in models if file.name == wanted.file]
    elif wanted.quant:
        chosen = [file for file in models if _has_quant(file.name, wanted.quant)]
    else:
        ranked = (file for quant in PREFERRED for file in models if _has_quant(file.name, quant))
        first = next(ranked, None) or min(models, key=lambda file: file.size)
        chosen = [first]
    if not chosen:
        names = ", ".join(sorted(file.name for file in models)[:12])
        raise problem("not_found", f"{wanted.repo} has no {wanted.quant or wanted.file}.", f"It has {names}.")
    stem = _without_part(chosen[0].name)
    return sorted((file for file in models if _without_part(file.name) == stem), key=lambda file: file.name)


def _has_quant(name: str, quant: str) -> bool:
    """`model.Q4_K_M.gguf` and `Q4_K_M/model-00001-of-2.gguf` have Q4_K_M, and neither has Q4_K."""
    return re.search(rf"(?:^|[./_-]){re.escape(quant)}(?:[./-]|$)", name, re.IGNORECASE) is not None


def _without_part(name: str) -> str:
    return re.sub(r"-\d{5}-of-\d{5}(?=\.gguf$)", "", name, flags=re.IGNORECASE)


def check_space(folder: Path, needed: int) -> None:
    """Raise `ProviderError` where the disk cannot hold what is still to come."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise problem(
            "bad_request",
            f"The download needs {readable(needed)} and the disk of {folder} has {readable(free)} free.",
            "Make room, or choose a smaller quantisation such as :Q4_0.",
        )


@contextmanager
def explained(wanted: Wanted) -> Generator[None]:
    """Turn what the hub's library and the disk raise into one typed error."""
    import httpx2
    from huggingface_hub import errors

    page = f"{endpoint()}/{wanted.repo}"
    try:
        yield
    except errors.GatedRepoError as error:
        hint = f"Accept its terms at {page}, then set HF_TOKEN to a token of yours."
        raise problem("auth", f"{wanted.repo} is only for those who accepted its terms.", hint, error) from error
    except errors.RepositoryNotFoundError as error:
        hint = "Check the spelling. For a private one set HF_TOKEN."
        raise problem("not_found", f"There is no repository {wanted.repo} at {endpoint()}.", hint, error) from error
    except errors.OfflineModeIsEnabled as error:
        raise problem("network", "HF_HUB_OFFLINE forbids downloads.", "Unset it.") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        kinds: dict[int, ErrorKind] = {401: "auth", 403: "auth", 404: "not_found", 429: "rate_limit"}
        kind = kinds.get(status, "server")
        raise problem(kind, f"The hub answered with {status} for {wanted.repo}.", "Try again later.", error) from error
    except errors.HFValidationError as error:
        hint = "Write owner/repo or owner/repo:Q4_K_M."
        raise problem("bad_request", f'"{wanted.repo}" names no model on the hub.', hint) from error
    except httpx2.HTTPError as error:
        hint = "Check the network and run the same command again: it goes on where it stopped."
        raise problem("network", f"{endpoint()} cannot be reached or broke off ({_reason(error)}).", hint) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            hint = "Make room and run the same command again: it goes on where it stopped."
            raise problem("bad_request", "The disk is full.", hint) from error
        raise problem("server", f"The download failed: {_reason(error)}.", "Run the same command again.") from error


def problem(kind: ErrorKind, message: str, hint: str, cause: Any = None) -> ProviderError:
    """An error of a download, ready to raise; `cause` may carry an HTTP response."""
    response = getattr(cause, "response", None)
    return ProviderError(Error(kind, message, hint, getattr(response, "status_code", None), "huggingface"))


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).split("\n")[0].rstrip(".")
