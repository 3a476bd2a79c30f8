"""Events over the last year, made by ClickHouse itself, with the rollups by the views; the same for the same seed."""

BATCH = 2_000_000
TYPES = [
    *["card_answered"] * 12,
    *["learning_session_started"] * 2,
    *["learning_session_finished"] * 2,
    "test_completed",
    "user_logged_in",
    "course_progress_updated",
    "course_enrolled",
]
LEARNING = "('card_answered', 'learning_session_started', 'learning_session_finished')"


def fill(clickhouse, count, told=lambda done: None):
    """Puts `count` events of the learners' types into the migrated tables."""
    for start in range(0, count, BATCH):
        clickhouse.execute(batch(start, min(BATCH, count - start)), max_insert_block_size=BATCH, min_insert_block_size_rows=0)
        told(min(start + BATCH, count))


def batch(start, count):
    def random(salt):
        return f"cityHash64(number, {salt})"

    types = ", ".join(f"'{name}'" for name in TYPES)
    return f"""
        INSERT INTO events (topic, kafka_partition, kafka_offset, event_type, occurred_at, producer, user_id, session_id,
          deck_id, card_id, course_id, total_cards_seen, learned_cards, duration_sec, completed, answer_time_ms, correct,
          correct_rate, progress_percent)
        SELECT 'load', 0, number, [{types}][1 + {random(1)} % {len(TYPES)}] AS type,
          now64(3) - toIntervalMillisecond({random(2)} % (365 * 86400000)), 'load', 1 + {random(3)} % 200000,
          if(type IN {LEARNING}, 1 + number, 0), if(startsWith(type, 'course') OR startsWith(type, 'user'), 0, 1 + {random(4)} % 20000),
          if(type = 'card_answered', 1 + {random(5)} % 1000000, 0), if(startsWith(type, 'course'), 1 + {random(6)} % 500, 0),
          if(type = 'learning_session_finished', {random(7)} % 60, 0), if(type = 'learning_session_finished', {random(8)} % 20, 0),
          if(type = 'learning_session_finished', {random(9)} % 1800, 0), type = 'learning_session_finished' AND {random(10)} % 3 > 0,
          if(type = 'card_answered', {random(11)} % 9000, 0), type = 'card_answered' AND {random(12)} % 4 > 0,
          if(type = 'test_completed', {random(13)} % 8 / 7, 0), if(type = 'course_progress_updated', {random(14)} % 1001 / 10, 0)
        FROM numbers({start}, {count})"""
