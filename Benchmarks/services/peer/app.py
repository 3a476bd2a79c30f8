"""Four endpoints of the decks service as one writes them with FastAPI and asyncpg: the same statements (STATEMENTS names the
file of their texts), the same answers. Without what only ours does: metrics, log lines, deadlines, the relay."""

import base64
import hmac
import json
import os
import time
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import answering
import asyncpg
from bodies import Answer, Deck, DeckDetail, NewAnswer, card, deck
from fastapi import FastAPI, HTTPException, Query, Request, Response

SQL = json.loads(Path(os.environ["STATEMENTS"]).read_text(encoding="utf-8"))
SECRET = os.environ["GATEWAY_SECRET"].encode()
POOL = int(os.environ["POSTGRES_CONNECTIONS"])
TOP = datetime(9998, 12, 31, tzinfo=timezone.utc), 2**63 - 1
URLS_CHANGE_SECONDS = 12 * 3600


async def leave_as_it_is(connection):
    """asyncpg would send a RESET after each use, which costs a round trip."""


@asynccontextmanager
async def lifespan(app):
    async with asyncpg.create_pool(os.environ["DECKS_DATABASE_URL"], min_size=POOL, max_size=POOL, command_timeout=10, reset=leave_as_it_is) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan)


def caller(request):
    """(id, whether a manager), as the gateway vouches for it."""
    headers = request.headers
    if not hmac.compare_digest(headers.get("x-gateway-auth", "").encode(), SECRET):
        raise HTTPException(401)
    person = headers.get("x-user-id", "")
    if not person.isdecimal() or headers.get("x-user-ismanager") not in ("0", "1"):
        raise HTTPException(400)
    return int(person), headers["x-user-ismanager"] == "1"


def private(response, **headers):
    response.headers.update({"x-content-type-options": "nosniff", "cache-control": "private, no-store", **headers})
    return response


@app.get("/api/decks/", response_model=list[Deck])
async def list_decks(request: Request, response: Response, limit: Annotated[int, Query(ge=1, le=100)] = 20, cursor: str | None = None):
    person, manager = caller(request)
    after = TOP
    if cursor:
        microseconds, last = base64.urlsafe_b64decode(cursor).split()
        after = datetime.fromtimestamp(int(microseconds) / 1e6, timezone.utc), int(last)
    rows = await app.state.pool.fetch(SQL["decks.list.0"], *after, limit + 1, person, manager)
    private(response)
    if len(rows) > limit:
        last = rows[limit - 1]
        response.headers["x-next-cursor"] = base64.urlsafe_b64encode(b"%d %d" % (last[9].timestamp() * 1e6, last[0])).decode()
    return [deck(row) for row in rows[:limit]]


@app.get("/api/decks/{id}/", response_model=DeckDetail)
async def get_deck(id: int, request: Request, response: Response):
    asked = (id, *caller(request))
    variant, known = int(time.time()) // URLS_CHANGE_SECONDS, request.headers.get("if-none-match")
    async with app.state.pool.acquire() as connection:
        if known:
            version = await connection.fetchval(SQL["decks.version"], *asked)
            if version is None:
                raise HTTPException(404)
            if known == f'"v{version}.{variant}"':
                return private(Response(status_code=304), etag=known)
        row = await connection.fetchrow(SQL["decks.seen"], *asked)
        if row is None:
            raise HTTPException(404)
        cards = await connection.fetch(SQL["cards.ofDeck"], *asked)
    private(response, etag=f'"v{row[6]}.{variant}"')
    return {**deck(row), "cards_amount": len(cards), "cards": [card(each) for each in cards]}


@app.post("/api/learn/sessions/{session}/cards/{card}/answer", response_model=Answer)
async def answer_card(session: int, card: int, body: NewAnswer, request: Request, response: Response):
    person, manager = caller(request)
    async with app.state.pool.acquire() as connection, connection.transaction():
        given = await answering.answer(connection, SQL, session, card, body, person, manager)
    private(response)
    return given
