"""What a log-in costs: processor time of the proxy, and log-ins per second, by each method, against PgBouncer's SCRAM over TLS.

  logins                          5 rounds of 100 log-ins of each
  logins --rounds 9 --count 200   more
  logins --only pgbouncer,token   these

pgbouncer (SCRAM-SHA-256), token (as the password), certificate, scram, scram-plus, oauth. Rounds are interleaved, so that what
else the machine does meets all alike; medians are shown. Processor time is the scheduler's own count (schedstat) of the proxy's
threads, the kernel's part of it included. Log-ins per second are those of one client after another: the client's work, the
server's (pgward opens a session there with each, PgBouncer keeps one) and the machine are in them. Both proxies have one thread,
TLS 1.3, a P-256 certificate, and no TLS to the server.
"""
import argparse, contextlib, os, pathlib, statistics, struct, sys, time

import psycopg, yaml

from throwaway import Stage, certificates
from throwaway.process import Failed, run
from throwaway.proxy import binary
from throwaway.wire import Wire, message

import contestants, database

METHODS = ["token", "certificate", "scram", "scram-plus", "oauth"]


class ScramBouncer(contestants.PgBouncer):
    """Asks for SCRAM, against the verifier that the server has: as it is set up where passwords are not kept in clear."""

    def command(self):
        argv = super().command()
        home = pathlib.Path(argv[1]).parent
        with self.cluster.connect() as c:
            verifier = c.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [database.USER]).fetchone()[0]
        (home / "users.txt").write_text(f'"{database.USER}" "{verifier}"\n')
        settings = home / "pgbouncer.ini"
        settings.write_text(settings.read_text().replace("auth_type = trust", "auth_type = scram-sha-256"))
        return argv


class EveryMethod(contestants.PgwardEmpty):
    """One pgward that takes them all, by user name."""

    def command(self):
        argv = super().command()
        self.home = home = pathlib.Path(argv[-1]).parent
        run([binary(), "token", "--new-ephemeral-key", home / "ephemeral.key"])
        certificates.make_client_certificate(home, "client", "URI:spiffe://bench.test/client")
        config = yaml.safe_load(pathlib.Path(argv[-1]).read_text())
        config["auth"] |= {"ephemeral": {"keys": [{"id": "k1", "file": "ephemeral.key"}], "lifetime_max": "24h"},
                           "certificates": {"ca": "ca.crt", "identities": [{"uri": "spiffe://bench.test/{app}", "roles": [database.USER]}]}}
        config["authentication"] = [{"user": "pgward1.*", "method": "scram-sha-256"}, {"user": "by_certificate", "method": "certificate"},
                                    {"user": "by_oauth", "method": "oauth"}, {"connection": "tls", "method": "jwt"}]
        config["limits"] = {"new_connections_per_second": 100000}
        pathlib.Path(argv[-1]).write_text(yaml.safe_dump(config, sort_keys=False))
        lines = run([binary(), "token", "--ephemeral-key", home / "ephemeral.key", "--key-id", "k1", "--role", database.USER,
                     "--subject", "bench", "--ttl", "20h"]).split()
        self.minted = dict(line.split("=", 1) for line in lines)
        return argv


def by_libpq(port, user, password=None, **more):
    settings = {"host": "127.0.0.1", "port": port, "dbname": database.NAME, "user": user, "password": password, "sslmode": "require"} | more
    return lambda: psycopg.connect(**settings).close()


def by_oauth(port, token, ca):
    first = b"n,,\x01auth=Bearer " + token.encode() + b"\x01\x01"
    body = struct.pack("!HH", 3, 0) + b"user\0by_oauth\0database\0" + database.NAME.encode() + b"\0\0"

    def log_in():
        with Wire("127.0.0.1", port, ca) as wire:
            wire.send(struct.pack("!I", len(body) + 4) + body)
            wire.receive()
            wire.send(message(b"p", b"OAUTHBEARER\0" + struct.pack("!I", len(first)) + first))
            for kind, _ in wire.until_ready():
                if kind == b"E":
                    raise Failed("OAUTHBEARER was refused")
            wire.send(message(b"X"))
    return log_in


def log_ins(bouncer, pgward):
    minted = (pgward.port, pgward.minted["PGUSER"], pgward.minted["PGPASSWORD"])
    files = {"sslcert": str(pgward.home / "client.crt"), "sslkey": str(pgward.home / "client.key")}
    return {"pgbouncer": (bouncer, by_libpq(bouncer.port, database.USER, bouncer.password)),
            "token": (pgward, by_libpq(pgward.port, database.USER, pgward.password)),
            "certificate": (pgward, by_libpq(pgward.port, "by_certificate", **files)),
            "scram": (pgward, by_libpq(*minted, channel_binding="disable")),
            "scram-plus": (pgward, by_libpq(*minted, channel_binding="require")),
            "oauth": (pgward, by_oauth(pgward.port, pgward.password, pgward.home / "ca.crt"))}


def processor_ns(process):
    total = 0
    for thread in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += int((thread / "schedstat").read_text().split()[0])
    return total


def round_of(contestant, log_in, count):
    """Microseconds of the proxy's processor time per log-in, and log-ins per second."""
    before, began = processor_ns(contestant.process), time.monotonic()
    for _ in range(count):
        log_in()
    took = time.monotonic() - began
    return (processor_ns(contestant.process) - before) / count / 1000, count / took


def show(results):
    against = [statistics.median(column) for column in zip(*results["pgbouncer"])] if "pgbouncer" in results else None
    print(f"{'method':12} {'us/log-in':>10} {'ratio':>6} {'spread':>15} {'log-ins/s':>10} {'ratio':>6}")
    for name, rounds in results.items():
        cost, rate = (statistics.median(column) for column in zip(*rounds))
        costs = [c for c, _ in rounds]
        ratios = (f"{cost / against[0]:.2f}", f"{rate / against[1]:.2f}") if against else ("-", "-")
        print(f"{name:12} {cost:10.0f} {ratios[0]:>6} {f'{min(costs):.0f}..{max(costs):.0f}':>15} {rate:10.0f} {ratios[1]:>6}")


def main():
    parser = argparse.ArgumentParser(prog="logins", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--only", type=lambda text: text.split(","), default=["pgbouncer", *METHODS])
    options = parser.parse_args()
    with Stage() as stage, contextlib.ExitStack() as exits:
        stage.home.chmod(0o755)
        cluster = stage.cluster()
        database.fill(cluster)
        pair = [kind(stage, cluster, False) for kind in (ScramBouncer, EveryMethod)]
        for one in pair:
            exits.callback(one.stop)
            one.start()
        wanted = {name: how for name, how in log_ins(*pair).items() if name in options.only}
        for contestant, log_in in wanted.values():
            round_of(contestant, log_in, 5)  # what happens once is not counted
        results = {name: [] for name in wanted}
        for number in range(options.rounds):
            for name, (contestant, log_in) in wanted.items():
                results[name].append(round_of(contestant, log_in, options.count))
            print(f"round {number + 1} of {options.rounds}; load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
        show(results)


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"logins: {error}")
