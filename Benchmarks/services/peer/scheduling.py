"""What an answer does to what is known of a card: FSRS by the library of its authors, and the weights of the first platform."""

from datetime import timedelta

from fsrs import Card, Rating, Scheduler, State

SCHEDULER = Scheduler(learning_steps=(timedelta(minutes=1), timedelta(minutes=10)), relearning_steps=(timedelta(minutes=10),), maximum_interval=36500, enable_fuzzing=False)
STATES = {"learning": State.Learning, "review": State.Review, "relearning": State.Relearning}
PHASES = {state: phase for phase, state in STATES.items()}
LEARNED_STREAK = 3


def memory(known):
    """The library's card of a stored schedule; of one that has none a new card."""
    if known["phase"] is None:
        return Card(card_id=known["id"])
    return Card(known["id"], STATES[known["phase"]], known["step"], known["stability"], known["difficulty"], known["due_at"], known["last_review_at"])


def reviewed(card, rating, moment):
    return SCHEDULER.review_card(card, Rating(rating), moment)[0]


def days(seconds):
    return int(seconds // 86400)


def schedule_of_event(known, before, after, moment):
    """How the answer stood to the schedule, as the event tells it."""
    found = {"due_at": text(after.due)}
    if known["phase"] is not None:
        found |= {
            "since_previous_sec": int((moment - before.last_review).total_seconds()),
            "scheduled_days": days((before.due - before.last_review).total_seconds()) if before.state == State.Review else 0,
            "stability": before.stability,
            "retrievability": SCHEDULER.get_card_retrievability(before, moment),
        }
    return found


def weight_rank(successes, failures, streak, moment):
    answers = successes + failures
    difficulty = (0.3 if successes else 0.8) if answers == 1 else failures / (answers + 1)
    weight = (5 if failures and not streak else 0) - (50 if streak >= LEARNED_STREAK else 0)
    weight += 3 * failures - successes + 2 * max(0, LEARNED_STREAK - streak) + 2 * difficulty
    return weight - 0.05 * milliseconds(moment) / 3_600_000


def milliseconds(moment):
    return int(moment.timestamp() * 1000)


def text(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
