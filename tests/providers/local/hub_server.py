"""A loopback imitation of the Hugging Face hub: its list of a repository's files, and the files, in ranges."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

COMMIT = "c" * 40


class Hub:
    """Repositories as {"owner/name": {"file": content}}, and what went over the wire."""

    def __init__(self, repositories: dict[str, dict[str, bytes]]) -> None:
        self.repositories = repositories
        self.gated: set[str] = set()
        self.cut_after = 0
        """Close the connection after so many bytes of the next file, once."""
        self.listed_sizes: dict[str, int] = {}
        """Sizes that the list tells, where they are not the true ones."""
        self.listed_digests: dict[str, str] = {}
        """The same for digests."""
        self.agents: set[str] = set()
        """What callers said of themselves."""
        self.ranges: list[str | None] = []
        """The Range header of every request for a file."""
        self.allowed = threading.Event()
        """Files are sent past their first 64 KiB only while this is set."""
        self.allowed.set()
        hub = self

        class Handler(_Handler):
            served = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.allowed.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: Hub

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.served.agents.add(self.headers.get("User-Agent", ""))
        if path.startswith("/api/models/"):
            self._list(path.removeprefix("/api/models/"))
            return
        repo, _, rest = path[1:].partition("/resolve/")
        content = self.served.repositories.get(repo, {}).get(rest.partition("/")[2])
        if content is None:
            self._refuse(404, "EntryNotFound")
        elif repo in self.served.gated:
            self._refuse(403, "GatedRepo")
        else:
            self._file(content)

    def _list(self, repo: str) -> None:
        if repo not in self.served.repositories:
            self._refuse(401, "RepoNotFound")
            return
        siblings = [
            {
                "rfilename": name,
                "size": self.served.listed_sizes.get(name, len(content)),
                "blobId": hashlib.sha1(content).hexdigest(),
                "lfs": {
                    "sha256": self.served.listed_digests.get(name, hashlib.sha256(content).hexdigest()),
                    "size": len(content),
                    "pointerSize": 130,
                },
            }
            for name, content in self.served.repositories[repo].items()
        ]
        body = json.dumps({"id": repo, "modelId": repo, "sha": COMMIT, "siblings": siblings}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", "refused")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, content: bytes) -> None:
        asked = self.headers.get("Range")
        self.served.ranges.append(asked)
        begin = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        if asked:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        end, self.served.cut_after = (begin + self.served.cut_after or len(content)), 0
        if end <= begin:
            end = len(content)
        try:
            self.wfile.write(content[begin : min(end, begin + 65536)])
            self.wfile.flush()
            self.served.allowed.wait(20)
            self.wfile.write(content[begin + 65536 : end])
        except OSError:
            pass
        self.close_connection = True
