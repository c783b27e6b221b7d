"""Without row-level security in the database (mode: predicate), no error tells whether another clinic has a value."""
import psycopg

import clinic
import world
from throwaway import Stage
from throwaway.proxy import new_password, policy_with_mode
from world import ALDER, BIRCH, Case

ROWS = 2000

# Each fails when it is tried on a row with that value. {b}: whether this row has it; {w}: the value but for its end.
PROBES = {
    "division": "SELECT count(*) FROM patients p WHERE 1 / (CASE WHEN {b} THEN 0 ELSE 1 END) = 1",
    "after a cheap condition": "SELECT count(*) FROM patients p WHERE {b} AND 1 / (length(p.ssn) - length(p.ssn)) = 1",
    "cast": "SELECT count(*) FROM patients p WHERE {b} AND p.ssn::int > 0",
    "cast to boolean": "SELECT count(*) FROM patients p WHERE {b} AND p.ssn::boolean",
    "privilege": "SELECT count(*) FROM patients p WHERE {b} AND has_table_privilege(p.ssn, 'select')",
    "setting": "SELECT count(*) FROM patients p WHERE current_setting(CASE WHEN {b} THEN p.ssn ELSE 'port' END) IS NULL",
    "call beside a NULL test": "SELECT count(*) FROM patients p WHERE {b} AND (p.mrn IS NULL OR has_table_privilege('nosuch', 'select'))",
    "pattern": "SELECT count(*) FROM patients p WHERE p.ssn LIKE '%{w}\\'",
    "planner's statistics": "SELECT count(*) FROM patients p WHERE p.ssn > '0' AND p.ssn ~~ '%{w}\\'",
    "unknown zone": "SELECT count(*) FROM patients p WHERE {b} AND now() AT TIME ZONE p.ssn IS NULL",
    "more than one row": "SELECT count(*) FROM patients p WHERE {b} AND 'x' = (SELECT code FROM icd10_codes WHERE p.ssn <> '')",
    "ON": "SELECT count(*) FROM icd10_codes c JOIN patients p ON {b} AND p.ssn::int = length(c.code)",
    "outer ON": "SELECT count(p.id) FROM icd10_codes c LEFT JOIN patients p ON {b} AND p.ssn::int > 0",
    "above an outer join": "SELECT count(*) FROM icd10_codes c LEFT JOIN patients p ON true WHERE {b} AND p.ssn::int > 0",
    "full join": "SELECT count(*) FROM appointments a FULL JOIN patients p ON a.patient_id = p.id WHERE {b} AND p.ssn::int > 0",
    "sub-select": "SELECT count(*) FROM (SELECT ssn, ssn AS other FROM patients) p WHERE {b} AND p.other::int > 0",
    "computed in a sub-select": "SELECT count(*) FROM (SELECT ssn, 1 / (CASE WHEN {b} THEN 0 ELSE 1 END) AS n FROM patients p) p WHERE n = 1",
    "nested": "SELECT count(*) FROM (SELECT * FROM (SELECT ssn FROM patients) a) p WHERE {b} AND p.ssn::int > 0",
    "WITH": "WITH p AS (SELECT ssn FROM patients) SELECT count(*) FROM p WHERE {b} AND p.ssn::int > 0",
    "UNION": "SELECT count(*) FROM (SELECT ssn FROM patients UNION ALL SELECT code FROM icd10_codes) p WHERE {b} AND p.ssn::int > 0",
    "HAVING": "SELECT p.ssn FROM patients p GROUP BY p.ssn HAVING {b} AND p.ssn::int > 0",
    "grouped sub-select": "SELECT count(*) FROM (SELECT ssn, count(*) FROM patients GROUP BY ssn) p WHERE {b} AND p.ssn::int > 0",
    "LATERAL": "SELECT count(*) FROM patients p, LATERAL (SELECT p.ssn::int AS n) x WHERE {b} AND x.n > 0",
    "EXISTS": "SELECT count(*) FROM icd10_codes c WHERE EXISTS (SELECT FROM patients p WHERE {b} AND p.ssn::int = length(c.code))",
    "outer column in EXISTS": "SELECT count(*) FROM patients p WHERE {b} AND EXISTS (SELECT FROM generate_series(1, p.ssn::int))",
    "outer column under OR": "SELECT count(*) FROM patients p WHERE {b} AND (EXISTS (SELECT FROM icd10_codes c WHERE c.code = p.ssn OR p.ssn::int > 0) OR p.id < 0)",
    "IN": "SELECT count(*) FROM patients p WHERE {b} AND p.id IN (SELECT p.ssn::int FROM icd10_codes)",
    "view": "SELECT count(*) FROM booked_appointments p WHERE p.id = {id} AND p.reason::int > 0",
    "UPDATE": "UPDATE patients p SET notes = notes WHERE {b} AND p.ssn::int > 0",
    "UPDATE FROM": "UPDATE appointments a SET status = status FROM patients p WHERE {b} AND p.ssn::int = a.id",
    "DELETE": "DELETE FROM lab_results l USING patients p WHERE l.patient_id = p.id AND {b} AND p.ssn::int = 1",
    "INSERT SELECT": "INSERT INTO lab_results (patient_id, test, value) SELECT p.id, 'x', 1 FROM patients p WHERE {b} AND p.ssn::int > 0",
    "MERGE": "MERGE INTO patients p USING icd10_codes c ON {b} AND p.ssn::int = length(c.code) WHEN MATCHED THEN DO NOTHING",
    "COPY": "COPY (SELECT 1 FROM patients p WHERE {b} AND p.ssn::int > 0) TO STDOUT",
    "EXISTS without FROM": "SELECT count(*) FROM patients p WHERE {b} AND EXISTS (SELECT 1 WHERE p.ssn::int > 0)",
    "scalar without FROM": "SELECT count(*) FROM patients p WHERE {b} AND (SELECT p.ssn::int) > 0",
    "without FROM under OR": "SELECT count(*) FROM patients p WHERE {b} AND (p.id < 0 OR (SELECT true WHERE p.ssn::int > 0))",
    "ON between functions": "SELECT count(*) FROM patients p WHERE {b} AND EXISTS (SELECT FROM generate_series(1, 2) g JOIN generate_series(1, 2) h ON p.ssn::int = g)",
    "function in FROM": "SELECT count(*) FROM patients p, generate_series(1, (CASE WHEN {b} THEN p.ssn ELSE '1' END)::int) g WHERE {b}",
    "join in parentheses": "SELECT count(*) FROM ((SELECT 1) one CROSS JOIN patients p) WHERE {b} AND p.ssn::int > 0",
    "USING": "SELECT count(*) FROM (SELECT p.ssn::int AS n FROM patients p WHERE {b}) a JOIN (SELECT 1 AS n) b USING (n)",
    "recursion": "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, patients p WHERE {b} AND p.ssn::int > 0 AND n < 3) SELECT count(*) FROM r",
    "aggregate": "SELECT sum(p.ssn::int) FROM patients p WHERE {b}",
    "FILTER": "SELECT count(*) FILTER (WHERE p.ssn::int > 0) FROM patients p WHERE {b}",
    "window": "SELECT sum(p.ssn::int) OVER () FROM patients p WHERE {b}",
    "ORDER BY": "SELECT count(*) FROM (SELECT 1 FROM patients p WHERE {b} ORDER BY p.ssn::int LIMIT 9) x",
    "DISTINCT": "SELECT count(*) FROM (SELECT DISTINCT p.ssn::int FROM patients p WHERE {b}) x",
    "GROUP BY": "SELECT p.ssn::int, count(*) FROM patients p WHERE {b} GROUP BY 1",
    "set in the output": "SELECT generate_series(1, p.ssn::int) FROM patients p WHERE {b}",
    "RETURNING": "UPDATE patients p SET notes = notes WHERE {b} RETURNING p.ssn::int",
    "SET": "UPDATE patients p SET last_name = (p.ssn::int)::text WHERE {b}",
}
# What a client may tell the planner.
WAYS = ["", "enable_hashjoin = off; SET enable_mergejoin = off", "enable_nestloop = off", "enable_seqscan = off",
        "join_collapse_limit = 1; SET from_collapse_limit = 1", "cpu_operator_cost = 1000"]


