"""What only who has asked for it can name: refresh tokens, and uploaded pictures; for Schemathesis, which would never guess one."""

import json
import urllib.request

import identities

COUNT = 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


def upload(gateway, person):
    """Uploads a picture; returns what cards call it."""
    asked = {"filename": "a.png", "content_type": "image/png", "size": len(PNG)}
    place = identities.ask("POST", f"{gateway}/decks/deck/uploads/presign", asked, person)
    request = urllib.request.Request(place["put_url"], data=PNG, method="PUT")
    for name, value in place["headers"].items():
        request.add_header(name, value)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20):
        return place["object_key"]


def configuration(gateway, service):
    """A part of the configuration: values, and the members of bodies that some requests have them in."""
    if service == "decks":
        person = identities.bearer(gateway, identities.address(identities.LEARNERS[0], service))
        return values("uploads", [upload(gateway, person) for _ in range(COUNT)], {"front_image_url": 0.2, "back_image_url": 0.2})
    if service == "auth":
        # Of somebody who does not act himself: a token that is shown twice ends its session.
        other = identities.address(identities.LEARNERS[1], service)
        return values("tokens", [identities.tokens(gateway, other)["refresh"] for _ in range(COUNT)], {"refresh": 0.5})
    return ""


def values(name, known, members):
    lines = [f"[dictionaries.{name}]", f"values = {json.dumps(known)}", "[parameters]"]
    lines += [f'"body.{member}" = {{ dictionary = "{name}", probability = {share} }}' for member, share in members.items()]
    return "\n".join(lines)
