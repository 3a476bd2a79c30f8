"""An answer to a card, in mode `due` under FSRS: which answers these are that the benchmark sends."""

import json
from datetime import datetime, timezone
from uuid import uuid4

import scheduling
from fastapi import HTTPException

CARD = ("id", "position", "phase", "step", "stability", "difficulty", "last_review_at", "due_at", "reviews", "successes", "failures", "streak", "last_answered_at")
LAST_PLACE = 2**31 - 1, 2**63 - 1
LONGEST_GAP_MS, IDLE_LIMIT_MS, LONGEST_ANSWER_MS, LEARN_AHEAD_SECONDS = 600_000, 1_800_000, 60_000, 1200


async def answer(connection, sql, session, card, body, person, manager):
    now = datetime.now(timezone.utc)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    learner = await connection.fetchrow(sql["learners.lock"], person)
    earlier = await connection.fetchrow(sql["answers.byID"], person, body.answer_id)
    context = await connection.fetchrow(sql["answers.context"], session, person, card, person, manager)
    queue = await connection.fetch(sql["window.remaining"], session, person, now, None, None, card)
    if earlier or context is None or context[12] is None or context[13] is None or learner is None:
        raise HTTPException(409 if earlier else 404)
    moment, active = max(now, context[4]), context[5]
    gap = int((moment - context[4]).total_seconds() * 1000)
    if context[9] is not None or gap >= IDLE_LIMIT_MS:
        raise HTTPException(409)
    if gap <= LONGEST_GAP_MS:
        active += gap
    day, tally = (learner[6], learner[7]), [learner[8], learner[9]]
    if day[0] is None or not day[0] <= moment < day[1]:
        raise HTTPException(500, "the day's first answer is not among those that are measured")

    rating = body.rating or (3 if body.correct else 1)
    known = dict(zip(CARD, context[13:26]))
    before = scheduling.memory(known)
    after = scheduling.reviewed(before, rating, moment)
    kind = {None: "new", "review": "review"}.get(known["phase"], "learning")
    tally[0] += kind == "new"
    tally[1] += kind == "review"
    is_known = after.state == scheduling.State.Review
    seen = context[7] + (context[26] is None)
    learned = context[8] + is_known - bool(context[27])
    soon = (after.due - moment).total_seconds() <= LEARN_AHEAD_SECONDS
    left = (not is_known and soon) or any(asks(row, learner, tally, moment) for row in queue)
    end = (None, None, None) if left else (moment, "lastCard", active // 1000)
    first = next((row for row in queue if row[0]), None)
    searched = learner[8] < learner[2]
    unasked = (context[12], first[2], first[1]) if first else (context[12], *LAST_PLACE) if searched else (None, None, None)
    time_ms = min(round(body.answer_time_seconds * 1000), LONGEST_ANSWER_MS)
    right = rating > 1
    record = (known["successes"] or 0) + right, (known["failures"] or 0) + (not right), (known["streak"] or 0) + 1 if right else 0
    await connection.execute(
        sql["answers.write"], person, body.answer_id, session, context[1], card, context[6] + 1, body.correct, body.rating, time_ms, moment, kind,
        is_known, after.due, seen, learned, not left, active, *end, *unasked, *day, *tally,
        scheduling.PHASES[after.state], after.step or 0, after.stability, after.difficulty, after.last_review, after.due, (known["reviews"] or 0) + 1,
        *record, moment, scheduling.weight_rank(*record, moment),
    )  # fmt: skip
    identity = uuid4()
    event = {
        "event_id": str(identity), "event_type": "card_answered", "event_version": 1, "occured_at": scheduling.text(moment), "producer": "decks-service",
        "payload": {
            "session_id": session, "user_id": person, "deck_id": context[1], "card_id": card, "correct": body.correct, "answer_time_ms": time_ms,
            **({"rating": body.rating} if body.rating else {}), "answered_at": scheduling.text(moment),
            **scheduling.schedule_of_event(known, before, after, moment),
        },
    }  # fmt: skip
    await connection.execute(sql["outbox.insert"], [identity], ["learning.events"], [str(person)], [json.dumps(event, separators=(",", ":"))])
    return {
        "answer_id": body.answer_id, "session_id": session, "card_id": card, "correct": body.correct, "rating": rating, "answered_at": moment,
        "due_at": after.due, "total_cards_seen": seen, "learned_cards": learned, "session_finished": not left,
    }  # fmt: skip


def asks(row, learner, tally, moment):
    """Whether the session may still ask a card of the queue."""
    if row[3] is None:
        return tally[0] < learner[2]
    if row[3] == "review":
        return tally[1] < learner[3]
    return (row[8] - moment).total_seconds() <= LEARN_AHEAD_SECONDS
