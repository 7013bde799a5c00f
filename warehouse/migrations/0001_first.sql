-- The first schema: written from warehouse/schema.py (warehouse.schema.definition).
CREATE SCHEMA internal;

CREATE TABLE article (
    "article_id" UUID NOT NULL,
    "url_key" UUID NOT NULL,
    "source_id" VARCHAR,
    "status" VARCHAR NOT NULL,
    "reason" VARCHAR,
    "url" VARCHAR NOT NULL,
    "title" VARCHAR,
    "text" VARCHAR NOT NULL,
    "language" VARCHAR,
    "published" TIMESTAMPTZ,
    "modified" TIMESTAMPTZ,
    "authors" VARCHAR[] NOT NULL,
    "publisher" VARCHAR,
    "title_candidates" VARCHAR[] NOT NULL,
    "credit" VARCHAR,
    "paywalled" BOOLEAN,
    "field_sources" MAP(VARCHAR, VARCHAR) NOT NULL,
    "dateline_city" VARCHAR,
    "dateline_country" VARCHAR,
    "dateline_day" DATE,
    "dateline_agency" VARCHAR,
    "fetched_at" TIMESTAMPTZ,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "extractor_version" VARCHAR NOT NULL,
    "archive_file" VARCHAR,
    "archive_offset" BIGINT,
    "content_hash" UUID NOT NULL,
    "bundle_id" VARCHAR NOT NULL,
    PRIMARY KEY (article_id)
);

CREATE TABLE mention (
    "mention_id" UUID NOT NULL,
    "article_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "status" VARCHAR NOT NULL,
    "mode" VARCHAR NOT NULL,
    "confidence" DOUBLE NOT NULL,
    "start_date" DATE,
    "end_date" DATE,
    "date_precision" VARCHAR,
    "city" VARCHAR,
    "country" VARCHAR,
    "venue" VARCHAR,
    "background" BOOLEAN NOT NULL,
    "host_event" VARCHAR,
    "host_event_acronym" VARCHAR,
    "extractor_version" VARCHAR NOT NULL,
    "content_hash" UUID NOT NULL,
    PRIMARY KEY (mention_id)
);

CREATE TABLE mention_participant (
    "mention_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "kind" VARCHAR NOT NULL,
    "name" VARCHAR,
    "role" VARCHAR,
    "role_class" VARCHAR,
    "portfolio" VARCHAR,
    "country" VARCHAR,
    "country_source" VARCHAR,
    "organization" VARCHAR
);

CREATE TABLE mention_topic (
    "mention_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "topic" VARCHAR NOT NULL
);

CREATE TABLE mention_outcome (
    "mention_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "kind" VARCHAR NOT NULL,
    "text" VARCHAR NOT NULL
);

CREATE TABLE mention_evidence (
    "mention_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "field" VARCHAR NOT NULL,
    "span_start" BIGINT NOT NULL,
    "span_end" BIGINT NOT NULL,
    "item" BIGINT
);

CREATE TABLE source (
    "source_id" VARCHAR NOT NULL,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "name" VARCHAR NOT NULL,
    "country" VARCHAR,
    "language" VARCHAR,
    "time_zone" VARCHAR,
    "kind" VARCHAR,
    "feed_urls" VARCHAR[] NOT NULL,
    "enabled" BOOLEAN NOT NULL
);

CREATE TABLE source_health (
    "source_id" VARCHAR NOT NULL,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "state" VARCHAR NOT NULL,
    "last_success" TIMESTAMPTZ,
    "last_failure" TIMESTAMPTZ,
    "consecutive_failures" BIGINT NOT NULL,
    "next_try" TIMESTAMPTZ,
    "reason" VARCHAR,
    "detail" VARCHAR,
    "items_seen" BIGINT,
    "items_new" BIGINT
);

CREATE TABLE fetch_failure (
    "url" VARCHAR NOT NULL,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "stage" VARCHAR NOT NULL,
    "reason" VARCHAR NOT NULL,
    "source_id" VARCHAR,
    "detail" VARCHAR,
    "attempts" BIGINT NOT NULL,
    "next_try" TIMESTAMPTZ,
    "resolved" BOOLEAN NOT NULL
);

CREATE TABLE pipeline_run (
    "run_id" VARCHAR NOT NULL,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "flow" VARCHAR NOT NULL,
    "started_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "state" VARCHAR NOT NULL,
    "version" VARCHAR,
    "counts" MAP(VARCHAR, BIGINT) NOT NULL,
    "detail" VARCHAR
);

CREATE TABLE country (
    "code" VARCHAR NOT NULL,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "name" VARCHAR NOT NULL,
    "demonym" VARCHAR,
    "capital" VARCHAR
);

