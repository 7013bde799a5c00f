"""Keeps records in DuckDB and answers questions: knows records and SQL; no parsing, no Prefect."""
