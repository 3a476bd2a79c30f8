-- The peer: ClickHouse's own Kafka engine filling the same table `events`, with the same rollups behind it.
-- {brokers}, {group} and {hash_key} are filled in. Its fastest form is used: JSONEachRow into typed columns, whose parser
-- is compiled for the types, rather than JSONExtract over a string; a thread a consumer; blocks of the collector's size.
CREATE TABLE kafka_events
(
    event_id      UUID,
    event_type    LowCardinality(String),
    event_version UInt16,
    occured_at    DateTime64(3, 'UTC'),
    producer      LowCardinality(String),
    payload       Tuple(
        user_id UInt64, session_id UInt64, deck_id UInt64, card_id UInt64,
        course_id UInt64, enrollment_id UInt64, result_id UInt64, author_id UInt64,
        total_cards_seen UInt32, learned_cards UInt32, duration_sec UInt32, answer_time_ms UInt32,
        cards_total UInt32, cards_correct UInt32, total_time_sec UInt32,
        rating UInt8, completed Bool, correct Bool, progress_percent Float64, correct_rate Float64, email String,
        started_at DateTime64(3, 'UTC'), finished_at DateTime64(3, 'UTC'), created_at DateTime64(3, 'UTC'),
        enrolled_at DateTime64(3, 'UTC'), updated_at DateTime64(3, 'UTC'), registered_at DateTime64(3, 'UTC'),
        answered_at DateTime64(3, 'UTC'), completed_at DateTime64(3, 'UTC'), changed_at DateTime64(3, 'UTC'),
        unenrolled_at DateTime64(3, 'UTC'), logged_in_at DateTime64(3, 'UTC'), deleted_at DateTime64(3, 'UTC'),
        erased_at DateTime64(3, 'UTC'), title String, timezone String, order_index UInt32,
        since_previous_sec Nullable(UInt32), scheduled_days Nullable(UInt32), stability Nullable(Float64),
        retrievability Nullable(Float64), due_at Nullable(DateTime64(3, 'UTC')))
)
ENGINE = Kafka
SETTINGS
    kafka_broker_list = '{brokers}',
    kafka_topic_list = 'learning.events,course.events,content.events,user.events',
    kafka_group_name = '{group}',
    kafka_format = 'JSONEachRow',
    kafka_num_consumers = 2,
    kafka_thread_per_consumer = 1,
    kafka_max_block_size = 98304,
    kafka_poll_max_batch_size = 65536,
    kafka_flush_interval_ms = 1000,
    date_time_input_format = 'best_effort',
    input_format_skip_unknown_fields = 1,
    input_format_json_ignore_unknown_keys_in_named_tuple = 1,
    input_format_json_defaults_for_missing_elements_in_named_tuple = 1;

CREATE MATERIALIZED VIEW kafka_events_view TO events AS
SELECT
    _topic AS topic,
    toInt32(_partition) AS kafka_partition,
    toInt64(_offset) AS kafka_offset,
    event_id,
    event_type,
    event_version,
    occured_at AS occurred_at,
    producer,
    greatest(
        payload.started_at, payload.finished_at, payload.created_at, payload.enrolled_at, payload.updated_at,
        payload.registered_at, payload.answered_at, payload.completed_at, payload.changed_at, payload.unenrolled_at,
        payload.logged_in_at, payload.deleted_at, payload.erased_at) AS event_time,
    payload.user_id AS user_id, payload.session_id AS session_id, payload.deck_id AS deck_id,
    payload.card_id AS card_id, payload.course_id AS course_id, payload.enrollment_id AS enrollment_id,
    payload.result_id AS result_id, payload.author_id AS author_id,
    payload.total_cards_seen AS total_cards_seen, payload.learned_cards AS learned_cards,
    payload.duration_sec AS duration_sec, payload.answer_time_ms AS answer_time_ms,
    payload.cards_total AS cards_total, payload.cards_correct AS cards_correct,
    payload.total_time_sec AS total_time_sec, payload.rating AS rating,
    payload.completed AS completed, payload.correct AS correct,
    payload.progress_percent AS progress_percent, payload.correct_rate AS correct_rate,
    '' AS email,
    if(payload.email = '', 0, sipHash64Keyed({hash_key}, lower(payload.email))) AS email_hash,
    lower(substring(payload.email, position(payload.email, '@') + 1)) AS email_domain,
    payload.title AS title, payload.timezone AS timezone, payload.order_index AS order_index,
    payload.since_previous_sec AS since_previous_sec, payload.scheduled_days AS scheduled_days,
    payload.stability AS stability, payload.retrievability AS retrievability, payload.due_at AS due_at
FROM kafka_events;
