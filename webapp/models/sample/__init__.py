"""The sample on a card: its rows, its distributions, and how well the model does on it."""
