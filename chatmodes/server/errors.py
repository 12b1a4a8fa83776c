"""What goes wrong, in the shape that OpenAI's clients read, and with statuses that they do not answer by trying again.

The official SDKs retry 408, 409, 429 and everything from 500 on. A run that failed has been paid for, five times over
in Contemplating: a retry would pay for it again. So a failed run has a status that is final, and says so in a header.
"""

from typing import Any

import msgspec
from starlette.responses import Response

from chatmodes import events as ev

FINAL = {"x-should-retry": "false"}
"""What the official SDKs read before they look at the status."""

_STATUS: dict[ev.ErrorKind, int] = {
    "bad_request": 400,
    "context_length": 400,
    "filtered": 400,
    "not_found": 404,
}
UPSTREAM_FAILED = 424
"""Failed Dependency: the model behind this server failed. No SDK retries it."""


class RequestError(Exception):
    """A request that cannot be served. `param` names the field that is wrong, where it is one; `headers` go with the
    answer."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str = "",
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.param = message, status, code, param
        self._headers = headers

    @property
    def response(self) -> Response:
        """The whole answer to the request."""
        kind = "authentication_error" if self.status == 401 else "invalid_request_error"
        return json_response(shape(self.message, kind, self.code or None, self.param), self.status, self._headers)


def shape(message: str, kind: str, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's clients expect it, in a body as well as in a stream."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def of_run(error: ev.Error) -> tuple[dict[str, Any], int]:
    """What to say of a run that failed, and its status."""
    message = f"{error.message} {error.hint}".strip()
    code = {"context_length": "context_length_exceeded", "filtered": "content_filter"}.get(error.kind, error.kind)
    kind = "invalid_request_error" if error.kind in _STATUS else "upstream_error"
    return shape(message, kind, code), _STATUS.get(error.kind, UPSTREAM_FAILED)


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON body. Errors are final unless `headers` say otherwise."""
    final = FINAL if status >= 400 else {}
    return Response(msgspec.json.encode(body), status, {**final, **(headers or {})}, "application/json")
