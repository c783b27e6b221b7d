"""A role with column rules reads masks wherever it names the column, and writes only what it may."""
import re

import psycopg

import clinic
import world
from throwaway.proxy import policy_with_mode
from world import ALDER, Case

ROLE = """
  desk:
    may: [select, insert, update, delete]
    columns:
      patients:
        ssn: {mask: last4}
        birth_date: {mask: null}
        last_name: {mask: constant, value: withheld}
        mrn: {mask: hash, function: public.mask_key}
        notes: {mask: constant, write: allow}
      appointments: {reason: refuse}
"""

# The key is the owner's alone: neither the session nor the server's log ever sees it.
FUNCTION = """
CREATE TABLE mask_secret (key bytea NOT NULL);
INSERT INTO mask_secret VALUES (decode(md5(random()::text) || md5(random()::text), 'hex'));
CREATE FUNCTION mask_key(value text) RETURNS text LANGUAGE sql STABLE STRICT SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  AS $$ SELECT encode(sha256(key || sha256(key || convert_to(value, 'UTF8'))), 'hex') FROM public.mask_secret $$;
"""

# Whatever the statement, no whole value of a ruled column may come back.
STATEMENTS = [
    "SELECT ssn, birth_date, last_name, mrn, notes FROM patients",
    "SELECT * FROM patients",
    "SELECT p.* FROM patients p ORDER BY ssn",
    "SELECT p.*, a.id FROM patients p JOIN appointments a ON a.patient_id = p.id",
    "SELECT * FROM (SELECT * FROM patients) s WHERE s.ssn LIKE '***%'",
    "WITH s AS (SELECT * FROM patients) SELECT s.* FROM s",
    "SELECT upper(last_name), ssn || mrn, coalesce(notes, 'none') FROM patients",
    "SELECT max(ssn), string_agg(last_name, ','), array_agg(mrn) FROM patients",
    "SELECT ssn, count(*) FROM patients GROUP BY ssn ORDER BY ssn",
    "SELECT DISTINCT ON (ssn) ssn, last_name FROM patients ORDER BY ssn",
    "SELECT (SELECT p.ssn), lag(mrn) OVER (ORDER BY birth_date) FROM patients p",
    "SELECT json_build_object('s', ssn, 'l', last_name) FROM patients",
    "SELECT p.ssn FROM patients p FULL JOIN appointments a ON a.patient_id = p.id",
    "SELECT x.ssn FROM clinics c, LATERAL (SELECT ssn FROM patients p WHERE p.clinic_id = c.clinic_id) x",
    "UPDATE patients SET notes = last_name || ssn RETURNING notes, ssn",
    "UPDATE patients SET first_name = mrn RETURNING *",
    "DELETE FROM lab_results l USING patients p WHERE p.id = l.patient_id RETURNING p.ssn, p.mrn",
]
REFUSED = [
    "TABLE patients", "SELECT p FROM patients p", "SELECT to_jsonb(p) FROM patients p", "SELECT (p).ssn FROM patients p", "SELECT row(p.*) FROM patients p",
    "SELECT reason FROM appointments", "SELECT * FROM appointments", "SELECT 1 FROM appointments WHERE reason = 'x'",
    "SELECT id FROM appointments ORDER BY reason", "SELECT reason FROM booked_appointments",
    "SELECT 1 FROM patients a JOIN patients b USING (ssn)", "SELECT 1 FROM patients NATURAL JOIN clinics",
    "UPDATE patients SET ssn = 'x'", "INSERT INTO patients (mrn) VALUES ('x')", "INSERT INTO patients VALUES (1)",
    "COPY patients (id, ssn) FROM STDIN", "COPY patients FROM STDIN",
    "UPDATE appointments SET reason = 'x'", "SELECT mask_key('914-10-0001')",
]


