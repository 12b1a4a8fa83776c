"""What covers the terminal, one screen a file; all but the chat's are imported when they are first opened."""
