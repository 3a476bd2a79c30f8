-- Until when the attempt's owner may send, by ClickHouse's clock: whoever reads a row goes by it, whatever lease he was given
-- himself. Rows of the version before, and those it still writes, have its lease: a minute, unless it was told otherwise.
ALTER TABLE dead_letter_replays
    ADD COLUMN IF NOT EXISTS expires_at DateTime64(3, 'UTC') DEFAULT created_at + toIntervalSecond(60)
        COMMENT 'intent: until when its writer may send, if the attempt is its own';
