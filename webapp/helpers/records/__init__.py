"""A prediction as a row, as JSON and as CSV."""
