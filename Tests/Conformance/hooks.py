"""What Schemathesis cannot know of the services, and what it is to tell of its run: read by it, as schemathesis.toml says."""

import atexit
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


# The operations that have succeeded.
SUCCEEDED = set()


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code < 400:
        SUCCEEDED.add(case.operation.definition.raw["operationId"])


atexit.register(lambda: Path(os.environ["CONFORMANCE_SUCCEEDED"]).write_text(json.dumps(sorted(SUCCEEDED))))
