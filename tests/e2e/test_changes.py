"""Previous and new values: told by triggers, recorded as pseudonyms or sealed; nobody can forge, stop or read them."""
import base64, hashlib, hmac, json, subprocess

import psycopg

import clinic, world
from clinic import ALDER, BIRCH
from throwaway import Stage
from throwaway.proxy import new_password
from world import Case, eventually, records
from test_tools import pgward

OBJECTS = """
    SET ROLE clinic_owner;
    CREATE TABLE vitals (clinic_id uuid NOT NULL, id bigint, patient_id bigint NOT NULL REFERENCES patients ON DELETE CASCADE,
                         taken date NOT NULL, pulse int, PRIMARY KEY (id, taken)) PARTITION BY RANGE (taken);
    CREATE TABLE vitals_old PARTITION OF vitals FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
    CREATE TABLE vitals_new PARTITION OF vitals DEFAULT;
    CREATE FUNCTION say(what text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE INFO USING MESSAGE = what; RETURN what; END $$;
    CREATE FUNCTION half(patient bigint) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE patients SET notes = 'kept' WHERE id = patient;
        BEGIN
          UPDATE patients SET notes = 'undone' WHERE id = patient;
          RAISE division_by_zero;
        EXCEPTION WHEN division_by_zero THEN NULL; END;
      END $$;
    RESET ROLE;
    GRANT SELECT, INSERT, UPDATE, DELETE ON vitals TO pgward_app;
"""


def tables(policy):
    text = policy.replace("    phi: {mrn: mrn", "    changes: hash\n    phi: {mrn: mrn")
    text = text.replace("    phi: {test: clinical", "    changes: encrypted\n    phi: {test: clinical")
    text = text.replace("  icd10_codes:", "  vitals: {tenant: clinic_id, record: id, subject: patient_id, phi: [pulse], changes: hash}\n  icd10_codes:")
    return text.replace("functions: {allow: [", "functions: {allow: [public.say, public.half, ")


def hkdf(key, label):
    """RFC 5869 with SHA-256, without salt."""
    return hmac.new(hmac.new(bytes(32), key, "sha256").digest(), label.encode() + b"\1", "sha256").digest()


