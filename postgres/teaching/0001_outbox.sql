-- What every service with a database has: events on their way to Kafka, and replies that are given again. The same file in
-- the folder of each service; a test compares them.

-- An event is inserted by the transaction of the change that it tells of, while the row of its key is locked. The relay
-- sends and deletes it. xid tells which rows nothing older can still come before.
CREATE TABLE outbox
(
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    event_id   uuid        NOT NULL UNIQUE,
    topic      text        NOT NULL,
    key        text        NOT NULL,
    value      text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
-- Rows live for milliseconds: what is dead shall not pile up in front of the living.
WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- Events that Kafka refuses, with its reason. Mended, they go back by INSERT INTO outbox (event_id, topic, key, value).
CREATE TABLE outbox_parked
(
    id         bigint PRIMARY KEY,
    xid        xid8        NOT NULL,
    event_id   uuid        NOT NULL UNIQUE,
    topic      text        NOT NULL,
    key        text        NOT NULL,
    value      text        NOT NULL,
    created_at timestamptz NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason     text        NOT NULL
);

-- The first reply to a request with an Idempotency-Key, for 24 hours. status and reply are NULL while it is being made, by
-- the transaction that inserted the row.
CREATE TABLE idempotency_keys
(
    person_id  bigint      NOT NULL,
    operation  text        NOT NULL,
    key        text        NOT NULL,
    body_hash  bytea       NOT NULL,
    status     int,
    reply      text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (person_id, operation, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
