-- Decks, their cards, what they are about, and what is left of their images.
--
-- Times are those of the requests that made the change. `version` counts changes: a deck's those of itself and of its cards,
-- so that it tells whether an answer with all of them is still good.

-- Letters are compared without their case, Russian ones too, and answers are JSON.
DO $$
BEGIN
  IF current_setting('server_encoding') <> 'UTF8' OR lower('ЁÉ') <> 'ёé' THEN
    RAISE EXCEPTION 'the database must be UTF8 and its LC_CTYPE must know Cyrillic letters, as C.UTF-8 or ru_RU.UTF-8 do';
  END IF;
END $$;

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE decks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id bigint NOT NULL,
  title text NOT NULL,
  description text NOT NULL DEFAULT '',
  visibility text NOT NULL CHECK (visibility IN ('public', 'private')),
  cards_amount int NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  copied_from bigint,
  -- The owner's account is gone for good; a public deck outlives it.
  owner_erased boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX decks_newest ON decks (created_at DESC, id DESC);

CREATE INDEX decks_newest_public ON decks (created_at DESC, id DESC) WHERE visibility = 'public';

CREATE INDEX decks_of_owner ON decks (owner_id, created_at DESC, id DESC);

CREATE INDEX decks_by_words ON decks USING gin (title gin_trgm_ops, description gin_trgm_ops);

CREATE TABLE cards (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  deck_id bigint NOT NULL REFERENCES decks ON DELETE CASCADE,
  front_text text NOT NULL,
  back_text text NOT NULL,
  front_image_key text,
  back_image_key text,
  order_index int NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX cards_of_deck ON cards (deck_id, order_index, id);

CREATE TABLE categories (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug text NOT NULL UNIQUE,
  name text NOT NULL
);

INSERT INTO categories (slug, name) VALUES
  ('mathematics', 'Mathematics'), ('history', 'History'), ('programming', 'Programming'), ('physics', 'Physics'),
  ('chemistry', 'Chemistry'), ('biology', 'Biology'), ('literature', 'Literature'), ('geography', 'Geography'),
  ('other', 'Other');

-- A category that a deck has cannot go.
CREATE TABLE deck_categories (
  deck_id bigint NOT NULL REFERENCES decks ON DELETE CASCADE,
  category_id bigint NOT NULL REFERENCES categories,
  PRIMARY KEY (deck_id, category_id)
);

CREATE INDEX deck_categories_of_category ON deck_categories (category_id, deck_id);

CREATE TABLE deck_tags (
  deck_id bigint NOT NULL REFERENCES decks ON DELETE CASCADE,
  tag text NOT NULL,
  PRIMARY KEY (deck_id, tag)
);

CREATE INDEX deck_tags_by_tag ON deck_tags (tag, deck_id);

-- Objects that go at `due_at` unless a card refers to them by then. A row stands here from before an object is made until the
-- card that has it is committed, and again from the commit that lets go of it. While `taken_until` lies ahead, a sweeper is
-- about to delete the object, and nobody may make it anew.
CREATE TABLE image_sweep (
  object_key text PRIMARY KEY,
  due_at timestamptz NOT NULL,
  taken_until timestamptz
);

CREATE INDEX image_sweep_by_time ON image_sweep (due_at);
