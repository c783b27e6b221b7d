"""The same statements under pgaudit and through pgward: what each recorded, how many bytes it took, what it cost.

  pgaudit                          5 rounds of 40 runs of each statement
  pgaudit --rounds 9 --count 200   more
  pgaudit --show                   also prints each one's records of the first run

Three ways to the same data: the server alone, the server with pgaudit (read, write; pgaudit.log_relation, log_parameter and log_rows
on), and the server behind pgward, policy of the sample clinics. One client, prepared statements where there are parameters, rounds
interleaved. Cost is processor time (schedstat) of the server's process for this client, with pgward's threads added; pgaudit's log
is not synced, pgward's is. Bytes are those of the server's log and of the trail.

What is looked for in the records: the person, the clinic, the table, a column that was read, and which patients (their keys,
or what stands for them in pgward's trail); and what should not be there: a literal or a parameter of the statement.
"""
import argparse, contextlib, os, pathlib, statistics, sys, time

import psycopg

import clinic
from throwaway import Stage
from throwaway.process import Failed
from throwaway.proxy import new_password

# Name, text, parameters, table that is touched, and a column of it that is read or written. Made up, all of it.
CANARY, MRN = "Zzyzx-Quillfeather", clinic.ALDER.mrn(1)
WORK = [
    ("by number", "SELECT id, last_name, ssn FROM patients WHERE mrn = %s", (MRN,), "patients", "ssn"),
    ("many rows", "SELECT id, last_name FROM patients ORDER BY id LIMIT 50", None, "patients", "last_name"),
    ("join", "SELECT p.id, p.last_name, l.test, l.value FROM patients p JOIN lab_results l ON l.patient_id = p.id WHERE p.id = %s", (1,), "lab_results", "value"),
    ("view", "SELECT patient_id, reason FROM booked_appointments LIMIT 20", None, "appointments", "reason"),
    ("count", f"SELECT count(*) FROM patients WHERE last_name = '{CANARY}'", None, "patients", "last_name"),
    ("copy", "COPY (SELECT id, mrn FROM patients LIMIT 50) TO STDOUT", None, "patients", "mrn"),
    ("insert", f"INSERT INTO appointments (clinic_id, patient_id, starts_at, reason) VALUES ('{clinic.ALDER.tenant_id}', 1, now(), %s) RETURNING id", (CANARY,), "appointments", "reason"),
    ("update", f"UPDATE patients SET notes = '{CANARY}' WHERE id = 1", None, "patients", "notes"),
    ("refused", "SELECT last_name, 1 / (id - id) FROM patients WHERE id = 1", None, "patients", "last_name"),
]
PGAUDIT = {"shared_preload_libraries": "pgaudit", "pgaudit.log": "read,write", "pgaudit.log_relation": "on",
           "pgaudit.log_parameter": "on", "pgaudit.log_rows": "on", "pgaudit.log_catalog": "off", "log_line_prefix": "%m [%p] %u@%d %h %a "}


def runtime_ns(pids):
    total = 0
    for pid in pids:
        for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError):
                total += int((thread / "schedstat").read_text().split()[0])
    return total


class Contestant:
    """One way to the data, with one client logged in."""

    def __init__(self, name, cluster, client, records, proxy=None):
        self.name, self.cluster, self.client, self.records, self.proxy = name, cluster, client, records, proxy
        self.pids = [self.backend()] + ([proxy.process.pid] if proxy else [])

    def backend(self):
        with self.cluster.connect(clinic.DATABASE) as c:
            return c.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()").fetchone()[0]

    def run(self, text, values):
        with contextlib.suppress(psycopg.Error):
            if text.startswith("COPY"):
                with self.client.cursor().copy(text) as copy:
                    for _ in copy:
                        pass
                return
            cursor = self.client.execute(text, values, prepare=values is not None)
            if cursor.description:
                cursor.fetchall()

    def measured(self, text, values, count):
        """Microseconds of processor time per statement, and bytes of records."""
        began, bytes_before = runtime_ns(self.pids), len(self.records())
        for _ in range(count):
            self.run(text, values)
        took = runtime_ns(self.pids) - began
        if self.proxy:
            settled(self.records)
        return took / count / 1000, (len(self.records()) - bytes_before) / count


def settled(records):
    """Records that nobody waits for are written within 20 ms: read until nothing comes any more."""
    before, deadline = -1, time.monotonic() + 5
    while time.monotonic() < deadline and before != (now := len(records())):
        before = now
        time.sleep(0.06)


def trail_bytes(directory):
    return b"".join(path.read_bytes().rstrip(b"\0") for path in sorted(directory.glob("*.jsonl")))


def without_own(lines):
    return b"\n".join(line for line in lines.split(b"\n") if b'"type":"log.' not in line)


