"""What the faces share about comparisons: differences, ratings, foreseen costs, and the page they are published on."""
