-- What producers may tell since: what a deck or course is called, where a user is, a deck's place in its course, and how an
-- answer stood to its card's schedule. In a schedule 0 is a value (an answer within the second, a step of minutes), so what is
-- not known is NULL there; a name that is not known is empty.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS title String
        COMMENT 'of the deck or course, at most 200 characters; empty when not told' AFTER email_domain,
    ADD COLUMN IF NOT EXISTS timezone LowCardinality(String)
        COMMENT 'the user''s, by its IANA name; empty when not told' AFTER title,
    ADD COLUMN IF NOT EXISTS order_index UInt32
        COMMENT 'the deck''s place in its course' AFTER timezone,
    ADD COLUMN IF NOT EXISTS since_previous_sec Nullable(UInt32)
        COMMENT 'seconds since the card''s answer before; NULL: not known, as at its first' AFTER order_index,
    ADD COLUMN IF NOT EXISTS scheduled_days Nullable(UInt32)
        COMMENT 'the interval that the answer before had set, in days' AFTER since_previous_sec,
    ADD COLUMN IF NOT EXISTS stability Nullable(Float64)
        COMMENT 'of the memory before this answer, in days' AFTER scheduled_days,
    ADD COLUMN IF NOT EXISTS retrievability Nullable(Float64)
        COMMENT '0 to 1, just before this answer' AFTER stability,
    ADD COLUMN IF NOT EXISTS due_at Nullable(DateTime64(3, 'UTC'))
        COMMENT 'when the card is due after this answer' AFTER retrievability;
