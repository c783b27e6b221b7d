"""A session sees and changes what belongs to its clinic, whatever the driver and the protocol."""
import psycopg

import world
from world import ALDER, BIRCH, CEDAR, CLINICS, PER_CLINIC, Case, connect, direct_value

# Each gives MRNs, or texts that hold them. No WHERE clause of the application's own names the clinic.
QUERIES = {
    "plain": "SELECT mrn FROM patients",
    "star": "SELECT mrn, p.* FROM patients p",
    "or true": "SELECT mrn FROM patients WHERE id < 0 OR true",
    "foreign clinic": f"SELECT mrn FROM patients WHERE clinic_id = '{BIRCH.tenant_id}' OR mrn LIKE '%0'",
    "quoted name": 'SELECT mrn FROM "public"."patients"',
    "comment": "SELECT mrn /* FROM nowhere */ FROM patients -- WHERE false",
    "join": "SELECT p.mrn FROM appointments a JOIN patients p ON p.id = a.patient_id",
    "comma join": "SELECT p.mrn FROM appointments a, patients p WHERE p.id = a.patient_id",
    "left join": "SELECT p.mrn FROM clinics c LEFT JOIN patients p USING (clinic_id)",
    "right join": "SELECT p.mrn FROM clinics c RIGHT JOIN patients p ON p.clinic_id = c.clinic_id",
    "full join": "SELECT p.mrn FROM patients p FULL JOIN appointments a ON a.patient_id = p.id WHERE p.mrn IS NOT NULL",
    "two tenant columns": "SELECT p.mrn FROM lab_results l JOIN patients p ON p.id = l.patient_id",
    "self join": "SELECT a.mrn || b.mrn FROM patients a JOIN patients b ON a.first_name = b.first_name",
    "sub-select in FROM": "SELECT q.mrn FROM (SELECT mrn, id FROM patients) q",
    "sub-select in list": "SELECT (SELECT p.mrn FROM patients p WHERE p.id = a.patient_id) FROM appointments a",
    "scalar of everything": "SELECT (SELECT string_agg(mrn, ',') FROM patients)",
    "exists": "SELECT mrn FROM patients p WHERE EXISTS (SELECT FROM appointments a WHERE a.patient_id = p.id)",
    "CTE": "WITH all_of_them AS (SELECT * FROM patients) SELECT mrn FROM all_of_them",
    "CTE named like the table": "WITH patients AS (SELECT * FROM public.patients) SELECT mrn FROM patients",
    "union": "SELECT mrn FROM patients UNION SELECT mrn FROM public.patients",
    "lateral": "SELECT x.mrn FROM clinics c, LATERAL (SELECT mrn FROM patients p WHERE p.clinic_id = c.clinic_id) x",
    "window": "SELECT mrn, row_number() OVER (ORDER BY mrn) FROM patients",
    "group by key": "SELECT p.mrn, count(*) FROM patients p JOIN appointments a ON a.patient_id = p.id GROUP BY p.id",
    "view": "SELECT p.mrn FROM booked_appointments b JOIN patients p ON p.id = b.patient_id",
    "row locked": "SELECT mrn FROM patients FOR UPDATE",
}


def marks(rows):
    """Which clinics' marks occur in the rows."""
    text = repr(rows)
    return {c.mark for c in CLINICS if f"{c.mark}-" in text}


