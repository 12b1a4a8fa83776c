"""The terminal interface: a reader of runs, drawn with Textual."""
