"""The errors that the warehouse raises.

    WarehouseError
    ├── BundleError        rows that cannot be bundled, or a bundle that cannot be loaded: `reason` is a short code
    ├── CheckFailed        an invariant of warehouse/checks does not hold; nothing was written
    ├── SchemaError        the database is newer than the program, or a migration was edited after it was applied
    ├── NotPublished       there is no published copy yet
    ├── QueryError         what an analyst asked is not SQL that the published copy answers
    ├── DiskFull           no room to write; nothing was lost
    └── DamagedDatabase    the database cannot be opened: `sidelines repair`
"""


class WarehouseError(Exception):
    """Base of all; str() is one line for a person."""


class BundleError(WarehouseError):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return (BundleError, (self.reason, str(self)))


class CheckFailed(WarehouseError):
    """`check` is the name of its file; `rows` are the first offending rows."""

    def __init__(self, check: str, rows: tuple[tuple[object, ...], ...]) -> None:
        super().__init__(f"check {check} failed: {len(rows)} rows or more, the first {rows[0] if rows else ()}")
        self.check, self.rows = check, rows

    def __reduce__(self) -> tuple[object, ...]:
        return (CheckFailed, (self.check, self.rows))


class SchemaError(WarehouseError):
    pass


class NotPublished(WarehouseError):
    pass


class QueryError(WarehouseError):
    pass


class DiskFull(WarehouseError):
    pass


class DamagedDatabase(WarehouseError):
    pass
