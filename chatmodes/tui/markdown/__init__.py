"""Markdown to lines of styled text, section by section. Knows Rich's segments and no widget."""
