"""The warehouse: keeps meetings, merges what many articles say of one, and answers in SQL.

For the flows (everything else is the warehouse's own):

    paths = WarehousePaths.under(home)                    where inbox, database and published copy live
    write_bundle(paths.inbox, Bundle(articles=(...), ...)) -> Path
        Rows of one run, written durably and all at once; any number of processes at the same time. The folder's name follows from
        the contents, so a batch that is bundled again after a crash is no second bundle. Of an article's extractions the one with
        the later `observed_at` counts; articles are the same when their normalised addresses are.
    load_pending(paths) -> LoadReport
        Loads every bundle in the inbox in one transaction, resolves mentions into meetings, checks, checkpoints and publishes. One
        loader at a time (it waits); killed at any moment, the next one makes it good. Bad bundles go to `paths.quarantine`.
    open_published(paths.published) -> connection          read-only; close it before the same process opens a newer copy
    query(paths.published, "SELECT ...") -> Answer         columns and rows of one SELECT
    amending.merge, split, wrong_party, wrong_date, not_a_meeting, withdraw -> Correction; amending.write_correction(inbox, correction)
    exporting.export(paths.published, target, Form.PARQUET)     Parquet by month, CSV, JSON lines, one file, one file for DuckDB 1.5
    repairing.backup, restore, repair, audit

Rows: ArticleEntry (an article, how it came and what was extracted from it), Source, SourceHealth, FetchFailure, PipelineRun, Country,
TopicName, Correction, in warehouse.rows. Errors: warehouse.errors.
"""

from warehouse.bundles import Bundle, write_bundle
from warehouse.connection import Answer, Engine, WarehousePaths, open_published, query
from warehouse.errors import (
    BundleError,
    CheckFailed,
    DamagedDatabase,
    DiskFull,
    NotPublished,
    QueryError,
    SchemaError,
    WarehouseError,
)
from warehouse.loading import LoadReport, load_pending
from warehouse.rows import (
    ArticleEntry,
    ArticleStatus,
    Correction,
    CorrectionKind,
    Country,
    FetchFailure,
    PipelineRun,
    Source,
    SourceHealth,
    Stage,
    TopicName,
)

__all__ = [
    "Answer", "ArticleEntry", "ArticleStatus", "Bundle", "BundleError", "CheckFailed", "Correction", "CorrectionKind", "Country",
    "DamagedDatabase", "DiskFull", "Engine", "FetchFailure", "LoadReport", "NotPublished", "PipelineRun", "QueryError", "SchemaError",
    "Source", "SourceHealth", "Stage", "TopicName", "WarehouseError", "WarehousePaths", "load_pending", "open_published", "query",
    "write_bundle",
]
