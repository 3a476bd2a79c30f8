-- Where each collector proves at its start, on rows of its own (`proof`), that this server keeps what delivery rests on: an
-- INSERT repeated under its token adds nothing, neither to a table nor to a view's. Small, and forgotten after a day.
CREATE TABLE IF NOT EXISTS delivery_proof
(
    proof        UInt64               COMMENT 'one start of one collector',
    kafka_offset Int64                COMMENT 'names the row, as in events',
    value        UInt64,
    taken_at     DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'when ClickHouse took the row'
)
ENGINE = MergeTree
ORDER BY (proof, kafka_offset)
TTL toDateTime(taken_at) + INTERVAL 1 DAY
SETTINGS non_replicated_deduplication_window = 100000;

CREATE TABLE IF NOT EXISTS delivery_proof_sums
(
    proof     UInt64,
    row_count SimpleAggregateFunction(sum, UInt64),
    total     SimpleAggregateFunction(sum, UInt64),
    taken_at  SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY proof
TTL taken_at + INTERVAL 1 DAY
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS delivery_proof_view TO delivery_proof_sums AS
SELECT
    proof,
    count() AS row_count,
    sum(value) AS total,
    max(toDateTime(delivery_proof.taken_at, 'UTC')) AS taken_at
FROM delivery_proof
GROUP BY proof;
