-- The rollups by user, deck and course take the types that carry theirs: user_erased, course_deck_added and course_deck_removed,
-- course_updated and course_deleted. No row of these types can be in `events` yet, so the rollups are complete.
--
-- As in 0009: a view whose query was modified is loaded anew at once, no INSERT may come between, and while `ranges` bears
-- another name no collector gets the lease that an INSERT needs. Each statement may be repeated; `migrate up` goes on where it
-- ended.
SELECT throwIf(count() > 0, 'A collector may be at work: stop the collectors, then run migrate up again (a lease ends within two minutes, unless its settings say more)')
FROM ranges WHERE expires_at > now64(3)
FORMAT Null;

RENAME TABLE IF EXISTS ranges TO ranges_held;

SELECT throwIf(count() > 0, 'A collector took a lease just now, and no other can until this is done: run migrate up again when it is over (within two minutes, unless its settings say more)')
FROM ranges_held WHERE expires_at > now64(3)
FORMAT Null;

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
WHERE event_type IN ('user_registered', 'user_logged_in', 'user_deleted', 'user_erased', 'learning_session_started',
    'learning_session_finished', 'card_answered', 'test_completed', 'course_enrolled', 'course_unenrolled',
    'course_progress_updated', 'course_completed')
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
    'course_progress_updated', 'course_deck_added', 'course_deck_removed', 'deck_created', 'deck_updated', 'deck_deleted',
    'card_created', 'card_updated', 'card_deleted')
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
WHERE event_type IN ('course_created', 'course_updated', 'course_deleted', 'course_published', 'course_unpublished',
    'course_deck_added', 'course_deck_removed', 'course_enrolled', 'course_unenrolled', 'course_progress_updated',
    'course_completed')
GROUP BY day, course_id, event_type;

DETACH TABLE IF EXISTS course_daily_view;

ATTACH TABLE IF NOT EXISTS course_daily_view;

RENAME TABLE IF EXISTS ranges_held TO ranges;
