-- The rollups' sums of scores and progress go. They are of Float64, whose sums depend on their order in the last digits, so no
-- question was answered by them: means are asked of `events`, as exact decimals.
--
-- On ClickHouse 25.5 a view whose query was modified deduplicates by another id until it is loaded anew: a range repeated
-- then would count twice. So each is loaded anew at once, and no INSERT may come between. An INSERT needs a lease, and a
-- lease is a row of `ranges`: while the table bears another name nobody gets one. A collector that runs then tries again and
-- again, one that starts says that `ranges` is missing. Each statement may be repeated; `migrate up` goes on where it ended.
SELECT throwIf(count() > 0, 'A collector may be at work: stop the collectors, then run migrate up again (a lease ends within two minutes, unless its settings say more)')
FROM ranges WHERE expires_at > now64(3)
FORMAT Null;

RENAME TABLE IF EXISTS ranges TO ranges_held;

SELECT throwIf(count() > 0, 'A collector took a lease just now, and no other can until this is done: run migrate up again when it is over (within two minutes, unless its settings say more)')
FROM ranges_held WHERE expires_at > now64(3)
FORMAT Null;

ALTER TABLE activity_hourly_view MODIFY QUERY
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
    sum(events.answer_time_ms) AS answer_ms
FROM events
GROUP BY hour, event_type, producer;

DETACH TABLE IF EXISTS activity_hourly_view;

ATTACH TABLE IF NOT EXISTS activity_hourly_view;

ALTER TABLE user_daily_view MODIFY QUERY
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
    sum(events.answer_time_ms) AS answer_ms
FROM events
WHERE event_type IN ('user_registered', 'user_logged_in', 'user_deleted', 'learning_session_started', 'learning_session_finished',
    'card_answered', 'test_completed', 'course_enrolled', 'course_unenrolled', 'course_progress_updated', 'course_completed')
GROUP BY day, user_id, event_type;

DETACH TABLE IF EXISTS user_daily_view;

ATTACH TABLE IF NOT EXISTS user_daily_view;

ALTER TABLE deck_daily_view MODIFY QUERY
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
    sum(events.answer_time_ms) AS answer_ms
FROM events
WHERE event_type IN ('learning_session_started', 'learning_session_finished', 'card_answered', 'test_completed',
    'course_progress_updated', 'deck_created', 'deck_updated', 'deck_deleted', 'card_created', 'card_updated', 'card_deleted')
GROUP BY day, deck_id, event_type;

DETACH TABLE IF EXISTS deck_daily_view;

ATTACH TABLE IF NOT EXISTS deck_daily_view;

ALTER TABLE course_daily_view MODIFY QUERY
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
    sum(events.answer_time_ms) AS answer_ms
FROM events
WHERE event_type IN ('course_created', 'course_published', 'course_unpublished', 'course_enrolled', 'course_unenrolled',
    'course_progress_updated', 'course_completed')
GROUP BY day, course_id, event_type;

DETACH TABLE IF EXISTS course_daily_view;

ATTACH TABLE IF NOT EXISTS course_daily_view;

ALTER TABLE activity_hourly DROP COLUMN IF EXISTS score, DROP COLUMN IF EXISTS progress;

ALTER TABLE user_daily DROP COLUMN IF EXISTS score, DROP COLUMN IF EXISTS progress;

ALTER TABLE deck_daily DROP COLUMN IF EXISTS score, DROP COLUMN IF EXISTS progress;

ALTER TABLE course_daily DROP COLUMN IF EXISTS score, DROP COLUMN IF EXISTS progress;

RENAME TABLE IF EXISTS ranges_held TO ranges;
