-- A view for each of the other types, in the form of the first platform's (0003): its name, the same three columns, then the
-- payload's fields. The first platform's own views stay as they were, so titles of what was created are in `events` alone.

CREATE OR REPLACE VIEW card_answered AS
SELECT event_time, occurred_at AS produced_at, event_id, session_id, user_id, deck_id, card_id, correct, answer_time_ms, rating, since_previous_sec, scheduled_days, stability,
    retrievability, due_at
FROM events WHERE event_type = 'card_answered';

CREATE OR REPLACE VIEW test_completed AS
SELECT event_time, occurred_at AS produced_at, event_id, result_id, user_id, deck_id, cards_total, cards_correct, correct_rate, total_time_sec
FROM events WHERE event_type = 'test_completed';

CREATE OR REPLACE VIEW course_updated AS
SELECT event_time, occurred_at AS produced_at, event_id, course_id, author_id, title
FROM events WHERE event_type = 'course_updated';

CREATE OR REPLACE VIEW course_deleted AS
SELECT event_time, occurred_at AS produced_at, event_id, course_id, author_id
FROM events WHERE event_type = 'course_deleted';

CREATE OR REPLACE VIEW course_published AS
SELECT event_time, occurred_at AS produced_at, event_id, course_id, author_id
FROM events WHERE event_type = 'course_published';

CREATE OR REPLACE VIEW course_unpublished AS
SELECT event_time, occurred_at AS produced_at, event_id, course_id, author_id
FROM events WHERE event_type = 'course_unpublished';

CREATE OR REPLACE VIEW course_deck_added AS
SELECT event_time, occurred_at AS produced_at, event_id, course_id, deck_id, order_index
FROM events WHERE event_type = 'course_deck_added';

CREATE OR REPLACE VIEW course_deck_removed AS
SELECT event_time, occurred_at AS produced_at, event_id, course_id, deck_id
FROM events WHERE event_type = 'course_deck_removed';

CREATE OR REPLACE VIEW course_unenrolled AS
SELECT event_time, occurred_at AS produced_at, event_id, enrollment_id, course_id, user_id
FROM events WHERE event_type = 'course_unenrolled';

CREATE OR REPLACE VIEW course_completed AS
SELECT event_time, occurred_at AS produced_at, event_id, enrollment_id, course_id, user_id
FROM events WHERE event_type = 'course_completed';

CREATE OR REPLACE VIEW deck_updated AS
SELECT event_time, occurred_at AS produced_at, event_id, deck_id, author_id, title
FROM events WHERE event_type = 'deck_updated';

CREATE OR REPLACE VIEW deck_deleted AS
SELECT event_time, occurred_at AS produced_at, event_id, deck_id, author_id, title
FROM events WHERE event_type = 'deck_deleted';

CREATE OR REPLACE VIEW card_updated AS
SELECT event_time, occurred_at AS produced_at, event_id, card_id, deck_id
FROM events WHERE event_type = 'card_updated';

CREATE OR REPLACE VIEW card_deleted AS
SELECT event_time, occurred_at AS produced_at, event_id, card_id, deck_id
FROM events WHERE event_type = 'card_deleted';

CREATE OR REPLACE VIEW user_logged_in AS
SELECT event_time, occurred_at AS produced_at, event_id, user_id, timezone
FROM events WHERE event_type = 'user_logged_in';

CREATE OR REPLACE VIEW user_deleted AS
SELECT event_time, occurred_at AS produced_at, event_id, user_id
FROM events WHERE event_type = 'user_deleted';

CREATE OR REPLACE VIEW user_erased AS
SELECT event_time, occurred_at AS produced_at, event_id, user_id
FROM events WHERE event_type = 'user_erased';