class Fences(Case):
    @classmethod
    def setUpClass(cls):
        stage = cls.enterClassContext(Stage())
        cls.cluster = stage.cluster()
        password = new_password()
        clinic.load(cls.cluster, password, ROWS, rls=False)
        policy = policy_with_mode(clinic.POLICY, "predicate", stage.home)
        cls.proxy = stage.proxy(cls.cluster, databases=[clinic.DATABASE], policy=policy,
                                upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
        with cls.direct() as c:
            cls.foreign, cls.foreign_appointment = c.execute(
                "SELECT p.ssn, max(b.id) FROM patients p JOIN booked_appointments b ON b.patient_id = p.id "
                f"WHERE p.clinic_id = '{BIRCH.tenant_id}' GROUP BY 1 ORDER BY 1 LIMIT 1").fetchone()

    @classmethod
    def direct(cls):
        return cls.cluster.connect(clinic.DATABASE)

    def answer(self, connection, probe, value, appointment):
        sql = PROBES[probe].format(b=f"p.ssn = '{value}'", w=value[:-1], id=appointment)
        try:
            with connection.transaction(force_rollback=True):
                if sql.startswith("COPY"):
                    with connection.cursor().copy(sql) as copy:
                        return list(copy)
                cursor = connection.execute(sql)
                return cursor.fetchall() if cursor.description else cursor.rowcount
        except psycopg.Error as error:
            return error.sqlstate

    def test_probes_answer_alike_whether_the_value_is_there_or_not(self):
        for way in WAYS:
            with world.connect(ALDER, proxy=self.proxy) as c:
                if way:
                    c.execute(f"SET {way}")
                for probe in PROBES:
                    with self.subTest(probe, way=way):
                        there = self.answer(c, probe, self.foreign, self.foreign_appointment)
                        self.assertEqual(there, self.answer(c, probe, "000-00-0000", 0))
                        self.assertNotIsInstance(there, str)

    def test_the_probes_can_tell(self):
        """Without pgward they fail on the row, so that the test above means something."""
        with self.direct() as c:
            for probe in PROBES:
                with self.subTest(probe):
                    self.assertIsInstance(self.answer(c, probe, self.foreign, self.foreign_appointment), str)

    def test_a_clinic_still_meets_the_errors_of_its_own_rows(self):
        with self.direct() as c:
            own = c.execute(f"SELECT ssn FROM patients WHERE clinic_id = '{ALDER.tenant_id}'").fetchone()[0]
        with world.connect(ALDER, proxy=self.proxy) as c:
            for probe in ("division", "cast", "ON", "sub-select", "WITH", "UPDATE"):
                with self.subTest(probe):
                    self.assertIsInstance(self.answer(c, probe, own, 0), str)

    def test_conditions_beside_a_fence_keep_their_index(self):
        own = f"clinic_id OPERATOR(pg_catalog.=) '{ALDER.tenant_id}'::pg_catalog.uuid"
        fence = f"CASE WHEN {own} THEN (lower(first_name) = 'x') ELSE false END"
        with self.direct() as c:
            c.execute("SET enable_seqscan = off")
            for condition, index in (("ssn = '914-10-0001'", "patients_ssn_key"), ("id = 5", "patients_pkey"),
                                     ("last_name >= 'Q' AND last_name < 'R'", "patients_clinic_id_last_name_idx")):
                plan = "\n".join(row[0] for row in c.execute(
                    f"EXPLAIN SELECT 1 FROM patients WHERE {own} AND ({condition} AND {fence})"))
                self.assertIn(index, plan)
                self.assertIn("Index Cond", plan)
