"""Kills pgward -9 under load at random moments and counts what was disclosed or changed without a record.

  kill-test [--rounds 100] [--clients 6] [--seed N]
  kill-test --faults [--rounds 20] ...    instead of killing it, lets its disk fail: full, writes, syncs

Witnesses on the client's side note each statement of which they received a row, the moment it arrives; the
server itself is asked which of their changes it holds. After each kill, before pgward starts again, the trail
on disk must hold an intent for each of them (they are matched by the SHA-256 of the statement's text), and for each row
that arrived either its patient's pseudonym, computed anew from the tenant's key, or the honest word that which ones is not
known (mode "set": COPY). At the end the whole trail is read again and verified. A torn last line is what a kill may leave,
and nothing else.

kill -9 leaves the page cache alone: this shows the order of record and row, not that fdatasync was called.
"""
import argparse, collections, hashlib, json, os, pathlib, random, struct, subprocess, sys, threading

import clinic
from throwaway import Stage
from throwaway.process import Failed
from throwaway.proxy import binary, new_password
from throwaway.wire import Closed, Wire, message
from trail import pseudonym

PATIENTS_PER_CLINIC = 300
MARK = "kill-test"


class Witness(threading.Thread):
    """One client of one clinic, until the connection is gone."""

    def __init__(self, proxy, token, tenant, patient, name, seed):
        super().__init__(daemon=True)
        self.proxy, self.token, self.tenant, self.patient = proxy, token, tenant, patient
        self.name, self.random = name, random.Random(seed)
        self.sent, self.refused, self.trouble = 0, 0, None
        self.returns = False  # log in again when the session ends
        self.disclosed = {}  # statement -> rows that arrived
        self.patients = {}   # statement -> patients in them
        self.changes = {}    # what the change leaves in the table -> statement
        self.first_row = threading.Event()

    def run(self):
        self.session()
        while self.returns:
            self.session()

    def session(self):
        try:
            with Wire(self.proxy.host, self.proxy.port, self.proxy.ca) as wire:
                error = wire.log_in("clinician", self.token, clinic.DATABASE)
                if error:
                    self.trouble = f"log-in refused: {error.get('C')} {error.get('M')}"
                while not error:
                    self.one_statement(wire)
        except (Closed, OSError):
            pass  # the kill

    def one_statement(self, wire):
        self.sent += 1
        place = f"{MARK} {self.name} {self.sent}"
        columns = "appointments (patient_id, starts_at, reason)"
        read = f"SELECT id, mrn, last_name, ssn FROM patients WHERE id > {self.random.randrange(-1, PATIENTS_PER_CLINIC)}"
        kind = self.sent % 8
        if kind == 0:
            sql = f"INSERT INTO {columns} VALUES ({self.patient}, now(), '{place}')"
        elif kind == 2:
            sql = f"INSERT INTO {columns} VALUES ({self.patient}, now(), '{place}') RETURNING id, patient_id, reason"
        elif kind == 4:
            sql = f"UPDATE appointments SET status = '{place}' WHERE reason LIKE '{MARK} {self.name} %' AND status = 'booked'"
        elif kind == 5:
            sql = f"COPY appointments (clinic_id, patient_id, starts_at, reason) FROM STDIN /* {place} */"
        elif kind == 6:
            sql = f"COPY ({read}) TO STDOUT /* {place} */"
        else:
            sql = f"/* {place} */ {read}"
        if kind in (0, 2, 4, 5):
            self.changes[place] = sql
        # COPY has one way only; everything else comes in both.
        speak = wire.extended if kind < 5 and self.random.random() < 0.5 else wire.query
        for what, body in speak(sql):
            if what in (b"D", b"d"):
                self.disclosed[sql] = self.disclosed.get(sql, 0) + 1
                self.patients.setdefault(sql, set()).add(patient_of(what, body, kind))
                self.first_row.set()
            elif what == b"G":
                row = f"{self.tenant}\t{self.patient}\t2026-11-22 12:00:00+00\t{place}\n".encode()
                wire.send(message(b"d", row) + message(b"c"))
            elif what == b"E":
                self.refused += b"58030" in body
                if not self.trouble:
                    self.trouble = body.replace(b"\0", b" ").decode("utf-8", "replace")


