-- What somebody has done with a deck is asked when he enrols in a course that has it.
CREATE INDEX learning_sessions_of_deck ON learning_sessions (user_id, deck_id);
