"""One prompt through several modes and models, side by side."""
