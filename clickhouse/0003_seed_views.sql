-- The first platform's tables, by their names and columns: `event_time` is the payload's time, `produced_at` the envelope's.

CREATE OR REPLACE VIEW deck_created AS
SELECT event_time, occurred_at AS produced_at, event_id, deck_id, author_id
FROM events WHERE event_type = 'deck_created';

CREATE OR REPLACE VIEW card_created AS
SELECT event_time, occurred_at AS produced_at, event_id, card_id, deck_id
FROM events WHERE event_type = 'card_created';

CREATE OR REPLACE VIEW course_created AS
SELECT event_time, occurred_at AS produced_at, event_id, course_id, author_id
FROM events WHERE event_type = 'course_created';

CREATE OR REPLACE VIEW course_enrolled AS
SELECT event_time, occurred_at AS produced_at, event_id, enrollment_id, course_id, user_id
FROM events WHERE event_type = 'course_enrolled';

CREATE OR REPLACE VIEW course_progress_updated AS
SELECT event_time, occurred_at AS produced_at, event_id, course_id, user_id, deck_id, progress_percent
FROM events WHERE event_type = 'course_progress_updated';

CREATE OR REPLACE VIEW learning_session_started AS
SELECT event_time, occurred_at AS produced_at, event_id, session_id, user_id, deck_id
FROM events WHERE event_type = 'learning_session_started';

CREATE OR REPLACE VIEW learning_session_finished AS
SELECT event_time, occurred_at AS produced_at, event_id, session_id, user_id, deck_id, total_cards_seen AS total_cards, learned_cards, duration_sec, completed
FROM events WHERE event_type = 'learning_session_finished';

CREATE OR REPLACE VIEW user_registered AS
SELECT event_time, occurred_at AS produced_at, event_id, user_id, email, email_hash, email_domain
FROM events WHERE event_type = 'user_registered';
