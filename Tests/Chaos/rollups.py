"""Each rollup against the raw table, key by key.

Ids of generated events begin at 1, and a type without a deck, course or user holds 0 there: so a rollup by deck must hold
just the events whose deck is not 0. That says the same as the views' lists of types, in other words.
"""

SUMS = {
    "events": "count()",
    "completed": "sum(completed)",
    "study_seconds": "sum(duration_sec)",
    "cards_seen": "sum(total_cards_seen)",
    "cards_learned": "sum(learned_cards)",
    "correct": "sum(correct)",
    "answer_ms": "sum(answer_time_ms)",
}
# rollup: (keys in the rollup, the same of the raw table, which events, whether it holds sets of users)
ROLLUPS = {
    "activity_hourly": (["hour", "event_type", "producer"], ["toStartOfHour(occurred_at)", "event_type", "producer"], "1", True),
    "user_daily": (["day", "user_id", "event_type"], ["toDate(occurred_at)", "user_id", "event_type"], "user_id != 0", False),
    "deck_daily": (["day", "deck_id", "event_type"], ["toDate(occurred_at)", "deck_id", "event_type"], "deck_id != 0", True),
    "course_daily": (["day", "course_id", "event_type"], ["toDate(occurred_at)", "course_id", "event_type"], "course_id != 0", True),
}


def question(name):
    """One row: keys that differ, and how many events the rollup has too few and too many."""
    keys, raw_keys, condition, users = ROLLUPS[name]
    raw = ", ".join(f"toString({expression}) AS k{at}" for at, expression in enumerate(raw_keys))
    rolled = ", ".join(f"toString({key}) AS k{at}" for at, key in enumerate(keys))
    group = ", ".join(f"k{at}" for at in range(len(keys)))
    raw_sums = ", ".join(f"toInt64({expression}) AS m_{measure}" for measure, expression in SUMS.items())
    rolled_sums = ", ".join(f"toInt64(sum({measure})) AS m_{measure}" for measure in SUMS)
    raw_users, rolled_users = ("uniqExact(user_id)", "groupBitmapMerge(users)") if users else ("0", "0")
    apart = " OR ".join([*(f"sum(s * m_{measure}) != 0" for measure in SUMS), "sum(s * toInt64(m_users)) != 0"])
    return f"""
      SELECT count(), sum(greatest(d, 0)), sum(greatest(-d, 0)) FROM
      (
        SELECT {group}, sum(s * m_events) AS d FROM
        (
          SELECT 1 AS s, {raw}, {raw_sums}, {raw_users} AS m_users FROM events WHERE {condition} GROUP BY {group}
          UNION ALL
          SELECT -1 AS s, {rolled}, {rolled_sums}, {rolled_users} AS m_users FROM {name} GROUP BY {group}
        )
        GROUP BY {group} HAVING {apart}
      )
      FORMAT TabSeparated"""


def differences(clickhouse):
    """One sentence for each rollup that is not what the raw table says."""
    sentences = []
    for name in ROLLUPS:
        keys, short, over = clickhouse.execute(question(name)).decode().split()
        if int(keys):
            sentences.append(f"{name} differs at {keys} keys: {short} events too few, {over} too many")
    return sentences
