"""A pgward of our own in front of a cluster: keys, certificate, configuration, start, stop."""
import os, secrets, select, signal, time
from pathlib import Path

import yaml

from throwaway import certificates
from throwaway.process import Failed, run, start, stop, tail

ISSUER, AUDIENCE = "https://idp.throw-away.test", "pgward"
# Much longer than anybody should allow: runs that measure for an hour keep one token.
LIFETIME_MAX = "720m"


def binary():
    path = os.environ.get("PGWARD_BIN")
    if not path:
        raise Failed("PGWARD_BIN is not set: start this through its script in scripts/")
    return path


class Proxy:
    """Listeners: the first is TLS, the second (loopback only) plain."""

    def __init__(self, home, cluster, databases, policy, upstream_user, upstream_password,
                 base=None, lives_on=False, lifetime_max=LIFETIME_MAX):
        self.home, self.cluster, self.lives_on = home, cluster, lives_on
        self.host, self.port, self.plain_port = "127.0.0.1", 0, 0
        self.config_file, self.audit, self.ca = home / "pgward.yaml", home / "audit", home / "ca.crt"
        self.key, self.log, self.process = home / "idp.key", home / "pgward.log", None
        if not self.key.exists():
            run([binary(), "token", "--new-key", self.key, "--jwks", home / "jwks.json", "--alg", "ES256"])
            certificates.make_certificate(home, "proxy")
        password_file = home / "upstream.password"
        password_file.touch(mode=0o600)
        password_file.write_text(upstream_password)
        config = dict(base or {})
        config |= {
            "listen": [{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0", "tls": "off"}],
            "tls": {"certificate": "proxy.crt", "key": "proxy.key"},
            "upstream": {"host": cluster.host, "port": cluster.port, "user": upstream_user,
                         "password_file": "upstream.password", "tls": "verify-full", "ca": "ca.crt",
                         "databases": list(databases)},
            "auth": {"issuers": [{"issuer": ISSUER, "audience": AUDIENCE, "jwks": "jwks.json",
                                  "lifetime_max": lifetime_max, "roles_claim": "roles"}]},
            "policy": str(policy), "audit": {"directory": "audit"}}
        # Tests fail to log in by the hundred; how long each waits for its answer has a test of its own.
        config["limits"] = {"failed_login_delay": "0s"} | config.get("limits", {})
        config.setdefault("threads", 2)
        config.setdefault("log", "info")
        self.write_config(config)

    def write_config(self, config):
        self.config = config
        text = yaml.safe_dump(config, sort_keys=False)
        self.config_file.write_text(text.replace("tls: 'off'", "tls: off"))

    def start(self, seconds=30, **more):
        ready, in_child = os.pipe()
        try:
            self.process = start([binary(), "serve", "--config", self.config_file, "--ready-fd", str(in_child)],
                                 self.log, lives_on=self.lives_on, pass_fds=[in_child], **more)
        finally:
            os.close(in_child)
        addresses = _read_until_closed(ready, time.monotonic() + seconds).split()
        if len(addresses) < len(self.config["listen"]):
            status = stop(self.process)
            raise Failed(f"pgward did not get ready (exit status {status}):\n{tail(self.log)}")
        self.port, self.plain_port = (int(a.rpartition(":")[2]) for a in addresses[:2])
        return self

    def stop(self):
        return stop(self.process) if self.process else None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        return self.process.wait()

    def token(self, claims, role="clinician", subject="dev@throw-away.test", ttl="10m", **other):
        """A token to log in with. `other`: issuer, audience, key."""
        argv = [binary(), "token", "--key", other.get("key", self.key), "--issuer", other.get("issuer", ISSUER),
                "--audience", other.get("audience", AUDIENCE), "--subject", subject, "--ttl", ttl]
        for name in [role] if isinstance(role, str) else role:
            argv += ["--role", name]
        for name, value in claims.items():
            argv += ["--claim", f"{name}={value}"]
        return run(argv).strip()

    def run(self, *arguments):
        """Another command of the same program."""
        return run([binary(), *arguments])

    def conninfo(self, token, user="clinician", database=None, **more):
        """For libpq drivers; TLS is verified against our own authority."""
        return {"host": self.host, "port": self.port, "user": user, "password": token,
                "dbname": database or self.config["upstream"]["databases"][0],
                "sslmode": "verify-full", "sslrootcert": str(self.ca), "connect_timeout": 10, **more}


def _read_until_closed(descriptor, deadline):
    text = b""
    with open(descriptor, "rb", buffering=0) as f:
        while (left := deadline - time.monotonic()) > 0:
            if select.select([f], [], [], left)[0]:
                piece = f.read(4096)
                if not piece:
                    break
                text += piece
    return text.decode()


def new_password():
    return secrets.token_urlsafe(18)


def policy_with_mode(policy, mode, home):
    """The policy in another mode. Its last line wins over nothing: the line is replaced or added at the end, so
    that every other line keeps its number."""
    lines = Path(policy).read_text().splitlines()
    new = f"mode: {mode}"
    for n, line in enumerate(lines):
        if line.startswith("mode:"):
            lines[n] = new
            break
    else:
        lines.append(new)
    path = home / f"{mode}.{Path(policy).name}"
    path.write_text("\n".join(lines) + "\n")
    return path
