"""Keys: which belongs to which provider (`lookup`), and the places that keep them (`stores`)."""
