"""Kartoteka's own roles: in the order of their start, each with its port."""

ROLES = {
    # role: (title, port setting, default, what it serves there)
    "collector": ("The collector", "COLLECTOR_PORT", 8006, "collector health and metrics"),
    "analytics": ("The analytics service", "ANALYTICS_PORT", 8003, "analytics"),
    "users": ("The users service", "USERS_PORT", 8004, "users"),
    "decks": ("The decks service", "DECKS_PORT", 8001, "decks"),
    "teaching": ("The teaching service", "TEACHING_PORT", 8002, "teaching"),
    "auth": ("The auth service", "AUTH_PORT", 8005, "auth"),
    "gateway": ("The gateway", "GATEWAY_PORT", 8000, "the gateway"),
}
# Those whose database is migrated before they start.
WITH_DATABASE = ("users", "decks", "teaching")
# Those that others find by a URL.
BEHIND_GATEWAY = ("auth", "users", "decks", "teaching", "analytics")