class Reading(Case):
    def both(self, sql):
        """The same text for two clinics, one after the other: the plan cache must not mix them."""
        for of in (ALDER, BIRCH):
            with connect(of) as c:
                yield of, c

    def test_simple_protocol(self):
        for name, sql in QUERIES.items():
            for of, c in self.both(sql):
                with self.subTest(name, clinic=of.name):
                    self.assertEqual(marks(psycopg.ClientCursor(c).execute(sql).fetchall()), {of.mark})

    def test_copy_out(self):
        for sql in ("COPY patients (mrn) TO STDOUT", "COPY (SELECT mrn FROM patients) TO STDOUT (FORMAT csv)"):
            for of, c in self.both(sql):
                with self.subTest(sql, clinic=of.name), c.cursor().copy(sql) as copy:
                    self.assertEqual(marks([bytes(piece) for piece in copy]), {of.mark})

    def test_extended_protocol(self):
        for name, sql in QUERIES.items():
            for of, c in self.both(sql):
                with self.subTest(name, clinic=of.name):
                    rows = c.cursor(binary=True).execute(sql).fetchall()
                    self.assertEqual(marks(rows), {of.mark})

    def test_prepared_statements_run_again(self):
        for of, c in self.both(None):
            for number in range(1, 8):
                rows = c.execute("SELECT mrn FROM patients WHERE mrn LIKE %s", (f"%{number:05d}",), prepare=True).fetchall()
                self.assertEqual(rows, [(of.mrn(number),)])

    def test_pipeline(self):
        with connect(CEDAR) as c, c.pipeline():
            cursors = [c.execute(sql) for sql in QUERIES.values()]
            for cursor in cursors:
                self.assertEqual(marks(cursor.fetchall()), {"CED"})

    def test_counts_are_those_of_the_clinic(self):
        with connect() as c:
            self.assertEqual(c.execute("SELECT count(*) FROM patients").fetchone()[0], PER_CLINIC)
            self.assertEqual(c.execute("SELECT count(*) FROM clinics").fetchone()[0], 1)
            self.assertEqual(c.execute("SELECT count(*) FROM lab_results").fetchone()[0], 2 * PER_CLINIC)

    def test_others_rows_do_not_exist(self):
        number = direct_value(f"SELECT id FROM patients WHERE mrn = '{BIRCH.mrn(1)}'")
        with connect() as c:
            self.assertEqual(c.execute("SELECT * FROM patients WHERE id = %s", (number,)).fetchall(), [])
            self.assertEqual(c.execute("SELECT 1 FROM patients WHERE mrn = %s", (BIRCH.mrn(1),)).fetchall(), [])
            self.assertEqual(c.execute("UPDATE patients SET notes = 'x' WHERE id = %s", (number,)).rowcount, 0)
            self.assertEqual(c.execute("DELETE FROM patients WHERE id = %s", (number,)).rowcount, 0)

    def test_psql(self):
        for sql in QUERIES.values():
            with self.subTest(sql):
                done = world.psql(sql + "\n;")
                self.assertEqual((done.returncode, marks(done.stdout)), (0, {"ALD"}), done.stderr)

    def test_shared_reference_data(self):
        with connect() as c:
            self.assertEqual(c.execute("SELECT count(*) FROM icd10_codes").fetchone()[0], 5)
            with self.refused("42501"):
                c.execute("DELETE FROM icd10_codes")

    def test_functions_the_policy_names_work(self):
        with connect() as c:
            rows = c.execute("SELECT age_in_years(birth_date, date '2026-01-01') FROM patients").fetchall()
            self.assertEqual(len(rows), PER_CLINIC)

    def test_ways_around_are_refused(self):
        for sql in ("SELECT query_to_xml('SELECT * FROM patients', true, true, '')", "SELECT pg_read_file('/etc/passwd')",
                    "SELECT * FROM pg_stats", "SELECT * FROM pg_stat_activity", "SELECT lo_import('/etc/passwd')",
                    "SELECT pg_ls_dir('/')", "SELECT * FROM pg_authid"):
            with self.subTest(sql), connect() as c:
                with self.refused("42501", "0A000", "42P01"):
                    c.execute(sql)
                self.assert_bound(c)


class Writing(Case):
    def setUp(self):
        self.c = connect(autocommit=False)
        self.addCleanup(self.c.close)  # without commit: the tables stay as they were

    def test_statements_without_where_touch_only_the_clinic(self):
        self.assertEqual(self.c.execute("UPDATE patients SET notes = 'seen'").rowcount, PER_CLINIC)
        self.assertEqual(self.c.execute("DELETE FROM lab_results").rowcount, 2 * PER_CLINIC)
        self.assertEqual(self.c.execute("UPDATE appointments a SET status = 'done' FROM patients p WHERE true AND p.id = a.patient_id").rowcount,
                         2 * PER_CLINIC)

    def test_insert_is_given_the_clinic(self):
        row = self.c.execute("INSERT INTO patients (mrn, first_name, last_name, birth_date, ssn) VALUES"
                             " ('ALD-90001', 'Ysolde', 'Brackwyn', '1980-02-03', '900-00-9001') RETURNING clinic_id").fetchone()
        self.assertEqual(str(row[0]), ALDER.tenant_id)

    def test_insert_select_stays_within_the_clinic(self):
        done = self.c.execute("INSERT INTO lab_results (tenant_no, patient_id, test, value)"
                              " SELECT 101, id, 'copy', 1 FROM patients")
        self.assertEqual(done.rowcount, PER_CLINIC)

    def refused_change(self, sql, parameters=None):
        with self.subTest(sql), self.refused("42501"):
            self.c.execute(sql, parameters)
        self.c.rollback()

    def test_rows_of_others_are_not_written(self):
        values = "'ALD-90002', 'Ysolde', 'Brackwyn', '1980-02-03', '900-00-9002'"
        columns = "clinic_id, mrn, first_name, last_name, birth_date, ssn"
        self.refused_change(f"INSERT INTO patients ({columns}) VALUES ('{BIRCH.tenant_id}', {values})")
        self.refused_change(f"INSERT INTO patients ({columns}) VALUES (%s, {values})", (BIRCH.tenant_id,))
        self.refused_change(f"INSERT INTO patients ({columns}) SELECT '{BIRCH.tenant_id}', {values}")
        self.refused_change(f"UPDATE patients SET clinic_id = '{BIRCH.tenant_id}'")
        self.refused_change("UPDATE patients SET clinic_id = %s WHERE id > 0", (BIRCH.tenant_id,))
        self.refused_change(f"INSERT INTO lab_results (tenant_no, patient_id, test, value) VALUES ({BIRCH.tenant_no}, 1, 'x', 1)")

    def test_what_was_committed_is_the_clinics(self):
        before = direct_value("SELECT count(*) FROM appointments")
        with connect(BIRCH) as c:
            patient = c.execute("SELECT min(id) FROM patients").fetchone()[0]
            c.execute("INSERT INTO appointments (patient_id, starts_at, reason) VALUES (%s, now(), 'e2e-visit')", (patient,))
        self.assertEqual(direct_value("SELECT clinic_id::text FROM appointments WHERE reason = 'e2e-visit'"), BIRCH.tenant_id)
        with connect(BIRCH) as c:
            self.assertEqual(c.execute("DELETE FROM appointments WHERE reason = 'e2e-visit'").rowcount, 1)
        self.assertEqual(direct_value("SELECT count(*) FROM appointments"), before)
