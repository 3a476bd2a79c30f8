-- People. Who was deleted stays as a row until the grace is over; then what is personal in it is overwritten.
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  surname text NOT NULL,
  email text NOT NULL,
  -- Argon2id as a PHC string; gone with the person.
  password_hash text,
  -- Grows with each new password, not when the same one is hashed anew.
  password_version bigint NOT NULL DEFAULT 1,
  is_manager boolean NOT NULL DEFAULT false,
  -- Grows with each change of what is shown: the ETag.
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  last_login_at timestamptz,
  -- How often the old password was tried for a change, since when.
  guesses int NOT NULL DEFAULT 0,
  guessed_since timestamptz,
  deleted_at timestamptz,
  erased_at timestamptz,
  CONSTRAINT users_erased_was_deleted CHECK (erased_at IS NULL OR deleted_at IS NOT NULL),
  CONSTRAINT users_password_until_erased CHECK ((password_hash IS NULL) = (erased_at IS NOT NULL))
);

-- An address is taken until its owner is deleted.
CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE deleted_at IS NULL;

-- The list, newest first.
CREATE INDEX users_newest ON users (created_at DESC, id DESC) WHERE erased_at IS NULL;

-- Whom the purge looks for.
CREATE INDEX users_to_erase ON users (deleted_at) WHERE deleted_at IS NOT NULL AND erased_at IS NULL;

-- The code by which a person sets a new password without the old one; the latest only, and its digest only.
CREATE TABLE reset_codes (
  user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  digest bytea NOT NULL CHECK (length(digest) = 32),
  issued_by bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  tries int NOT NULL DEFAULT 0
);
