"""The chapters about the audit trail and about cost."""
import json, os, shutil, statistics, time

import psycopg

import clinic
from clinic import ALDER

SQL = "SELECT first_name, last_name, ssn FROM patients WHERE mrn = '{}'"


def _lines(directory):
    path = sorted(directory.glob("*.jsonl"))[-1]
    return path, path.read_bytes().rstrip(b"\0").splitlines()


def what_was_recorded(story, scene):
    story.chapter("The trail of what just happened", "Each line holds the hash of the one before it, and was on disk "
                  "before the first row left. Names of tables and columns, no values.")
    with scene.connect(ALDER) as c:
        name = c.execute(SQL.format(ALDER.mrn(42))).fetchone()
        path, lines = _lines(scene.proxy.audit)
    last = json.loads([line for line in lines if b'"stmt.read"' in line][-1])
    story.show(f"{ALDER.name} asks for one patient: the record of it", json.dumps(last, indent=1), shown=60)
    text = json.dumps(last)
    story.promise("it says who, for which clinic, which table and which columns",
                  all(x in text for x in ("nurse@alder.test", ALDER.tenant_id, "public.patients", "ssn")))
    everything = path.read_text()
    story.promise("it holds no value, asked for or found",
                  not any(v in everything for v in (ALDER.mrn(42), name[1], name[2])))
    status, text = scene.audit("tail", scene.proxy.audit, "-n", "6")
    story.show("pgward audit tail", text)
    story.promise("an officer can read it", status == 0 and "patients" in text)
    status, text = scene.audit("verify", scene.proxy.audit)
    story.show("pgward audit verify", text)
    story.promise("it verifies", status == 0)


def somebody_tampers(story, scene):
    story.chapter("Somebody tampers with it", "On a copy: first a name is changed, then a line is taken out.")
    for name in ("changed", "removed"):
        copy = scene.stage.home / f"trail-{name}"
        shutil.copytree(scene.proxy.audit, copy)
        path, lines = _lines(copy)
        # One that says who: others of its session say "like" and its number.
        at = [n for n, line in enumerate(lines) if b'"stmt.' in line and b"nurse@" in line][0]
        if name == "changed":
            lines[at] = lines[at].replace(b"nurse@", b"clerk@")
        else:
            del lines[at]
        os.chmod(path, 0o600)
        path.write_bytes(b"\n".join(lines) + b"\n")
        status, text = scene.audit("verify", copy)
        story.show(f"line {at + 1} {name}; pgward audit verify", text.replace(str(scene.stage.home), "…"))
        story.promise(f"the {name} line is found and named", status == 1 and path.name in text
                      and any(str(n) in text for n in (at + 1, at + 2)))


def _microseconds(connection, number):
    began = time.perf_counter()
    connection.execute("SELECT id, mrn, last_name FROM patients WHERE id = %s", (number,)).fetchall()
    return (time.perf_counter() - began) * 1e6


def what_it_cost(story, scene, queries=1500):
    story.chapter("What it cost", f"{queries} look-ups by key, direct and through pgward in turn, TLS on both; through pgward "
                  "each is decided, rewritten and durably recorded before its answer is released.")
    straight = psycopg.connect(scene.cluster.conninfo(clinic.DATABASE, clinic.UPSTREAM_USER, scene.upstream_password),
                               autocommit=True, sslmode="require",
                               options=f"-c app.tenant_id={ALDER.tenant_id} -c app.tenant_no={ALDER.tenant_no}")
    with straight, scene.connect(ALDER) as through:
        took = {"direct": [], "through pgward": []}
        for number in range(queries):
            took["direct"].append(_microseconds(straight, number))
            took["through pgward"].append(_microseconds(through, number))
    quantiles = {n: (statistics.median(t), sorted(t)[int(len(t) * 0.95)]) for n, t in took.items()}
    story.show("microseconds a query", "\n".join(f"{n:15} median {m:7.0f}   95 % within {p:7.0f}" for n, (m, p) in quantiles.items()))
    added = quantiles["through pgward"][0] - quantiles["direct"][0]
    story.tell(f"Added by TLS on a second hop, decision, rewriting and one shared fdatasync: {added:.0f} us at the median.")
    story.promise("the median stays below 20 ms more than direct", added < 20000)