class Columns(Case):
    @classmethod
    def setUpClass(cls):
        here = world.here()
        here.cluster.run_sql(FUNCTION, clinic.DATABASE)
        cls.addClassCleanup(here.cluster.run_sql, "DROP FUNCTION mask_key(text); DROP TABLE mask_secret", clinic.DATABASE)
        cls.proxies = []
        for mode in ("rls+predicate", "predicate"):
            policy = policy_with_mode(clinic.POLICY, mode, here.stage.home)
            policy.write_text(policy.read_text() + ROLE)
            cls.proxies.append(here.new_proxy(policy=policy).start())
            cls.addClassCleanup(cls.proxies[-1].stop)
        with world.direct() as c:
            rows = c.execute("SELECT ssn, birth_date::text, last_name, mrn FROM patients").fetchall()
            cls.secrets = re.compile("|".join(re.escape(v) for row in rows for v in row))

    def sessions(self):
        for proxy in self.proxies:
            with world.connect(ALDER, role="desk", proxy=proxy) as c:
                yield c

    def test_values_never_come_back_whole(self):
        for c in self.sessions():
            for sql in STATEMENTS:
                with self.subTest(sql):
                    with c.transaction(force_rollback=True):
                        cursor = c.execute(sql)
                        rows = cursor.fetchall()
                    self.assertGreater(len(rows), 0)
                    self.assertIsNone(self.secrets.search(repr(rows).upper()), rows[:1])
                    self.assertIsNone(self.secrets.search(repr(rows)), rows[:1])

    def test_copy(self):
        for c in self.sessions():
            for sql in ("COPY patients TO STDOUT (FORMAT csv, HEADER)", "COPY (SELECT ssn, mrn FROM patients) TO STDOUT"):
                with self.subTest(sql), c.cursor().copy(sql) as copy:
                    text = b"".join(bytes(piece) for piece in copy).decode()
                self.assertIn("***", text)
                self.assertIsNone(self.secrets.search(text))

    def test_masks_look_as_they_should(self):
        for c in self.sessions():
            cursor = c.execute("SELECT * FROM patients ORDER BY id LIMIT 1")
            row = dict(zip([d.name for d in cursor.description], cursor.fetchone()))
            self.assertEqual(list(row), ["id", "clinic_id", "mrn", "first_name", "last_name", "birth_date", "ssn", "notes"])
            self.assertRegex(row["ssn"], r"^\*\*\*\d{4}$")
            self.assertIsNone(row["birth_date"])
            self.assertEqual((row["last_name"], row["notes"]), ("withheld", "***"))
            self.assertRegex(row["mrn"], "^[0-9a-f]{64}$")
            # Its names and types are those of the table.
            with world.connect(ALDER, proxy=world.here().proxy) as other:
                plain = other.execute("SELECT * FROM patients LIMIT 1").description
            self.assertEqual([(d.name, d.type_code) for d in cursor.description], [(d.name, d.type_code) for d in plain])

    def test_conditions_see_the_mask(self):
        with world.direct() as direct:
            ssn = direct.execute(f"SELECT ssn FROM patients WHERE clinic_id = '{ALDER.tenant_id}' LIMIT 1").fetchone()[0]
        for c in self.sessions():
            for condition in ("ssn = %s", "ssn LIKE %s", "ssn > '1' AND left(ssn, 11) = %s", "id IN (SELECT id FROM patients WHERE ssn = %s)"):
                with self.subTest(condition):
                    self.assertEqual(c.execute(f"SELECT count(*) FROM patients WHERE {condition}", [ssn]).fetchone(), (0,))

    def test_refused(self):
        for c in self.sessions():
            for sql in REFUSED:
                with self.subTest(sql), self.refused("42501"):
                    c.execute(sql)

    def test_a_role_without_rules_reads_all(self):
        with world.connect(ALDER, proxy=self.proxies[0]) as c:
            self.assertIsNotNone(self.secrets.search(repr(c.execute("SELECT * FROM patients").fetchall())))
