"""PostgreSQL: its tables, the connections to it, and the one that comes along for a machine that has none."""
