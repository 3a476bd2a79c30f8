"""The platform that is measured, and beside it nginx and the peer."""

import sys
from pathlib import Path

from platform_tools import wheels
from platform_tools.daemon import Daemon, answers
from platform_tools.layout import Failure
from platform_tools.servers import Servers, accepts

HERE = Path(__file__).resolve().parent
PROFILE = "bench-services"
NGINX = Path("/usr/sbin/nginx")
GATEWAY_SECRET = "a-secret-of-the-benchmark"
CONNECTIONS = 8
SETTINGS = {
    "GATEWAY_RATE_LIMIT": "0",
    "GATEWAY_SECRET": GATEWAY_SECRET,
    "POSTGRES_CONNECTIONS": str(CONNECTIONS),
    "LOG_LEVEL": "warning",  # nobody writes access logs: neither nginx nor uvicorn does
}
# One process each, so that there is one to measure. Two kilobytes of JSON are the answer.
NGINX_CONF = """\
daemon off; master_process off; error_log stderr error; pid {folder}/{name}.nginx-pid;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type application/json; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {folder}/tmp/{name}; proxy_temp_path {folder}/tmp/{name}; fastcgi_temp_path {folder}/tmp/{name};
  uwsgi_temp_path {folder}/tmp/{name}; scgi_temp_path {folder}/tmp/{name};
  upstream static {{ server 127.0.0.1:{static}; keepalive 128; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port}; location / {{ {location} }} }}
}}
"""
PROXY = "proxy_pass http://static; proxy_http_version 1.1; proxy_set_header Connection '';"
STATIC = f"""return 200 '{{"text": "{"x" * 2000}"}}';"""


class Stage(Servers):
    """The profile's servers; its Postgres can log every statement."""

    def __init__(self, settings):
        super().__init__(PROFILE, settings)
        self.logs_statements = False
        first = max(self.ports.values()) + 1
        self.peer_port, self.proxy_port, self.static_port = first, first + 1, first + 2

    def _database(self, name):
        server = super()._database(name)
        if self.logs_statements:
            server.settings["log_statement"] = "all"
        return server

    def settings_of_roles(self):
        # The way through the gateway alone is measured by a name behind which nothing of ours stands.
        return {**SETTINGS, "TEACHING_URL": f"http://127.0.0.1:{self.static_port}"}

    def nginx(self, name):
        if not NGINX.is_file():
            raise Failure("nginx is not installed: run `scripts/setup --bench`.")
        port, location = {"static": (self.static_port, STATIC), "proxy": (self.proxy_port, PROXY)}[name]
        file = self.folder / f"{name}.conf"
        file.write_text(NGINX_CONF.format(folder=self.folder, name=name, port=port, static=self.static_port, location=location))
        return Daemon(f"nginx-{name}", f"nginx ({name})", self.folder, [NGINX, "-c", file, "-e", "stderr", "-p", self.folder], lambda: answers(f"http://127.0.0.1:{port}/"), {f"nginx, {name}": port})

    def peer(self, statements, environment):
        options = ["--host", "127.0.0.1", "--port", self.peer_port, "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        return Daemon(
            "peer",
            "FastAPI",
            self.folder,
            [sys.executable, "-m", "uvicorn", "app:app", "--app-dir", HERE / "peer", *options],
            lambda: accepts(self.peer_port),
            {"FastAPI": self.peer_port},
            {
                **{name: environment[name] for name in ("DECKS_DATABASE_URL", "GATEWAY_SECRET", "POSTGRES_CONNECTIONS")},
                "STATEMENTS": str(statements),
                "PYTHONPATH": wheels.python_path(wheels.BENCH_PINS),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
