"""What Schemathesis cannot know of the services, and what it is to tell of its run: read by it, as schemathesis.toml says."""

import atexit
import base64
import json
import os
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

# IANA names of every kind: with two slashes, a sign, a digit, offsets of minutes, of both hemispheres.
ZONES = [
    "UTC", "Europe/Moscow", "America/Argentina/Buenos_Aires", "America/St_Johns", "America/Port-au-Prince", "Asia/Kathmandu",
    "Pacific/Chatham", "Etc/GMT+12", "Africa/Casablanca", "Australia/Lord_Howe",
]
schemathesis.openapi.format("time-zone", st.sampled_from(ZONES))

# Names of people: whatever can be seen.
UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
NAMES = st.text(st.characters(exclude_categories=UNSEEN), min_size=1, max_size=100).filter(lambda text: text.strip())
schemathesis.openapi.format("person-name", NAMES)

# Files to import: two columns, whatever stands in them.
WORDS = st.text(st.characters(codec="utf-8", exclude_characters='\0\r\n"\t,;'), min_size=1, max_size=20).filter(lambda text: text.strip())


def table(delimiter):
    row = st.tuples(WORDS, WORDS).map(delimiter.join)
    return st.lists(row, min_size=1, max_size=5).map(lambda rows: ("\n".join(rows) + "\n").encode())


schemathesis.openapi.media_type("text/csv", st.one_of(table(","), table(";")))
schemathesis.openapi.media_type("text/tab-separated-values", table("\t"))

for kind in ("text/plain", "application/vnd.ms-excel"):
    schemathesis.openapi.media_type(kind, table(","))

# What Anki has exported, also with a byte that is another, and what breaks off.
PACKAGES = [file.read_bytes() for file in sorted((Path(__file__).parent.parent / "Support/AnkiMaking/Real").glob("*.apkg"))]
PACKAGE = st.sampled_from(PACKAGES)
BROKEN = st.builds(lambda file, at: file[:at] + bytes([file[at] ^ 255]) + file[at + 1:], PACKAGE, st.integers(0, 50_000))
CUT = st.builds(lambda file, at: file[:at], PACKAGE, st.integers(0, 50_000))
for kind in ("application/x-apkg", "application/zip", "application/octet-stream"):
    schemathesis.openapi.media_type(kind, st.one_of(PACKAGE, BROKEN, CUT))

# The accounts that the run itself goes by must outlive it: what would change or delete one of them is asked of nobody.
OWN = {str(account) for account in json.loads(os.environ["CONFORMANCE_ACCOUNTS"])}
NOBODY = 2**40


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.method in ("PATCH", "DELETE") and case.operation.path == "/users/{id}" and str(case.path_parameters["id"]) in OWN:
        case.path_parameters["id"] = NOBODY


@schemathesis.hook
def map_body(context, body):
    """A card whose words suffice has no picture: one that is made up is nobody's upload, and would have every card refused."""
    if context.operation.path.startswith("/deck/") and isinstance(body, dict):
        for side in ("front", "back"):
            image = body.get(f"{side}_image_url")
            if body.get(f"{side}_text") and isinstance(image, str) and 0 < len(image) and not image.startswith("temp/"):
                del body[f"{side}_image_url"]
    return body


# By the operations' ids: the request that must succeed, and the answer that it got.
PREPARED = json.loads(Path(os.environ["CONFORMANCE_PREPARED"]).read_text())
ASKED, ANSWERS = {}, {}


def operation_id(operation):
    return operation.definition.raw["operationId"]


@schemathesis.hook
def before_add_examples(context, examples):
    """Before all that is made up, so that what was prepared is still there."""
    name = operation_id(context.operation)
    if name in PREPARED:
        request = dict(PREPARED[name])
        if request.get("media_type") == "application/x-apkg":
            request["body"] = base64.b64decode(request["body"])
        case = context.operation.Case(**request)
        # Whoever asks is logged in: else the token is taken for one that was made up, which should be refused.
        case._has_explicit_auth = "Authorization" in case.headers
        ASKED[case.id] = name
        examples.append(case)


@schemathesis.hook
def after_call(context, case, response):
    # Checks send it again without its token; that is to be refused.
    name = ASKED.get(case.id)
    if name and (name not in ANSWERS or response.ok):
        ANSWERS[name] = [response.status_code, response.text[:500]]


atexit.register(lambda: Path(os.environ["CONFORMANCE_ANSWERS"]).write_text(json.dumps(ANSWERS)))
