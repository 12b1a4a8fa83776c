"""The terminal the program sits in: its keys, colours, clipboard, notifications, pastes, and its going away."""
