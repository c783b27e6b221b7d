"""Which records and patients the trail says were touched: in each way of reading and writing, against the database itself."""
import base64, hashlib, hmac, json, pathlib, re

import psycopg

import world
from throwaway.wire import message
from world import ALDER, BIRCH, Case, connect, direct, here


class Keys:
    """A tenant's pseudonyms, made from docs/audit-format.md and nothing of ours."""

    def __init__(self, of):
        claims = {"tenant_id": of.claims["tenant_id"], "tenant_no": str(of.claims["tenant_no"])}
        for path in (pathlib.Path(here().proxy.audit) / "subject-keys").glob("*.key"):
            told = json.loads(path.read_text())
            if told["tenant"] == claims:
                self.kid, self.file = told["kid"], path
                extracted = hmac.new(b"\0" * 32, base64.b64decode(told["key"]), hashlib.sha256).digest()
                self.key = hmac.new(extracted, b"pgward pseudonym\1", hashlib.sha256).digest()
                return
        raise LookupError(claims)

    def of(self, domain, *parts):
        text = b"".join(b"%d:%s," % (len(str(p).encode()), str(p).encode()) for p in parts)
        return hmac.new(self.key, domain.encode() + b"\0" + text, hashlib.sha256).hexdigest()[:32]

    def subjects(self, ids):
        return sorted(self.of("subject", i) for i in ids)

    def records(self, table, ids):
        return sorted(self.of("record:" + table, i) for i in ids)


def touched(sql):
    """Of all runs of this text: {(table, mode): {"records": .., "subjects": ..}}, joined over its records."""
    runs = [(r["session"], r["statement"]) for r in world.recorded(sql)]
    out = {}
    for r in world.records():
        if (r.get("session"), r.get("statement")) in runs:
            for entry in r.get("touched", []):
                joined = out.setdefault((entry["table"].removeprefix("public."), entry["mode"]), {"records": set(), "subjects": set()})
                for what in joined:
                    joined[what] |= set(entry.get(what, []))
    return {k: {what: sorted(v) for what, v in all.items()} for k, all in out.items()}


def ids(sql):
    with direct() as c:
        return [row[0] for row in c.execute(sql).fetchall()]


MINE = f"clinic_id = '{ALDER.tenant_id}'"


