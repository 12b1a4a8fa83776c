"""Pictures on the terminal: as coloured half cells, which every terminal, multiplexer and browser draws."""
