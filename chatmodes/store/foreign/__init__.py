"""Other programs' exports, turned into archived conversations: one module a program."""