class Touched(Case):
    def setUp(self):
        with connect():  # the first log-in makes the key
            pass
        self.keys = Keys(ALDER)

    def assert_keys(self, sql, table, subjects, records=None, also=()):
        found = touched(sql)
        self.assertEqual(set(found), {(table, "keys"), *also}, sql)
        self.assertEqual(found[table, "keys"]["subjects"], self.keys.subjects(subjects), sql)
        if records is not None:
            self.assertEqual(found[table, "keys"]["records"], self.keys.records("public." + table, records), sql)

    def test_simple_query(self):
        sql = "SELECT id, last_name FROM patients WHERE id > -201"
        with connect() as c:
            c.pgconn.exec_(sql.encode())
        all = ids(f"SELECT id FROM patients WHERE {MINE}")
        self.assert_keys(sql, "patients", all, all)

    def test_record_and_subject_are_two(self):
        sql = "SELECT * FROM lab_results WHERE id > -202"
        with connect() as c:
            c.pgconn.exec_(sql.encode())
        mine = f"tenant_no = {ALDER.claims['tenant_no']}"
        self.assert_keys(sql, "lab_results", ids(f"SELECT DISTINCT patient_id FROM lab_results WHERE {mine}"), ids(f"SELECT id FROM lab_results WHERE {mine}"))

    def one(self):
        return ids(f"SELECT min(id) FROM patients WHERE {MINE}")[0]

    def test_extended_text_binary_and_prepared(self):
        for n, options in enumerate(({}, {"binary": True}, {"prepare": True}, {"binary": True, "prepare": True})):
            sql = f"SELECT mrn, id FROM patients WHERE id >= %s -- e2e-21{n}"
            sent = sql.replace("%s", "$1")
            with connect() as c:
                for _ in range(2):
                    rows = c.execute(sql, [self.one()], **options).fetchall()
            self.assert_keys(sent, "patients", [r[1] for r in rows], also={("patients", "pred")} - {("patients", "pred")})

    def test_prepared_and_never_described(self):
        sql = "SELECT last_name, id FROM patients WHERE id < 1000220"
        with world.wire() as w:
            self.assertIsNone(w.log_in("clinician", world.token(), "ehr"))
            cstring = lambda text: text.encode() + b"\0"
            w.send(message(b"P", cstring("s") + cstring(sql) + b"\0\0"))
            w.send(message(b"S", b""))
            list(w.until_ready())
            for _ in range(2):
                w.send(message(b"B", cstring("") + cstring("s") + b"\0\0\0\0" + b"\0\1\0\1"))
                w.send(message(b"E", cstring("") + b"\0\0\0\0"))
                w.send(message(b"S", b""))
                kinds = [kind for kind, _ in w.until_ready()]
                self.assertNotIn(b"T", kinds)
                self.assertIn(b"D", kinds)
        self.assert_keys(sql, "patients", ids(f"SELECT id FROM patients WHERE {MINE}"))

    def test_a_portal_in_parts(self):
        sql = "SELECT id FROM patients WHERE id > -223 ORDER BY id"
        with world.wire() as w:
            self.assertIsNone(w.log_in("clinician", world.token(), "ehr"))
            cstring = lambda text: text.encode() + b"\0"
            w.send(message(b"P", cstring("") + cstring(sql) + b"\0\0"))
            w.send(message(b"B", cstring("") + cstring("") + b"\0\0\0\0\0\0"))
            for _ in range(2):
                w.send(message(b"E", cstring("") + b"\0\0\0\3"))
            w.send(message(b"S", b""))
            list(w.until_ready())
        self.assert_keys(sql, "patients", ids(f"SELECT id FROM patients WHERE {MINE} ORDER BY id LIMIT 6"))

    def test_cursors(self):
        with connect(autocommit=False) as c:
            with c.cursor(name="c224") as named:
                named.itersize = 5
                named.execute("SELECT id, mrn FROM patients WHERE id > -224 ORDER BY id")
                rows = named.fetchmany(5)
        fetch = 'FETCH FORWARD 5 FROM "c224"'
        self.assertEqual(len(rows), 5)
        self.assert_keys(fetch, "patients", [r[0] for r in rows])

    def test_without_a_key_it_may_be_anybody(self):
        for sql in ("SELECT last_name FROM patients WHERE id > -225", "SELECT count(*) FROM patients WHERE id > -226",
                    "SELECT id FROM patients WHERE id > -227 UNION SELECT id FROM patients"):
            with connect() as c:
                c.execute(sql).fetchall()
            self.assertEqual(set(touched(sql)), {("patients", "set")}, sql)

    def test_probes_name_who_was_meant(self):
        one = self.one()
        for n, sql in enumerate((f"SELECT count(*) FROM patients WHERE id = {one} -- e2e-228",
                                 f"SELECT EXISTS (SELECT 1 FROM patients WHERE id IN ({one})) -- e2e-229",
                                 f"SELECT 1 FROM patients WHERE id = {one} AND false -- e2e-230")):
            with connect() as c:
                c.execute(sql).fetchall()
            found = touched(sql)
            self.assertEqual(found["patients", "pred"]["subjects"], self.keys.subjects([one]), sql)
            self.assertNotIn(("patients", "set"), found, sql)
        sql = "SELECT count(*) FROM patients WHERE id = ANY(%s) -- e2e-231"
        with connect() as c:
            c.execute(sql, [[one, one + 1]]).fetchall()
        self.assertEqual(touched(sql.replace("%s", "$1"))["patients", "pred"]["subjects"], self.keys.subjects([one, one + 1]))

    def test_joins_and_sublinks_follow_equal_columns(self):
        one = self.one()
        sql = f"""SELECT p.last_name, l.value FROM patients p LEFT JOIN lab_results l ON l.patient_id = p.id WHERE p.id = {one} -- e2e-232"""
        with connect() as c:
            c.execute(sql).fetchall()
        found = touched(sql)
        self.assertEqual(set(found), {("patients", "pred"), ("lab_results", "pred")})
        self.assertEqual(found["lab_results", "pred"]["subjects"], self.keys.subjects([one]))
        sql = """SELECT p.id, (SELECT count(*) FROM appointments a WHERE a.patient_id = p.id) FROM patients p WHERE p.id > -233"""
        with connect() as c:
            c.execute(sql).fetchall()
        found = touched(sql)
        self.assertEqual(set(found), {("patients", "keys"), ("appointments", "keys")})
        self.assertEqual(found["appointments", "keys"]["subjects"], self.keys.subjects(ids(f"SELECT id FROM patients WHERE {MINE}")))

    def test_views_and_with_queries(self):
        sql = "WITH x AS (SELECT * FROM patients) SELECT id FROM x WHERE id > -234"
        with connect() as c:
            c.execute(sql).fetchall()
        self.assert_keys(sql, "patients", ids(f"SELECT id FROM patients WHERE {MINE}"))
        sql = "SELECT * FROM booked_appointments WHERE id > -235"
        with connect() as c:
            rows = c.execute(sql).fetchall()
            names = [d.name for d in c.execute(sql).description]
        found = touched(sql)["booked_appointments", "keys"]
        self.assertEqual(found["subjects"], self.keys.subjects({r[names.index("patient_id")] for r in rows}))

    def test_changes(self):
        with connect() as c:
            made = c.execute("INSERT INTO appointments (patient_id, starts_at, reason) VALUES (%s, now(), 'Qpzm') RETURNING id -- e2e-236", [self.one()]).fetchone()[0]
            sql = f"UPDATE appointments SET reason = 'Wlkj' WHERE id = {made} RETURNING id, patient_id -- e2e-237"
            c.execute(sql).fetchall()
            gone = f"DELETE FROM appointments WHERE id = {made} -- e2e-238"
            c.execute(gone)
        inserted = touched("INSERT INTO appointments (patient_id, starts_at, reason) VALUES ($1, now(), 'Qpzm') RETURNING id -- e2e-236")
        self.assertEqual(inserted["appointments", "pred"]["subjects"], self.keys.subjects([self.one()]))
        self.assertEqual(inserted["appointments", "keys"]["records"], self.keys.records("public.appointments", [made]))
        found = touched(sql)
        self.assertEqual(found["appointments", "keys"], {"records": self.keys.records("public.appointments", [made]), "subjects": self.keys.subjects([self.one()])})
        found = touched(gone)
        self.assertEqual(found["appointments", "pred"]["records"], self.keys.records("public.appointments", [made]))
        self.assertIn(("appointments", "set"), found)  # whose appointment it was, the statement does not say

    def test_copy_out(self):
        sql = "COPY (SELECT id, mrn FROM patients WHERE id > -239) TO STDOUT"
        with connect() as c, c.cursor().copy(sql) as out:
            list(out)
        self.assertTrue({("patients", "set"), ("patients", "keys")} & set(touched(sql)))

    def test_rows_larger_than_any_buffer(self):
        sql = "SELECT repeat(last_name, 30000), id FROM patients WHERE id > -240"
        with connect() as c:
            c.execute(sql).fetchall()
        # the keys are far behind the front of a row, which leaves before they are known
        self.assert_keys(sql, "patients", ids(f"SELECT id FROM patients WHERE {MINE}"), also=[("patients", "set")])
        sql = "SELECT id, repeat(last_name, 30000) FROM patients WHERE id > -241"
        with connect() as c:
            c.execute(sql).fetchall()
        self.assert_keys(sql, "patients", ids(f"SELECT id FROM patients WHERE {MINE}"))

    def test_tenants_have_keys_of_their_own(self):
        with connect(BIRCH):
            pass
        self.assertNotEqual(Keys(ALDER).kid, Keys(BIRCH).kid)
        opened = [r for r in world.records(type="session.open") if r["tenant"].get("tenant_id") == ALDER.tenant_id]
        self.assertEqual({r["subject_key"] for r in opened}, {self.keys.kid})

    def test_no_key_in_clear(self):
        """What comes back from the database and what was asked for, searched for in all that is on the disk."""
        canary = 7_345_219_876
        with connect() as c:
            c.execute("SELECT count(*) FROM patients WHERE id = %s", [canary]).fetchall()
            c.execute(f"SELECT count(*) FROM patients WHERE id = {canary}").fetchall()
            c.execute("SELECT count(*) FROM lab_results WHERE patient_id = ANY(%s)", [[canary]]).fetchall()
        for path in pathlib.Path(here().proxy.audit).glob("*.jsonl"):
            self.assertNotIn(str(canary).encode(), path.read_bytes())