def patient_of(what, row, kind):
    """The patient's id in a row: the first column of a read, the second of RETURNING id, patient_id."""
    if what == b"d":
        return row.split(b"\t")[0].decode()
    values, at = [], 2
    while at < len(row):
        size = struct.unpack_from("!i", row, at)[0]
        values.append(row[at + 4:at + 4 + max(size, 0)].decode())
        at += 4 + max(size, 0)
    return values[1 if kind == 2 else 0]


def sha256(sql):
    return hashlib.sha256(sql.encode()).hexdigest()


class Trail:
    """Reads what is on disk, each complete line once."""

    def __init__(self, directory, names=True):
        self.names, self.directory, self.offsets, self.intents, self.torn = names, directory, {}, set(), 0
        self.places = {}   # SHA-256 of a text -> (session, statement) that it was
        self.touched = {}  # (session, statement) -> pseudonyms of patients, and the modes

    def read_on(self):
        for path in sorted(self.directory.glob("*.jsonl")):
            with open(path, "rb") as f:
                f.seek(self.offsets.get(path, 0))
                data = f.read().rstrip(b"\0")
            whole = data[:data.rfind(b"\n") + 1]
            self.torn += whole != data
            self.offsets[path] = self.offsets.get(path, 0) + len(whole)
            for line in whole.splitlines():
                if b'"type":"stmt.' in line:
                    self.take(json.loads(line))

    def take(self, record):
        place = record["session"], record["statement"]
        if record["type"] in ("stmt.intent", "stmt.read"):
            # Each text here is sent once: where it is told of by "like", then with its own hash.
            self.intents.add(record["sql"]["sha256"])
            self.places[record["sql"]["sha256"]] = place
        for entry in record.get("touched", []) if self.names else []:
            self.touched.setdefault(place, set()).update(entry.get("subjects", []), [entry["mode"]])

    def without(self, statements):
        return [s for s in statements if sha256(s) not in self.intents]

    def unnamed(self, statement, patients, keys):
        """Patients whose rows arrived and whom no durable record names."""
        told = self.touched.get(self.places.get(sha256(statement)), set())
        return [] if "set" in told else [p for p in patients if not any(k.subject(p) in told for k in keys)]


class Disk:
    """Of pgward alone, and it fails on demand (disk_faults.c)."""

    def __init__(self, home):
        self.mode, library = home / "disk.mode", home / "disk_faults.so"
        self.mode.write_text(".")
        source = pathlib.Path(__file__).with_name("disk_faults.c")
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        self.environment = os.environ | {"LD_PRELOAD": str(library), "DISK_FAULTS": str(self.mode)}

    def fail_for(self, fault, seconds):
        for letter in (fault, "."):
            with open(self.mode, "r+") as f:  # the same file: it is mapped
                f.write(letter)
            threading.Event().wait(seconds if letter != "." else 0)


def one_round(number, proxy, cluster, tokens, options, moments):
    """Starts, loads, kills or lets the disk fail. Gives the witnesses and the statements whose changes the server holds."""
    disk = options.disk
    proxy.start(env=disk.environment) if disk else proxy.start()
    # The first patients of the sample belong to the clinics in turn.
    witnesses = [Witness(proxy, tokens[n % len(tokens)], clinic.CLINICS[n % len(tokens)].tenant_id, 1 + n % len(tokens), f"{number}.{n}", moments.random())
                 for n in range(options.clients)]
    for w in witnesses:
        w.returns = bool(disk)
        w.start()
    if number % 5:  # each fifth kill may come before anything was disclosed: log-in, first statements
        witnesses[0].first_row.wait(10)
    threading.Event().wait(moments.random() ** 2 * 0.5)
    if disk:
        disk.fail_for(moments.choice("fws"), 0.05 + moments.random())
        threading.Event().wait(1.5)  # it is mended once a second, and serves again
        for w in witnesses:
            w.returns = False
        proxy.stop()
    else:
        proxy.kill()
    for w in witnesses:
        w.join(20)
    with cluster.connect(clinic.DATABASE) as c:
        held = {r for column in ("reason", "status")
                for r, in c.execute(f"SELECT {column} FROM appointments WHERE {column} LIKE %s", (f"{MARK} {number}.%",))}
    return witnesses, [sql for w in witnesses for place, sql in w.changes.items() if place in held]


