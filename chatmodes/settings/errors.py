"""The one exception for a configuration or a command line that cannot be used: every room may raise it."""


class ConfigError(Exception):
    """A configuration that cannot be used. The message names the thing; `hint` says how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        if hint:
            self.add_note(hint)  # in the traceback of a program that uses the library
