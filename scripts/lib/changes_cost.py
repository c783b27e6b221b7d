"""What previous and new values cost a changed row: the same UPDATE through pgward without and with them, in turns.

  changes-cost [--rows 20000] [--rounds 5]

Prints microseconds a row (best and median of the rounds), and of that the processor time of pgward and the bytes of its trail.
"""
import argparse, os, statistics, subprocess, time

import psycopg

import clinic
from throwaway import Stage
from throwaway.proxy import binary, new_password

KINDS = ("off", "hash", "encrypted")


def processor_s(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def trail_bytes(proxy):
    return sum(len(f.read_bytes().rstrip(b"\0")) for f in proxy.audit.glob("*.jsonl"))


def proxies(stage, cluster, password):
    """One for each kind: the trigger is there for all, and asked for by the session."""
    made = {}
    for kind in KINDS:
        policy = stage.home / f"{kind}.yaml"
        policy.write_text(clinic.POLICY.read_text().replace("    phi: {mrn: mrn", f"    changes: {kind}\n    phi: {{mrn: mrn"))
        made[kind] = stage.new_proxy(cluster, databases=[clinic.DATABASE], policy=policy, upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
    sql = subprocess.run([binary(), "ddl", "--policy", stage.home / "hash.yaml"], capture_output=True, text=True, check=True).stdout
    subprocess.run(["psql", "-X", "-w", "-q", "-v", "ON_ERROR_STOP=1", cluster.conninfo(clinic.DATABASE)], input=sql, check=True, capture_output=True, text=True)
    return {kind: proxy.start() for kind, proxy in made.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with Stage() as stage:
        cluster, password = stage.cluster(), new_password()
        clinic.load(cluster, password, options.rows)
        took, used, wrote = ({kind: [] for kind in KINDS} for _ in range(3))
        for kind, proxy in (made := proxies(stage, cluster, password)).items():
            proxy.connection = psycopg.connect(**proxy.conninfo(proxy.token(clinic.ALDER.claims, ttl="600m")), autocommit=True)
        for turn in range(options.rounds):
            for kind, proxy in made.items():
                before, bytes_before, began = processor_s(proxy.process.pid), trail_bytes(proxy), time.perf_counter()
                rows = proxy.connection.execute(f"UPDATE patients SET notes = 'turn {turn}' WHERE mrn LIKE 'ALD-%'").rowcount
                took[kind].append((time.perf_counter() - began) / rows * 1e6)
                used[kind].append((processor_s(proxy.process.pid) - before) / rows * 1e6)
                wrote[kind].append((trail_bytes(proxy) - bytes_before) / rows)
        print(f"{'changes':10}{'us a row, best':>16}{'median':>8}{'pgward cpu':>12}{'trail bytes':>13}")
        for kind in KINDS:
            print(f"{kind:10}{min(took[kind]):16.1f}{statistics.median(took[kind]):8.1f}{statistics.median(used[kind]):12.1f}{statistics.median(wrote[kind]):13.0f}")


main()
