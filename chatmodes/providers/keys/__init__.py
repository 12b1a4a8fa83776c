"""Keys: which belongs to which provider (`lookup`), the places that keep them (`stores`), the programs that print them
(`commands`), and taking them out of what servers say (`hiding`)."""