def server(exits, settings, password):
    stage = exits.enter_context(Stage())
    cluster = stage.cluster(settings=settings)
    clinic.load(cluster, password, 300)
    return stage, cluster


def contestants(exits):
    """RLS is on in all three. The two without pgward are told the tenant as an application would tell it."""
    made, password, first = [], new_password(), clinic.ALDER
    for name, settings in (("server", None), ("pgaudit", PGAUDIT)):
        _, cluster = server(exits, settings, password)
        if name == "pgaudit":
            cluster.run_sql("CREATE EXTENSION pgaudit", clinic.DATABASE)
        options = f"-c app.tenant_id={first.tenant_id} -c app.tenant_no={first.tenant_no}"
        client = exits.enter_context(cluster.connect(clinic.DATABASE, clinic.UPSTREAM_USER, password, options=options, application_name="ehr-web"))
        client.execute("SET client_min_messages = error")
        made.append(Contestant(name, cluster, client, lambda log=cluster.log: log.read_bytes()))
    stage, cluster = server(exits, None, password)
    proxy = stage.proxy(cluster, databases=[clinic.DATABASE], policy=clinic.POLICY, upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
    client = exits.enter_context(psycopg.connect(**proxy.conninfo(proxy.token(first.claims, ttl="600m", subject="nurse@clinic.test")),
                                                 autocommit=True, application_name="ehr-web"))
    made.append(Contestant("pgward", cluster, client, lambda: without_own(trail_bytes(proxy.audit)), proxy))
    return made


def what_stands_in(records, name, table, column):
    """Of the records of one statement: what an officer would look for."""
    literal = any(text.encode() in records for text in (CANARY, MRN))
    if name == "pgaudit":  # an error's own lines of the server's log are none of its records
        records = b"\n".join(line for line in records.split(b"\n") if b" AUDIT: " in line)
    person = b"nurse@clinic.test" in records
    tenant = b'"tenant_id":"' + clinic.ALDER.tenant_id.encode() in records
    patients = b'"touched"' in records and (b'"subjects"' in records or b'"records"' in records)
    rows = b'"rows":' in records or (name == "pgaudit" and records.rstrip()[-1:].isdigit())
    return {"person": person, "clinic": tenant, "table": table.encode() in records, "column": column.encode() in records,
            "patients": patients, "rows": rows, "literals": literal}


def records_of(contestant, text, values):
    """Of one run, the first: in pgward's trail one that was told before is told by its number."""
    before = len(contestant.records())
    contestant.run(text, values)
    if contestant.proxy:
        settled(contestant.records)
    return contestant.records()[before:]


def show(made, found, costs, sizes):
    print("What stands in the records of a statement, the first time it is run (r: the person, c: the clinic, t: table, k: column, p: patients, n: rows;")
    print("and L: a literal or parameter in clear, which should not):")
    print(f"  {'':10} {'pgaudit':>12} {'pgward':>12}")
    letters = {"person": "r", "clinic": "c", "table": "t", "column": "k", "patients": "p", "rows": "n", "literals": "L"}
    for name, *_ in WORK:
        row = ["".join(letter if found[c.name, name][what] else "." for what, letter in letters.items()) for c in made[1:]]
        print(f"  {name:10} {row[0]:>12} {row[1]:>12}")
    print("\nBytes of records, and processor time, per statement (medians):")
    print(f"  {'':10} {'pgaudit B':>10} {'pgward B':>10} {'server us':>10} {'+pgaudit':>9} {'+pgward':>9}")
    for name, *_ in WORK:
        median = {c.name: statistics.median(costs[c.name, name]) for c in made}
        size = {c.name: statistics.median(sizes[c.name, name]) for c in made}
        print(f"  {name:10} {size['pgaudit']:10.0f} {size['pgward']:10.0f} {median['server']:10.0f} "
              f"{median['pgaudit'] - median['server']:9.0f} {median['pgward'] - median['server']:9.0f}")


def main():
    parser = argparse.ArgumentParser(prog="pgaudit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    with contextlib.ExitStack() as exits:
        made = contestants(exits)
        found, costs, sizes = {}, {}, {}
        for name, text, values, table, column in WORK:
            for c in made[1:]:
                records = records_of(c, text, values)
                found[c.name, name] = what_stands_in(records, c.name, table, column)
                if options.show:
                    print(f"--- {c.name}: {name}\n{records.decode(errors='replace').strip()}")
        for number in range(options.rounds):
            for name, text, values, *_ in WORK:
                for c in made:
                    cost, size = c.measured(text, values, options.count)
                    costs.setdefault((c.name, name), []).append(cost)
                    sizes.setdefault((c.name, name), []).append(size)
            print(f"round {number + 1} of {options.rounds}; load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
        show(made, found, costs, sizes)


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"pgaudit: {error}")
