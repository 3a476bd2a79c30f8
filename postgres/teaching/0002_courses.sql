-- Courses, the decks in them, who is enrolled, and the codes by which one joins.
--
-- Times are those of the requests that made the change. Decks and people live in databases of other services: here they are
-- numbers.

CREATE TABLE courses (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  teacher_id bigint NOT NULL,
  title text NOT NULL,
  description text NOT NULL DEFAULT '',
  is_published boolean NOT NULL DEFAULT false,
  -- Counts the changes of the course and of the decks in it.
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX courses_newest ON courses (created_at DESC, id DESC);

CREATE INDEX courses_newest_published ON courses (created_at DESC, id DESC) WHERE is_published;

CREATE INDEX courses_of_teacher ON courses (teacher_id, created_at DESC, id DESC);

CREATE TABLE course_decks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  course_id bigint NOT NULL REFERENCES courses ON DELETE CASCADE,
  deck_id bigint NOT NULL,
  order_index int NOT NULL,
  added_at timestamptz NOT NULL,
  UNIQUE (course_id, deck_id)
);

CREATE INDEX course_decks_by_deck ON course_decks (deck_id, course_id);

-- One row for a person in a course, for ever: who leaves and comes back finds what he had reached.
CREATE TABLE enrollments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  course_id bigint NOT NULL REFERENCES courses ON DELETE CASCADE,
  user_id bigint NOT NULL,
  -- The last time.
  enrolled_at timestamptz NOT NULL,
  unenrolled_at timestamptz,
  -- Once it is there it stays, whatever is added to the course.
  completed_at timestamptz,
  UNIQUE (course_id, user_id)
);

CREATE INDEX enrollments_newest ON enrollments (enrolled_at DESC, id DESC) WHERE unenrolled_at IS NULL;

CREATE INDEX enrollments_of_user ON enrollments (user_id, enrolled_at DESC, id DESC);

CREATE INDEX enrollments_of_course ON enrollments (course_id, enrolled_at DESC, id DESC);

-- Decks that somebody is through with. A row goes with its course only.
CREATE TABLE deck_completions (
  enrollment_id bigint NOT NULL REFERENCES enrollments ON DELETE CASCADE,
  deck_id bigint NOT NULL,
  completed_at timestamptz NOT NULL,
  -- He said so himself, and did not get there by learning.
  by_hand boolean NOT NULL,
  PRIMARY KEY (enrollment_id, deck_id)
);

CREATE TABLE join_codes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  course_id bigint NOT NULL REFERENCES courses ON DELETE CASCADE,
  code text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);

CREATE INDEX join_codes_of_course ON join_codes (course_id, created_at DESC, id DESC);

-- How often somebody has guessed at what he does not know, since when, by the true clock: `code`, join codes that are none;
-- `person`, people who are not registered.
CREATE TABLE guesses (
  user_id bigint NOT NULL,
  kind text NOT NULL,
  guesses int NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (user_id, kind)
);
