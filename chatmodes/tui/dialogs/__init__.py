"""What lies over a screen and gives an answer back: questions, pickers, help, search, the leaderboard."""
