"""PostgreSQL: the tables, the connections, and the embedded server for a machine without one."""
