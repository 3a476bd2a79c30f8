-- What learners do with decks: how they want to learn, their sessions and answers, what is known of each card, and tests.
--
-- A learner's row in `learners` stands for the key `user_id` of learning.events: whatever emits an event of his locks this row
-- first and anything else afterwards. So his events lie in the outbox in the order in which things happened, and two changes
-- never wait for each other in a circle. Where an id of a deck or a card has no reference, the row is history and outlives it.
-- Times are those of the requests that made the change, but for `touched_at`.

CREATE TABLE learners (
  user_id bigint PRIMARY KEY,
  timezone text NOT NULL DEFAULT 'UTC',
  -- Minutes since midnight.
  day_starts_at int NOT NULL DEFAULT 240 CHECK (day_starts_at BETWEEN 0 AND 1439),
  new_per_day int NOT NULL DEFAULT 20 CHECK (new_per_day BETWEEN 0 AND 9999),
  reviews_per_day int NOT NULL DEFAULT 200 CHECK (reviews_per_day BETWEEN 0 AND 9999),
  desired_retention float8 NOT NULL DEFAULT 0.9 CHECK (desired_retention BETWEEN 0.7 AND 0.97),
  scheduler text NOT NULL DEFAULT 'fsrs6' CHECK (scheduler IN ('fsrs6', 'weights')),
  -- The learner's day of the last answer, and how many answers of it count against the limits. What was answered says the same;
  -- this is so that it need not be counted for each answer.
  day_from timestamptz,
  day_to timestamptz,
  new_today int NOT NULL DEFAULT 0,
  reviews_today int NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

-- The days on which a learner studied, as they were in his calendar then.
CREATE TABLE study_days (
  user_id bigint NOT NULL REFERENCES learners ON DELETE CASCADE,
  day date NOT NULL,
  PRIMARY KEY (user_id, day)
);

CREATE TABLE learning_sessions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES learners ON DELETE CASCADE,
  deck_id bigint NOT NULL,
  mode text NOT NULL CHECK (mode IN ('due', 'all', 'cram')),
  started_at timestamptz NOT NULL,
  last_activity_at timestamptz NOT NULL,
  active_ms bigint NOT NULL DEFAULT 0,
  answers int NOT NULL DEFAULT 0,
  cards_seen int NOT NULL DEFAULT 0,
  cards_known int NOT NULL DEFAULT 0,
  ended_at timestamptz,
  end_cause text CHECK (end_cause IN ('finished', 'lastCard', 'abandoned')),
  duration_sec int,
  -- By the true clock, also where the other times are of another: whether the learner has gone.
  touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- All cards in front of this place in the deck, as the deck was in that version, have been asked: the first new one is sought
  -- from here on.
  unasked_version bigint,
  unasked_index int,
  unasked_card bigint,
  CHECK ((ended_at IS NULL) = (end_cause IS NULL) AND (ended_at IS NULL) = (duration_sec IS NULL))
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX learning_sessions_active ON learning_sessions (user_id, deck_id) WHERE ended_at IS NULL;

CREATE TABLE answers (
  user_id bigint NOT NULL,
  answer_id uuid NOT NULL,
  session_id bigint NOT NULL,
  deck_id bigint NOT NULL,
  card_id bigint NOT NULL,
  -- Counts the session's answers from 1.
  number int NOT NULL,
  correct boolean NOT NULL,
  -- Null where the learner gave none.
  rating smallint CHECK (rating BETWEEN 1 AND 4),
  answer_time_ms int NOT NULL,
  answered_at timestamptz NOT NULL,
  -- What the card was before; null where the answer counts against no limit.
  kind text CHECK (kind IN ('new', 'learning', 'review')),
  -- Whether the session had nothing more to ask of the card.
  is_known boolean NOT NULL,
  due_at timestamptz,
  -- Of the session, this answer included.
  cards_seen int NOT NULL,
  cards_known int NOT NULL,
  ends_session boolean NOT NULL,
  PRIMARY KEY (user_id, answer_id)
);

CREATE INDEX answers_of_session ON answers (session_id, card_id, number DESC);

CREATE INDEX answers_by_time ON answers (user_id, answered_at);

-- What both schedulers know of one learner and one card that he has answered.
CREATE TABLE schedules (
  card_id bigint NOT NULL REFERENCES cards ON DELETE CASCADE,
  user_id bigint NOT NULL,
  deck_id bigint NOT NULL,
  phase text NOT NULL CHECK (phase IN ('learning', 'review', 'relearning')),
  step int NOT NULL DEFAULT 0,
  stability float8 NOT NULL,
  difficulty float8 NOT NULL,
  last_review_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  reviews int NOT NULL,
  successes int NOT NULL,
  failures int NOT NULL,
  streak int NOT NULL,
  last_answered_at timestamptz,
  -- Orders answered cards as their weights do, which all grow alike with the time.
  weight_rank float8 NOT NULL,
  PRIMARY KEY (card_id, user_id)
);

CREATE INDEX schedules_due ON schedules (user_id, deck_id, due_at, card_id);

CREATE INDEX schedules_steps ON schedules (user_id, deck_id, due_at, card_id) WHERE phase <> 'review';

CREATE TABLE test_results (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES learners ON DELETE CASCADE,
  deck_id bigint NOT NULL,
  cards_total int NOT NULL,
  cards_correct int NOT NULL,
  total_time_seconds float8 NOT NULL,
  completed_at timestamptz NOT NULL
);

CREATE INDEX test_results_of_learner ON test_results (user_id, deck_id, completed_at DESC, id DESC);

CREATE INDEX test_results_of_deck ON test_results (deck_id);

CREATE TABLE test_result_cards (
  result_id bigint NOT NULL REFERENCES test_results ON DELETE CASCADE,
  -- Counts from 0, in the order in which they came.
  place int NOT NULL,
  card_id bigint NOT NULL,
  correct boolean NOT NULL,
  answer_time_seconds float8 NOT NULL,
  user_answer text,
  PRIMARY KEY (result_id, place)
);
