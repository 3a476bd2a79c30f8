-- The source of truth: one row an event, with the coordinates it was read from.
-- A field that a type does not have holds its type's default; `event_time` is the payload's one time, whatever its name.
CREATE TABLE IF NOT EXISTS events
(
    topic            LowCardinality(String) COMMENT 'Kafka topic the event was read from',
    kafka_partition  Int32                  COMMENT 'partition of that topic',
    kafka_offset     Int64                  COMMENT 'offset in that partition; the three together name the row',
    event_id         UUID                   COMMENT 'given by the producer',
    event_type       LowCardinality(String),
    event_version    UInt16,
    occurred_at      DateTime64(3, 'UTC')   COMMENT 'when it happened, by the producer (occured_at on the wire)',
    producer         LowCardinality(String),
    event_time       DateTime64(3, 'UTC')   COMMENT 'the payload''s time: started_at, created_at, answered_at, …',
    user_id          UInt64,
    session_id       UInt64,
    deck_id          UInt64,
    card_id          UInt64,
    course_id        UInt64,
    enrollment_id    UInt64,
    result_id        UInt64,
    author_id        UInt64,
    total_cards_seen UInt32,
    learned_cards    UInt32,
    duration_sec     UInt32                 COMMENT 'seconds',
    answer_time_ms   UInt32                 COMMENT 'milliseconds',
    cards_total      UInt32,
    cards_correct    UInt32,
    total_time_sec   UInt32                 COMMENT 'seconds',
    rating           UInt8                  COMMENT '1 to 4; 0 when the answer had none',
    completed        Bool,
    correct          Bool,
    progress_percent Float64                COMMENT '0 to 100',
    correct_rate     Float64                COMMENT '0 to 1',
    email            String                 COMMENT 'empty unless EMAIL_KEEP_ADDRESSES',
    email_hash       UInt64                 COMMENT 'SipHash-2-4 of the lower-cased address, keyed by EMAIL_HASH_KEY',
    email_domain     LowCardinality(String) COMMENT 'lower-cased',
    ingested_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'when ClickHouse took the row'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (event_type, toDate(occurred_at), user_id)
SETTINGS non_replicated_deduplication_window = 100000;

-- Messages that are no events, as they came. They never stop the stream, and can be read and sent again.
CREATE TABLE IF NOT EXISTS dead_letters
(
    topic           LowCardinality(String),
    kafka_partition Int32,
    kafka_offset    Int64,
    kafka_timestamp DateTime64(3, 'UTC'),
    key             String                 COMMENT 'raw bytes',
    value           String                 COMMENT 'raw bytes',
    reason          LowCardinality(String) COMMENT 'code, stable',
    detail          String                 COMMENT 'the field or byte at fault',
    received_at     DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (topic, kafka_partition, kafka_offset)
SETTINGS non_replicated_deduplication_window = 100000;

-- The collector's ledger: a row an attempt to claim a range of offsets. The first row written for a
-- (topic, kafka_partition, from_offset) wins; _block_number tells which that was, and survives merges.
CREATE TABLE IF NOT EXISTS ranges
(
    topic           LowCardinality(String),
    kafka_partition Int32,
    from_offset     Int64,
    to_offset       Int64  COMMENT 'exclusive',
    events          UInt32 COMMENT 'rows of the range in events',
    dead_letters    UInt32 COMMENT 'rows of the range in dead_letters',
    skipped         UInt32 COMMENT 'tombstones',
    parts           UInt32 COMMENT 'at most so many parts of events: what the INSERT takes of the deduplication window',
    decoder         UInt64 COMMENT 'fingerprint of the catalogue and the settings that made the rows',
    writer          UUID   COMMENT 'the collector process',
    mark            Bool   COMMENT 'no claim: the range is being reconciled, its token does not hold',
    created_at      DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (topic, kafka_partition, from_offset)
SETTINGS enable_block_number_column = 1;