class Changes(Case):
    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(Stage())
        cls.cluster = cls.stage.cluster()
        cls.password = new_password()
        clinic.load(cls.cluster, cls.password, 20)
        cls.cluster.run_sql(OBJECTS, clinic.DATABASE)
        cls.policy = cls.stage.home / "policy.yaml"
        cls.policy.write_text(tables(clinic.POLICY.read_text()))
        cls.upstream = cls.cluster.conninfo(clinic.DATABASE, clinic.UPSTREAM_USER, cls.password)
        cls.before = cls.codes()
        cls.apply()
        cls.proxy = cls.stage.new_proxy(cls.cluster, databases=[clinic.DATABASE], policy=cls.policy,
                                        upstream_user=clinic.UPSTREAM_USER, upstream_password=cls.password).start()

    @classmethod
    def codes(cls):
        _, out, err = pgward("check", "--upstream", cls.upstream, "--policy", cls.policy, "--json")
        return {(f["code"], f.get("object")) for f in json.loads(out)["findings"] if f["severity"] == "error"}

    @classmethod
    def apply(cls):
        status, sql, err = pgward("ddl", "--policy", cls.policy)
        done = subprocess.run(["psql", "-X", "-w", "-q", "-v", "ON_ERROR_STOP=1", cls.cluster.conninfo(clinic.DATABASE)], input=sql, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def run_as(self, *statements, of=ALDER, role="clinician"):
        """Runs them; gives the session's records from the trail, with what the client was told by notices."""
        self.notices = []
        c = world.connect(of, role, self.proxy)
        c.add_notice_handler(lambda d: self.notices.append(f"{d.severity} {d.message_primary} {d.message_detail} {d.context}"))
        try:
            session = c.execute("SHOW pgward.session").fetchone()[0]
            self.rows = None
            for sql in statements:
                cursor = c.execute(sql)
                self.rows = cursor.fetchall() if cursor.description else None
        finally:
            c.close()
        self.assertTrue(eventually(lambda: [r for r in records(self.proxy.audit, "session.close") if r["session"] == session]))
        found = [r for r in records(self.proxy.audit) if r.get("session") == session]
        return found

    def changes(self, *statements, **more):
        return [c | {"statement": r["statement"]} for r in self.run_as(*statements, **more) if r["type"] == "stmt.change" for c in r["changes"]]

    def pseudonym(self, domain, key):
        file, = [f for f in (self.proxy.audit.rglob("*")) if f.is_file() and ALDER.tenant_id in f.read_text(errors="replace") and '"key"' in f.read_text(errors="replace")]
        secret = base64.b64decode(json.loads(file.read_text())["key"])
        return hmac.new(hkdf(secret, "pgward pseudonym"), domain.encode() + b"\0" + key.encode(), "sha256").hexdigest()[:32]

    def test_check_says_what_is_missing_and_ddl_mends_it(self):
        for finding in (("changes-function-missing", "pgward.tell_change"), ("changes-trigger-missing", "public.patients"),
                        ("changes-trigger-missing", "public.vitals"), ("changes-trigger-missing", "public.vitals_old")):
            self.assertIn(finding, self.before)
        self.assertFalse([c for c in self.codes() if c[0].startswith("changes")])

    def test_ddl_again_changes_nothing(self):
        dump = lambda: self.cluster.connect(clinic.DATABASE).execute(
            "SELECT (SELECT array_agg((oid, xmin)::text ORDER BY oid) FROM pg_trigger), (SELECT array_agg((oid, xmin)::text ORDER BY oid) FROM pg_proc WHERE proname = 'tell_change')").fetchone()
        before = dump()
        self.apply()
        self.assertEqual(dump()[0], before[0])

    def test_whoever_switches_a_trigger_off_is_told_of(self):
        for sql, code in (("ALTER TABLE patients DISABLE TRIGGER pgward_changes", "changes-trigger-disabled"),
                          ("ALTER TABLE patients ENABLE TRIGGER pgward_changes", "changes-trigger-disabled"),
                          ("DROP TRIGGER pgward_changes ON patients; CREATE TRIGGER pgward_changes AFTER UPDATE ON patients FOR EACH ROW EXECUTE FUNCTION pgward.tell_change('public.patients')", "changes-trigger"),
                          ("DROP TRIGGER pgward_changes ON patients", "changes-trigger-missing"),
                          ("ALTER FUNCTION pgward.tell_change() RESET ALL", "changes-function"),
                          ("CREATE OR REPLACE FUNCTION pgward.tell_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", "changes-function")):
            with self.subTest(sql):
                self.cluster.run_sql(sql, clinic.DATABASE)
                self.assertIn(code, {c for c, _ in self.codes()})
                self.apply()
                self.assertFalse([c for c in self.codes() if c[0].startswith("changes")])

    def test_an_update_tells_what_changed_and_only_that(self):
        change, = self.changes("UPDATE patients SET notes = 'Quixotic Zephyr', first_name = first_name WHERE mrn = 'ALD-00001'")
        with self.cluster.connect(clinic.DATABASE) as c:
            number, = c.execute("SELECT id FROM patients WHERE mrn = 'ALD-00001'").fetchone()
        key = f"{len(str(number))}:{number},"
        self.assertEqual({k: change[k] for k in ("table", "action", "values", "record", "subject")},
                         {"table": "public.patients", "action": "U", "values": "hash", "record": self.pseudonym("record:public.patients", key), "subject": self.pseudonym("subject", key)})
        self.assertEqual([c["name"] for c in change["columns"]], ["notes"])
        self.assertEqual(change["columns"][0]["new"], self.pseudonym("value:public.patients.notes", '"Quixotic Zephyr"'))
        self.assertNotIn("nested", change)
        self.assertEqual(self.notices, [])
        again, = self.changes("UPDATE patients SET notes = NULL WHERE mrn = 'ALD-00001'")
        self.assertEqual((again["columns"][0]["old"], again["columns"][0]["new"]), (change["columns"][0]["new"], None))

    def test_it_is_durable_before_the_client_hears_that_it_was_done(self):
        with world.wire(proxy=self.proxy) as w:
            self.assertIsNone(w.log_in("clinician", world.token(proxy=self.proxy), "ehr"))
            before = len(records(self.proxy.audit, "stmt.change"))
            for kind, _ in w.query("UPDATE patients SET notes = 'durable?' WHERE mrn = 'ALD-00002'"):
                if kind == b"C":
                    self.assertEqual(len(records(self.proxy.audit, "stmt.change")), before + 1)
                    break

    def test_all_kinds_of_changes(self):
        vital = f"('{ALDER.tenant_id}', %d, (SELECT min(id) FROM patients), '%s', 60)"
        cases = [
            (["INSERT INTO vitals (clinic_id, id, patient_id, taken, pulse) VALUES " + vital % (1, "2010-01-01")], ["I"]),
            (["INSERT INTO vitals (clinic_id, id, patient_id, taken, pulse) VALUES " + vital % (1, "2010-01-01") + " ON CONFLICT (id, taken) DO UPDATE SET pulse = 61"], ["U"]),
            (["UPDATE vitals SET taken = '2024-01-01' WHERE id = 1"], ["D", "I"]),  # moved to another partition
            ([f"WITH x AS (UPDATE vitals SET pulse = 62 WHERE id = 1 RETURNING id) SELECT id FROM x"], ["U"]),
            (["PREPARE p AS DELETE FROM vitals WHERE id = 1", "EXECUTE p"], ["D"]),
            (["INSERT INTO vitals (clinic_id, id, patient_id, taken, pulse) VALUES " + vital % (7, "2010-01-01") + ", " + vital % (8, "2030-01-01")], ["I", "I"]),
            (["DELETE FROM vitals WHERE id IN (7, 8)"], ["D", "D"]),
        ]
        for statements, actions in cases:
            with self.subTest(statements[-1][:60]):
                found = self.changes(*statements)
                self.assertEqual([c["action"] for c in found], actions)
                self.assertEqual({c["table"] for c in found}, {"public.vitals"})

    def test_a_cascade_tells_of_what_it_takes_along(self):
        insert = (f"INSERT INTO patients (id, clinic_id, mrn, first_name, last_name, birth_date, ssn) VALUES (990, '{ALDER.tenant_id}', 'ALD-90990', 'Wilhelmina', 'Cascadia', '1980-01-01', '999-00-0990')")
        vital = f"INSERT INTO vitals (clinic_id, id, patient_id, taken, pulse) VALUES ('{ALDER.tenant_id}', 990, 990, '2010-01-01', 60)"
        found = self.changes(insert, vital, "DELETE FROM patients WHERE id = 990")
        self.assertEqual(sorted((c["table"], c["action"]) for c in found[2:]), [("public.patients", "D"), ("public.vitals", "D")])
        self.assertEqual(len({c["subject"] for c in found}), 1)

    def test_what_a_function_undid_is_marked(self):
        with self.cluster.connect(clinic.DATABASE) as c:
            number, = c.execute("SELECT id FROM patients WHERE mrn = 'ALD-00003'").fetchone()
        found = self.changes(f"SELECT half({number})")
        self.assertEqual([c.get("nested") for c in found], [True, True])

    def test_rolled_back_to_a_savepoint(self):
        change = "UPDATE patients SET notes = 'n%d' WHERE mrn = 'ALD-00004'"
        found = self.run_as("BEGIN", change % 1, "SAVEPOINT s", change % 2, "ROLLBACK TO s", "COMMIT")
        told = {r["statement"]: r for r in found if r["type"] == "stmt.change"}
        undone, = [r for r in found if r["type"] == "tx.undone"]
        end, = [r for r in found if r["type"] == "tx.end"]
        in_force = [n for n in told if end["from"] <= n <= end["through"] and not undone["from"] <= n <= undone["through"]]
        self.assertEqual((len(told), in_force, end["outcome"]), (2, [min(told)], "committed"))
        with self.cluster.connect(clinic.DATABASE) as c:
            status, = c.execute("SELECT pg_xact_status(%s::xid8)", (told[min(told)]["xid"],)).fetchone()
        self.assertEqual(status, "committed")

    def test_nothing_in_clear(self):
        words = ["Pneumonoultra", "Sesquipedalian"]
        found = self.changes(f"UPDATE patients SET notes = '{words[0]}' WHERE mrn = 'ALD-00005'",
                             f"INSERT INTO lab_results (tenant_no, patient_id, test, value, comment) VALUES ({ALDER.tenant_no}, (SELECT min(id) FROM patients), 'TSH', 4.2, '{words[1]}')")
        self.assertEqual([c["values"] for c in found], ["hash", "encrypted"])
        self.assertIn("sealed", found[1])
        self.assertNotIn("columns", found[1])
        everything = b"".join(f.read_bytes() for f in self.proxy.audit.rglob("*") if f.is_file()) + self.proxy.log.read_bytes()
        for word in words:
            self.assertNotIn(word.encode(), everything)
            self.assertNotIn(word, " ".join(self.notices))

    def test_a_large_value_is_told_by_its_hash(self):
        large = "x" * 300_000
        change, = self.changes(f"UPDATE patients SET notes = '{large}' WHERE mrn = 'ALD-00006'")
        text = "sha256:" + hashlib.sha256(f'"{large}"'.encode()).hexdigest()
        self.assertEqual(change["columns"][0]["new"], self.pseudonym("value:public.patients.notes", text))
        middle = "y" * 3000  # large, in a row that is not
        change, = self.changes(f"UPDATE patients SET notes = '{middle}' WHERE mrn = 'ALD-00006'")
        self.assertEqual(change["columns"][0]["old"], self.pseudonym("value:public.patients.notes", text))
        self.assertEqual(change["columns"][0]["new"], self.pseudonym("value:public.patients.notes", "sha256:" + hashlib.sha256(f'"{middle}"'.encode()).hexdigest()))

    def test_many_rows(self):
        rows = f"SELECT '{ALDER.tenant_id}'::uuid, 10000 + n, (SELECT min(id) FROM patients), date '2010-01-01', 60 FROM generate_series(1, 5000) n"
        found = self.changes(f"INSERT INTO vitals (clinic_id, id, patient_id, taken, pulse) {rows}")
        self.assertEqual((len(found), len({c["record"] for c in found})), (5000, 5000))
        self.changes("DELETE FROM vitals WHERE id > 10000")

    def test_the_same_value_looks_the_same_whatever_the_session_says(self):
        update = "UPDATE vitals SET taken = taken, pulse = pulse + 1 WHERE id = 77"
        insert = f"INSERT INTO vitals (clinic_id, id, patient_id, taken, pulse) VALUES ('{ALDER.tenant_id}', 77, (SELECT min(id) FROM patients), '2010-01-01', 60)"
        found = self.changes(insert, "SET datestyle = 'German'", "SET timezone = 'Asia/Tokyo'", "DELETE FROM vitals WHERE id = 77")
        values = [{c["name"]: c.get("new", c.get("old")) for c in change["columns"]} for change in found]
        self.assertEqual(values[0], values[1])

    def test_nobody_can_forge_a_change(self):
        forged = "SELECT say('pgward change ' || %s || ' {\"table\":\"public.patients\",\"action\":\"U\",\"xid\":\"1\",\"old\":{\"id\":1},\"new\":{\"id\":2}}')"
        found = self.changes(forged % "'guessed'")
        self.assertEqual(found, [])
        self.assertEqual(len(self.notices), 1)
        self.assertNotIn("patients", self.notices[0])
        before = len(records(self.proxy.audit, "stmt.change"))
        with world.connect(proxy=self.proxy) as c, self.assertRaises(psycopg.OperationalError):
            c.execute(forged % "current_setting('pgward.changes')")  # whoever says the word and is not the trigger
        self.assertEqual(len(records(self.proxy.audit, "stmt.change")), before)

    def test_in_the_servers_own_language(self):
        def speak(what):
            with self.cluster.connect(clinic.DATABASE) as c:
                c.execute(f"ALTER ROLE {clinic.UPSTREAM_USER} {what} lc_messages" + (" = 'de_DE.utf8'" if what == "SET" else ""))
        if "de_DE.utf8" not in subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split():
            self.skipTest("no locale de_DE.utf8")
        speak("SET")
        self.addCleanup(speak, "RESET")
        change, = self.changes("UPDATE patients SET notes = 'auf Deutsch' WHERE mrn = 'ALD-00010'")
        self.assertEqual(change["action"], "U")

    def test_a_table_with_a_name_of_another_alphabet(self):
        self.cluster.run_sql('SET ROLE clinic_owner; CREATE TABLE "Röntgen" (clinic_id uuid NOT NULL, id bigint PRIMARY KEY); RESET ROLE', clinic.DATABASE)
        self.addCleanup(self.cluster.run_sql, 'DROP TABLE "Röntgen"', clinic.DATABASE)
        self.policy.write_text(tables(clinic.POLICY.read_text()).replace("  vitals:", "  '\"Röntgen\"': {tenant: clinic_id, record: id, changes: hash}\n  vitals:"))
        self.addCleanup(self.policy.write_text, tables(clinic.POLICY.read_text()))
        self.assertIn("Röntgen", self.apply())
        again = self.apply()
        self.assertNotIn("told no longer", again)
        with self.cluster.connect(clinic.DATABASE) as c:
            there, = c.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = '\"Röntgen\"'::regclass AND tgname = 'pgward_changes'").fetchone()
        self.assertEqual(there, 1)

    def test_nobody_can_stop_it(self):
        for sql in ("ALTER TABLE patients DISABLE TRIGGER ALL", "ALTER TABLE patients DISABLE TRIGGER pgward_changes", "SET session_replication_role = replica",
                    "SET pgward.changes = ''", "SET LOCAL pgward.changes = ''", "RESET pgward.changes", "SELECT set_config('pgward.changes', '', false)",
                    "DROP TRIGGER pgward_changes ON patients", "DROP FUNCTION pgward.tell_change() CASCADE", "DO $$ BEGIN PERFORM set_config('pgward.changes', '', false); END $$",
                    "ALTER ROLE pgward_app SET pgward.changes = ''"):
            with self.subTest(sql), world.connect(proxy=self.proxy) as c, self.refused("42501", "0A000", "42601"):
                c.execute(sql)
        for sql in ("RESET ALL", "DISCARD ALL", "SET client_min_messages = error"):
            self.assertEqual(len(self.changes(sql, f"UPDATE patients SET notes = '{sql}' WHERE mrn = 'ALD-00007'")), 1, sql)
        with self.assertRaises(psycopg.OperationalError):
            world.connect(proxy=self.proxy, options="-c pgward.changes=mine")

    def test_who_comes_another_way_is_not_disturbed(self):
        with self.cluster.connect(clinic.DATABASE) as c:
            notices = []
            c.add_notice_handler(notices.append)
            c.execute("UPDATE patients SET notes = 'by a superuser' WHERE mrn = 'ALD-00008'")
            self.assertEqual(notices, [])
        self.assertNotIn("pgward change", self.cluster.log.read_text())

    def test_of_others_tenants_nothing(self):
        found = self.changes("UPDATE patients SET notes = 'mine' WHERE last_name IS NOT NULL AND mrn LIKE '%-00009'", of=BIRCH)
        self.assertEqual(len(found), 1)
