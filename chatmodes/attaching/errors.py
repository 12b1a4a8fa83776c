"""Why something was not attached."""


class AttachError(Exception):
    """One sentence that names the thing and says what to do; the prompt is kept."""
