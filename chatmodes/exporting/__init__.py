"""What is kept here as documents for people: conversations and comparisons as Markdown and as pages for a browser."""

from chatmodes.exporting.conversation import markdown, page
from chatmodes.exporting.files import file_name, free_path, save

__all__ = ["file_name", "free_path", "markdown", "page", "save"]
