-- What ClickHouse remembers of an INSERT's token it may remember wrongly once it was killed: the token is written before the
-- part is in its place. So tokens are worth something within one run of the server alone, and every lease names the run.
--
-- Rows here are of the run that is: a Memory table is empty when ClickHouse has started. Then no INSERT of a range is taken until
-- a collector has made the rollups equal to `events` again, and has given the run a name, its incarnation.
CREATE TABLE IF NOT EXISTS recoveries
(
    number      UInt64 COMMENT 'each claim has a larger one; the last claim is the one that counts',
    recoverer   UUID   COMMENT 'whose claim it is',
    incarnation UUID   COMMENT 'given when the recovery is done; zero in a claim',
    created_at  DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = Memory;

-- A lease holds in the run in which its row was written. The days are those of the range's events: where a rollup may differ.
ALTER TABLE ranges
    ADD COLUMN IF NOT EXISTS incarnation UUID COMMENT 'the run of ClickHouse in which the row was written; zero: in none that was recovered',
    ADD COLUMN IF NOT EXISTS first_day Date32 DEFAULT 0 COMMENT 'of the range''s events, UTC; with last_day before it: of none',
    ADD COLUMN IF NOT EXISTS last_day Date32 DEFAULT 0;

SELECT throwIf(count() > 0, 'A collector may be at work: stop the collectors, then run migrate up again (a lease ends within two minutes, unless its settings say more)')
FROM ranges WHERE expires_at > now64(3) AND protocol < 2
FORMAT Null;

-- Versions before this one send INSERTs without the name of the run: they get no lease any more.
ALTER TABLE ranges ADD CONSTRAINT IF NOT EXISTS names_its_run CHECK protocol >= 2;

SELECT throwIf(count() > 0, 'A collector took a lease just now, and no other of its version can any more: run migrate up again when it is over (within two minutes, unless its settings say more)')
FROM ranges WHERE expires_at > now64(3) AND protocol < 2
FORMAT Null;