CREATE TABLE topic (
    "topic" VARCHAR NOT NULL,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "name" VARCHAR NOT NULL
);

CREATE TABLE correction (
    "correction_id" UUID NOT NULL,
    "kind" VARCHAR NOT NULL,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "mention_id" UUID,
    "other_ids" VARCHAR[] NOT NULL,
    "party" BIGINT,
    "value" MAP(VARCHAR, VARCHAR) NOT NULL,
    "note" VARCHAR,
    "made_by" VARCHAR
);

CREATE TABLE meeting (
    "meeting_id" UUID NOT NULL,
    "status" VARCHAR NOT NULL,
    "mode" VARCHAR NOT NULL,
    "start_date" DATE,
    "end_date" DATE,
    "date_precision" VARCHAR,
    "first_day" DATE,
    "last_day" DATE,
    "day" DATE,
    "city" VARCHAR,
    "country" VARCHAR,
    "venue" VARCHAR,
    "host_event" VARCHAR,
    "host_event_acronym" VARCHAR,
    "background" BOOLEAN NOT NULL,
    "confidence" DOUBLE NOT NULL,
    "parties" VARCHAR NOT NULL,
    "reports" BIGINT NOT NULL,
    "independent_reports" BIGINT NOT NULL,
    "outlets" BIGINT NOT NULL,
    "first_reported" TIMESTAMPTZ,
    "last_reported" TIMESTAMPTZ,
    PRIMARY KEY (meeting_id)
);

CREATE TABLE meeting_mention (
    "meeting_id" UUID NOT NULL,
    "mention_id" UUID NOT NULL,
    "article_id" UUID NOT NULL,
    "reason" VARCHAR NOT NULL,
    "score" DOUBLE NOT NULL,
    "copy_of" UUID
);

CREATE TABLE meeting_participant (
    "meeting_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "kind" VARCHAR NOT NULL,
    "name" VARCHAR,
    "role" VARCHAR,
    "role_class" VARCHAR,
    "portfolio" VARCHAR,
    "country" VARCHAR,
    "organization" VARCHAR,
    "person_id" UUID,
    "spellings" VARCHAR[] NOT NULL,
    "reports" BIGINT NOT NULL
);

CREATE TABLE meeting_topic (
    "meeting_id" UUID NOT NULL,
    "topic" VARCHAR NOT NULL,
    "reports" BIGINT NOT NULL
);

CREATE TABLE meeting_outcome (
    "meeting_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "kind" VARCHAR NOT NULL,
    "text" VARCHAR NOT NULL,
    "mention_id" UUID NOT NULL,
    "article_id" UUID NOT NULL
);

CREATE TABLE meeting_status (
    "meeting_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "status" VARCHAR NOT NULL,
    "reported" TIMESTAMPTZ,
    "start_date" DATE,
    "end_date" DATE,
    "date_precision" VARCHAR,
    "mention_id" UUID NOT NULL,
    "article_id" UUID NOT NULL
);

CREATE TABLE person (
    "person_id" UUID NOT NULL,
    "name" VARCHAR NOT NULL,
    "country" VARCHAR,
    "spellings" BIGINT NOT NULL
);

CREATE TABLE extraction (
    "article_id" UUID NOT NULL,
    "extractor_version" VARCHAR NOT NULL,
    "observed_at" TIMESTAMPTZ NOT NULL,
    "status" VARCHAR NOT NULL,
    "mentions" BIGINT NOT NULL,
    "mention_hash" UUID NOT NULL,
    "bundle_id" VARCHAR NOT NULL
);

CREATE TABLE load_ledger (
    "bundle_id" VARCHAR NOT NULL,
    "sha256" VARCHAR NOT NULL,
    "outcome" VARCHAR NOT NULL,
    "reason" VARCHAR,
    "row_count" BIGINT NOT NULL,
    "loaded_at" TIMESTAMPTZ NOT NULL
);

CREATE TABLE internal.node (
    "mention_id" UUID NOT NULL,
    "component" UUID NOT NULL,
    "first_day" DATE,
    "last_day" DATE,
    "keys" UINTEGER[] NOT NULL
);

CREATE TABLE internal.spelling (
    "name" VARCHAR NOT NULL,
    "country" VARCHAR NOT NULL,
    "person_id" UUID NOT NULL,
    "uses" BIGINT NOT NULL,
    "keys" UINTEGER[] NOT NULL
);

CREATE TABLE internal.vocabulary (
    "table_name" VARCHAR NOT NULL,
    "column_name" VARCHAR NOT NULL,
    "code" VARCHAR NOT NULL
);

CREATE TABLE internal.change (
    "changed_at" TIMESTAMPTZ NOT NULL
);
