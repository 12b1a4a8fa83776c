"""The agents of a Contemplating run: their live panes, and what is said about them."""
