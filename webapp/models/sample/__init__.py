"""The sample on a card: its rows, its distributions, and how the model did on it."""
