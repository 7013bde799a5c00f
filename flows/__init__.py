"""Wires parsers and warehouse together: the only place with Prefect, HTTP, the clock and the command line."""
