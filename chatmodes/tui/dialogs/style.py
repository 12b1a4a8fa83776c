"""What every small dialog looks like: one box in the middle, for its classes `dialog` and `dialog-*`."""

DIALOG_CSS = """
.dialog {
    width: 64;
    max-width: 100%;
    height: auto;
    max-height: 100%;
    padding: 1 2;
    background: $surface;
    border: round $border;
    & .dialog-title { text-style: bold; width: 1fr; }
    & .dialog-text { color: $text-muted; width: 1fr; margin: 0 0 1 0; }
    & .dialog-problem { color: $text-warning; width: 1fr; height: auto; }
    & Input { background: $panel; padding: 0 1; margin: 0 0 1 0; }
    & .dialog-buttons { height: 1; align-horizontal: right; }
    & Button { margin: 0 0 0 2; }
}
"""
