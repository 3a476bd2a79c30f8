-- Until when an INSERT that a row's writer sent may run is the row's to say: who follows may have other settings.
-- Versions before this one do not say it, also where one still runs beside. Their defaults are taken for theirs: a lease of
-- 60 s and an INSERT of at most 60 s; stop those that were set to more before the first of this version starts. And they
-- renewed a lease without a row, which `protocol` 0 tells.
ALTER TABLE ranges
    ADD COLUMN IF NOT EXISTS expires_at DateTime64(3, 'UTC') DEFAULT created_at + INTERVAL 120 SECOND
        COMMENT 'until then an INSERT that the writer sent under this row may run, by the server''s clock',
    ADD COLUMN IF NOT EXISTS protocol UInt8 DEFAULT 0
        COMMENT '0: the writer renewed leases without a row; 1: each lease has a row';

-- How many parts were written since a row was is asked whenever a range is repeated. Rows of one partition lie in the order
-- of time, so with this index the question reads the rows since then and of the day before, however long the ledger is.
ALTER TABLE ranges ADD INDEX IF NOT EXISTS by_time created_at TYPE minmax GRANULARITY 1;

ALTER TABLE ranges MATERIALIZE INDEX by_time;
