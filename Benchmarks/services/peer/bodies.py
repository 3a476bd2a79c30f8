"""What is asked and answered, as models of pydantic."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Deck(BaseModel):
    id: int
    owner_id: int
    owner_deleted: bool
    title: str
    description: str
    visibility: str
    cards_amount: int
    categories: list[str]
    tags: list[str]
    copied_from: int | None
    created_at: datetime
    updated_at: datetime


class Card(BaseModel):
    id: int
    deck_id: int
    front_text: str
    back_text: str
    front_image_url: str | None
    back_image_url: str | None
    order_index: int
    created_at: datetime
    updated_at: datetime


class DeckDetail(Deck):
    cards: list[Card]


class NewAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answer_id: UUID
    correct: bool
    answer_time_seconds: float = Field(ge=0, le=1e9)
    rating: int | None = Field(None, ge=1, le=4)


class Answer(BaseModel):
    answer_id: UUID
    session_id: int
    card_id: int
    correct: bool
    rating: int
    answered_at: datetime
    due_at: datetime | None
    total_cards_seen: int
    learned_cards: int
    session_finished: bool


def deck(row):
    return {
        "id": row[0], "owner_id": row[1], "title": row[2], "description": row[3], "visibility": row[4], "cards_amount": row[5],
        "copied_from": row[7], "owner_deleted": row[8], "created_at": row[9], "updated_at": row[10], "categories": row[11], "tags": row[12],
    }  # fmt: skip


def card(row):
    return {
        "id": row[0], "deck_id": row[1], "front_text": row[2], "back_text": row[3], "front_image_url": row[4], "back_image_url": row[5],
        "order_index": row[6], "created_at": row[8], "updated_at": row[9],
    }  # fmt: skip