def prove_the_count(trail, statements):
    """A count that cannot fail shows nothing: with one record taken away it must be one."""
    taken = sha256(statements[0])
    trail.intents.discard(taken)
    seen = len(trail.without(set(statements)))
    trail.intents.add(taken)
    if seen != 1:
        raise Failed(f"the count is blind: one record taken away, {seen} missed")


def prove_the_names(trail, named, keys):
    """The same of patients: of a row that arrived, the pseudonym is taken out of the records."""
    for statement, patients in named:
        told = trail.touched.get(trail.places.get(sha256(statement)), set())
        if patients and "set" not in told:
            taken = next(k.subject(p) for p in patients for k in keys if k.subject(p) in told)
            told.discard(taken)
            seen = trail.unnamed(statement, patients, keys)
            told.add(taken)
            if len(seen) != 1:
                raise Failed(f"the names are not looked at: one taken away, {len(seen)} missed")
            return True
    return False


def verify(proxy):
    proxy.start()  # cuts a torn tail off and says so in the trail
    proxy.stop()
    second = [sys.executable, pathlib.Path(__file__).resolve().parents[1] / "audit-verify"]
    for command in ([binary(), "audit", "verify"], second):
        done = subprocess.run([*command, proxy.audit], capture_output=True, text=True)
        print(done.stdout.strip())
        if done.returncode:
            raise Failed(f"the trail does not verify: {(done.stdout + done.stderr).strip()}")


def rounds(stage, options):
    moments = random.Random(options.seed)
    cluster, password = stage.cluster(), new_password()
    clinic.load(cluster, password, PATIENTS_PER_CLINIC)
    proxy = stage.new_proxy(cluster, databases=[clinic.DATABASE], policy=clinic.POLICY,
                            upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
    options.disk = Disk(proxy.home) if options.faults else None
    tokens = [proxy.token(c.claims, ttl="600m") for c in clinic.CLINICS]
    trail, total, missing, everything, arrived = Trail(proxy.audit), collections.Counter(), [], [], False
    for number in range(1, options.rounds + 1):
        witnesses, changed = one_round(number, proxy, cluster, tokens, options, moments)
        trail.read_on()
        disclosed = [s for w in witnesses for s in w.disclosed]
        missing += trail.without(disclosed + changed)
        keys = pseudonym.tenants(proxy.audit / "subject-keys")
        named = [(s, patients) for w in witnesses for s, patients in w.patients.items()]
        missing += [f"{s}: patient {p}" for s, patients in named for p in trail.unnamed(s, patients, keys)]
        arrived = arrived or prove_the_names(trail, named, keys)
        trail.touched.clear()  # those of a thousand rounds would fill the memory
        everything += disclosed + changed
        total.update(statements=sum(w.sent for w in witnesses), disclosed=len(disclosed), changed=len(changed),
                     refused=sum(w.refused for w in witnesses), rows=sum(sum(w.disclosed.values()) for w in witnesses), rounds_with_rows=bool(disclosed))
        for trouble in {w.trouble for w in witnesses if w.trouble and "57P" not in w.trouble and not (options.faults and "58030" in w.trouble)}:
            print(f"round {number}: {trouble}", file=sys.stderr)
    if options.faults and not total["refused"]:
        raise Failed("nothing was refused in any round: the disk did not fail")
    if not everything or not arrived:
        raise Failed("no row was disclosed in any round: nothing was tested")
    prove_the_count(trail, everything)
    verify(proxy)
    again = Trail(proxy.audit, names=False)
    again.read_on()
    return total, set(missing) | set(again.without(everything)), trail.torn


def main():
    parser = argparse.ArgumentParser(prog="kill-test", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    with Stage() as stage:
        total, missing, torn = rounds(stage, options)
    what = f"failures of the disk, {total['refused']} statements refused" if options.faults else "kills"
    print(f"{options.rounds} {what} (seed {options.seed}), {total['rounds_with_rows']} of them with rows under way; "
          f"{torn} torn tails; {total['statements']} statements sent, {total['disclosed']} disclosed "
          f"{total['rows']} rows, {total['changed']} changes held by the server")
    print(f"{len(missing)} disclosed or held without a durable record")
    return 1 if missing else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(f"kill-test: {error}")
