"""Bytes and text in, records out: no clock, no network, no disk but `data/`, no Prefect, no DuckDB."""
