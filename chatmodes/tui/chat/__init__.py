"""The screen on which one chats, its parts, and what happens on it."""
