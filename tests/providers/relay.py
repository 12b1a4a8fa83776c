"""A loopback proxy, HTTP and SOCKS5 on one port, that takes every request to one server and notes whom it was for."""

import socket
import socketserver
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Relay:
    """`with Relay(port) as relay:` leads to that port, whatever host is asked for."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        """How and for whom: "http HOST", "socks HOST"."""
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as there:
                    here: socket.socket = self.request
                    here.settimeout(30)
                    first = here.recv(1, socket.MSG_PEEK)
                    if first == b"\x05":
                        outer.asked.append(f"socks {_greet(here)}")
                    else:
                        outer.asked.append(f"http {_forward(here, there)}")
                    back = threading.Thread(target=_pump, args=(there, here), daemon=True)
                    back.start()
                    _pump(here, there)
                    back.join(30)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def _exactly(stream: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = stream.recv(size - len(data))
        if not piece:
            raise OSError("closed")
        data += piece
    return data


def _greet(here: socket.socket) -> str:
    """SOCKS5 without a password; the host that was asked for, as it was asked for."""
    _exactly(here, _exactly(here, 2)[1])
    here.sendall(b"\x05\x00")
    kind = _exactly(here, 4)[3]
    size = {1: 4, 4: 16}.get(kind) or _exactly(here, 1)[0]
    host = _exactly(here, size)
    _exactly(here, 2)
    here.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
    return host.decode() if kind == 3 else socket.inet_ntoa(host[:4])


def _forward(here: socket.socket, there: socket.socket) -> str:
    """One request in the form for proxies, sent on in the plain one."""
    head = b""
    while b"\r\n" not in head:
        head += here.recv(65536)
    line, _, rest = head.partition(b"\r\n")
    method, target, version = line.split(b" ")
    _, _, place = target.partition(b"://")
    host, _, path = place.partition(b"/")
    there.sendall(b" ".join((method, b"/" + path, version)) + b"\r\n" + rest)
    return host.decode()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
