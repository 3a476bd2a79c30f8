-- Rollups: the same sums, cut along four ways. Each row holds the sums of one event type, so a count of sessions is
-- `sum(events)` where event_type = 'learning_session_finished', a mean is a sum over a sum, and distinct users are exact
-- (`groupBitmapMerge(users)`). They deduplicate by the INSERT's token as `events` does, so a repeated range adds nothing.

-- By hour: every question of time alone, in any time zone of whole hours.
CREATE TABLE IF NOT EXISTS activity_hourly
(
    hour          DateTime('UTC'),
    event_type    LowCardinality(String),
    producer      LowCardinality(String),
    events        SimpleAggregateFunction(sum, UInt64),
    users         AggregateFunction(groupBitmap, UInt64) COMMENT 'exact, mergeable set of user_id',
    completed     SimpleAggregateFunction(sum, UInt64)  COMMENT 'finished sessions that were completed',
    study_seconds SimpleAggregateFunction(sum, UInt64),
    cards_seen    SimpleAggregateFunction(sum, UInt64),
    cards_learned SimpleAggregateFunction(sum, UInt64),
    correct       SimpleAggregateFunction(sum, UInt64)  COMMENT 'correct answers',
    answer_ms     SimpleAggregateFunction(sum, UInt64),
    score         SimpleAggregateFunction(sum, Float64) COMMENT 'sum of the tests'' correct_rate',
    progress      SimpleAggregateFunction(sum, Float64) COMMENT 'sum of progress_percent'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (event_type, hour, producer)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS activity_hourly_view TO activity_hourly AS
SELECT
    toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour,
    event_type,
    producer,
    count() AS events,
    groupBitmapState(events.user_id) AS users,
    sum(events.completed) AS completed,
    sum(events.duration_sec) AS study_seconds,
    sum(events.total_cards_seen) AS cards_seen,
    sum(events.learned_cards) AS cards_learned,
    sum(events.correct) AS correct,
    sum(events.answer_time_ms) AS answer_ms,
    sum(events.correct_rate) AS score,
    sum(events.progress_percent) AS progress
FROM events
GROUP BY hour, event_type, producer;

-- By user and day (UTC): the types that carry a user.
CREATE TABLE IF NOT EXISTS user_daily
(
    day           Date,
    user_id       UInt64,
    event_type    LowCardinality(String),
    events        SimpleAggregateFunction(sum, UInt64),
    completed     SimpleAggregateFunction(sum, UInt64)  COMMENT 'finished sessions that were completed',
    study_seconds SimpleAggregateFunction(sum, UInt64),
    cards_seen    SimpleAggregateFunction(sum, UInt64),
    cards_learned SimpleAggregateFunction(sum, UInt64),
    correct       SimpleAggregateFunction(sum, UInt64)  COMMENT 'correct answers',
    answer_ms     SimpleAggregateFunction(sum, UInt64),
    score         SimpleAggregateFunction(sum, Float64) COMMENT 'sum of the tests'' correct_rate',
    progress      SimpleAggregateFunction(sum, Float64) COMMENT 'sum of progress_percent'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (user_id, day, event_type)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS user_daily_view TO user_daily AS
SELECT
    toDate(occurred_at, 'UTC') AS day,
    user_id,
    event_type,
    count() AS events,
    sum(events.completed) AS completed,
    sum(events.duration_sec) AS study_seconds,
    sum(events.total_cards_seen) AS cards_seen,
    sum(events.learned_cards) AS cards_learned,
    sum(events.correct) AS correct,
    sum(events.answer_time_ms) AS answer_ms,
    sum(events.correct_rate) AS score,
    sum(events.progress_percent) AS progress
FROM events
WHERE event_type IN ('user_registered', 'user_logged_in', 'user_deleted', 'learning_session_started', 'learning_session_finished',
    'card_answered', 'test_completed', 'course_enrolled', 'course_unenrolled', 'course_progress_updated', 'course_completed')
GROUP BY day, user_id, event_type;

-- By deck and day (UTC): the types that carry a deck.
CREATE TABLE IF NOT EXISTS deck_daily
(
    day           Date,
    deck_id       UInt64,
    event_type    LowCardinality(String),
    events        SimpleAggregateFunction(sum, UInt64),
    users         AggregateFunction(groupBitmap, UInt64) COMMENT 'exact, mergeable set of user_id',
    completed     SimpleAggregateFunction(sum, UInt64)  COMMENT 'finished sessions that were completed',
    study_seconds SimpleAggregateFunction(sum, UInt64),
    cards_seen    SimpleAggregateFunction(sum, UInt64),
    cards_learned SimpleAggregateFunction(sum, UInt64),
    correct       SimpleAggregateFunction(sum, UInt64)  COMMENT 'correct answers',
    answer_ms     SimpleAggregateFunction(sum, UInt64),
    score         SimpleAggregateFunction(sum, Float64) COMMENT 'sum of the tests'' correct_rate',
    progress      SimpleAggregateFunction(sum, Float64) COMMENT 'sum of progress_percent'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (deck_id, day, event_type)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS deck_daily_view TO deck_daily AS
SELECT
    toDate(occurred_at, 'UTC') AS day,
    deck_id,
    event_type,
    count() AS events,
    groupBitmapState(events.user_id) AS users,
    sum(events.completed) AS completed,
    sum(events.duration_sec) AS study_seconds,
    sum(events.total_cards_seen) AS cards_seen,
    sum(events.learned_cards) AS cards_learned,
    sum(events.correct) AS correct,
    sum(events.answer_time_ms) AS answer_ms,
    sum(events.correct_rate) AS score,
    sum(events.progress_percent) AS progress
FROM events
WHERE event_type IN ('learning_session_started', 'learning_session_finished', 'card_answered', 'test_completed',
    'course_progress_updated', 'deck_created', 'deck_updated', 'deck_deleted', 'card_created', 'card_updated', 'card_deleted')
GROUP BY day, deck_id, event_type;

-- By course and day (UTC): the types that carry a course.
CREATE TABLE IF NOT EXISTS course_daily
(
    day           Date,
    course_id     UInt64,
    event_type    LowCardinality(String),
    events        SimpleAggregateFunction(sum, UInt64),
    users         AggregateFunction(groupBitmap, UInt64) COMMENT 'exact, mergeable set of user_id',
    completed     SimpleAggregateFunction(sum, UInt64)  COMMENT 'finished sessions that were completed',
    study_seconds SimpleAggregateFunction(sum, UInt64),
    cards_seen    SimpleAggregateFunction(sum, UInt64),
    cards_learned SimpleAggregateFunction(sum, UInt64),
    correct       SimpleAggregateFunction(sum, UInt64)  COMMENT 'correct answers',
    answer_ms     SimpleAggregateFunction(sum, UInt64),
    score         SimpleAggregateFunction(sum, Float64) COMMENT 'sum of the tests'' correct_rate',
    progress      SimpleAggregateFunction(sum, Float64) COMMENT 'sum of progress_percent'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (course_id, day, event_type)
SETTINGS non_replicated_deduplication_window = 100000;

CREATE MATERIALIZED VIEW IF NOT EXISTS course_daily_view TO course_daily AS
SELECT
    toDate(occurred_at, 'UTC') AS day,
    course_id,
    event_type,
    count() AS events,
    groupBitmapState(events.user_id) AS users,
    sum(events.completed) AS completed,
    sum(events.duration_sec) AS study_seconds,
    sum(events.total_cards_seen) AS cards_seen,
    sum(events.learned_cards) AS cards_learned,
    sum(events.correct) AS correct,
    sum(events.answer_time_ms) AS answer_ms,
    sum(events.correct_rate) AS score,
    sum(events.progress_percent) AS progress
FROM events
WHERE event_type IN ('course_created', 'course_published', 'course_unpublished', 'course_enrolled', 'course_unenrolled',
    'course_progress_updated', 'course_completed')
GROUP BY day, course_id, event_type;
