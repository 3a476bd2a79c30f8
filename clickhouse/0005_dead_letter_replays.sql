-- The ledger of replays: which dead letters were sent to their topic once more. For each attempt first a row `intent`, then,
-- when its outcome is known, a row `done`. The first row written for a letter's attempt owns it; _block_number tells
-- which that was, and survives merges. Small, and free of personal data, so it is kept for ever.
CREATE TABLE IF NOT EXISTS dead_letter_replays
(
    topic           LowCardinality(String)              COMMENT 'of the letter, and of the message sent',
    kafka_partition Int32                               COMMENT 'of the letter, and of the message sent',
    kafka_offset    Int64                               COMMENT 'of the letter',
    attempt         UInt32                              COMMENT 'from 1',
    state           Enum8('intent' = 1, 'done' = 2),
    replayer        UUID                                COMMENT 'the process that wrote the row',
    event_id        UUID                                COMMENT 'of the event sent',
    search_from     Int64                               COMMENT 'the partition''s end, at most, before anything of the attempt was sent',
    sent_offset     Int64                               COMMENT 'done: where the message was written; -1: it was not needed',
    created_at      DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (topic, kafka_partition, kafka_offset, attempt)
SETTINGS enable_block_number_column = 1;
