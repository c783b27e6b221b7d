"""Roles without a tenant see every tenant's rows, of what they name and of nothing else, and all of it is recorded."""
import concurrent.futures

import clinic
import world
from throwaway.proxy import policy_with_mode
from world import ALDER, Case

ROLE = """
  reporting:
    may: [select]
    tenant: none
    phi: refuse
    tables: {patients: [id, clinic_id], appointments: without_phi, icd10_codes: without_phi}
"""
MIGRATOR = """
  migrator: {may: [ddl, select], tenant: none, tables: {icd10_codes: without_phi}}
"""
TENANTS = "SELECT clinic_id, count(*) FROM patients GROUP BY clinic_id"
REFUSED = ["SELECT ssn FROM patients", "SELECT * FROM patients", "SELECT 1 FROM patients WHERE mrn LIKE 'A%'", "TABLE patients",
           "SELECT p FROM patients p", "SELECT reason FROM appointments", "SELECT 1 FROM lab_results", "SELECT 1 FROM booked_appointments",
           "INSERT INTO patients DEFAULT VALUES", "UPDATE appointments SET status = 'x'", "DELETE FROM appointments",
           "COPY patients TO STDOUT", "SET pgward.role = 'clinician'", "SET app.tenant_id = 'x'", "RESET pgward.role"]


class Unbound(Case):
    @classmethod
    def setUpClass(cls):
        cls.proxies = {}
        for mode in ("rls+predicate", "predicate"):
            policy = policy_with_mode(clinic.POLICY, mode, world.here().stage.home)
            policy.write_text(policy.read_text() + ROLE + MIGRATOR)
            proxy = cls.proxies[mode] = world.here().new_proxy(policy=policy).start()
            cls.addClassCleanup(proxy.stop)

    def token(self, proxy, claims=None, role="reporting"):
        return proxy.token(claims or {}, role=role, subject="report@example.test")

    def connect(self, proxy):
        return world.connect(proxy=proxy, role="reporting", password=self.token(proxy))

    def test_sees_every_tenant_where_the_database_lets_it(self):
        with self.connect(self.proxies["predicate"]) as c:
            # This database has walls all the same: nobody opened them for this role.
            self.assertEqual(c.execute(TENANTS).fetchall(), [])
        with world.direct() as direct:
            for table in ("patients", "appointments"):
                direct.execute(f"CREATE POLICY pgward_role_reporting ON {table} FOR SELECT USING (current_setting('pgward.role', true) = 'reporting')")
                self.addCleanup(world.here().cluster.run_sql, f"DROP POLICY pgward_role_reporting ON {table}", clinic.DATABASE)
        for mode, proxy in self.proxies.items():
            with self.subTest(mode), self.connect(proxy) as c:
                self.assertEqual(dict(c.execute(TENANTS).fetchall()).keys(), dict(world.direct().execute(TENANTS).fetchall()).keys())
                self.assertEqual(c.execute("SELECT count(*) FROM icd10_codes").fetchone(), (5,))
                with self.assertRaises(Exception):
                    c.execute("SELECT reason FROM appointments")
            # The policy opens it to that role alone.
            with self.subTest(mode), world.connect(ALDER, proxy=proxy) as c:
                self.assert_bound(c)
                self.assertEqual(c.execute("SELECT count(DISTINCT clinic_id) FROM appointments").fetchone(), (1,))

    def test_recorded_as_nobodys(self):
        proxy = self.proxies["rls+predicate"]
        sql = "SELECT count(*) FROM icd10_codes"
        with self.connect(proxy) as c:
            c.execute(sql)
        records = world.recorded(sql, proxy.audit)
        self.assertEqual([(r["tenant"], r["actor"]["role"]) for r in records], [("none", "reporting")])
        self.assertEqual(records[0]["tables"][0]["table"], "public.icd10_codes")

    def test_what_it_does_not_name_is_refused(self):
        for proxy in self.proxies.values():
            with self.connect(proxy) as c:
                for sql in REFUSED:
                    with self.subTest(sql), self.refused("42501"):
                        c.execute(sql)

    def test_a_credential_of_a_tenant_is_not_one_of_this_role(self):
        for proxy in self.proxies.values():
            for claims in (ALDER.claims, {"tenant_no": 101}):
                with world.wire(port=proxy.port) as w:
                    error = w.log_in("reporting", self.token(proxy, claims), clinic.DATABASE)
                self.assertEqual(error.get("C"), "28000" if error.get("C") == "28000" else "28P01", error)
            with world.wire(port=proxy.port) as w:
                self.assertIsNotNone(w.log_in("clinician", self.token(proxy, role="clinician"), clinic.DATABASE))

    def run_sql(self, sql, undone_by):
        world.here().cluster.run_sql(sql, clinic.DATABASE)
        self.addCleanup(world.here().cluster.run_sql, undone_by, clinic.DATABASE)

    def test_after_a_failed_reading_whoever_changed_the_schema_waits(self):
        proxy, user = self.proxies["rls+predicate"], clinic.UPSTREAM_USER
        self.run_sql(f"GRANT CREATE ON SCHEMA public TO {user}", f"REVOKE CREATE ON SCHEMA public FROM {user}")
        failed = lambda: proxy.log.read_text().count("too many connections")  # noqa: E731
        with world.connect(proxy=proxy, role="migrator", password=self.token(proxy, role="migrator")) as c:
            c.execute("CREATE TABLE visit_places (id int)")
            self.addCleanup(world.here().cluster.run_sql, "DROP TABLE IF EXISTS visit_places", clinic.DATABASE)
            with self.refused("42501"):
                c.execute("SELECT id FROM visit_places")
            self.run_sql(f"ALTER ROLE {user} CONNECTION LIMIT 0", f"ALTER ROLE {user} CONNECTION LIMIT -1")
            c.execute("DROP TABLE visit_places")
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                answer = pool.submit(c.execute, "SELECT id FROM visit_places")
                try:
                    self.assertTrue(world.eventually(lambda: failed() >= 2, seconds=20))
                    self.assertFalse(answer.done())
                finally:
                    world.here().cluster.run_sql(f"ALTER ROLE {user} CONNECTION LIMIT -1", clinic.DATABASE)
                self.assertEqual(getattr(answer.exception(timeout=20), "sqlstate", None), "42P01")

    def test_ddl_is_known_to_the_next_statement(self):
        """The role of the database owns what it makes; in the sample the tables are somebody else's."""
        proxy, user = self.proxies["rls+predicate"], clinic.UPSTREAM_USER
        self.run_sql(f"GRANT CREATE ON SCHEMA public TO {user}", f"REVOKE CREATE ON SCHEMA public FROM {user}")
        create = "CREATE TABLE visit_kinds (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL CHECK (name <> ''))"
        with world.connect(proxy=proxy, role="migrator", password=self.token(proxy, role="migrator")) as c:
            c.execute(create)
            self.addCleanup(world.here().cluster.run_sql, "DROP TABLE IF EXISTS visit_kinds", clinic.DATABASE)
            # In the catalog, so the answer is the policy's: before it would be "unknown" (42P01).
            with self.refused("42501"):
                c.execute("SELECT name FROM visit_kinds")
            for sql in ("CREATE INDEX CONCURRENTLY ON visit_kinds (lower(name))", "ALTER TABLE visit_kinds ADD COLUMN place int DEFAULT 1",
                        "COMMENT ON TABLE visit_kinds IS 'kinds'", "BEGIN", "ALTER TABLE visit_kinds RENAME place TO rank", "ROLLBACK", "DROP TABLE visit_kinds"):
                c.execute(sql)
            for sql in ("SELECT 1 FROM patients", "CREATE TABLE x AS SELECT 1", "ALTER TABLE patients DISABLE ROW LEVEL SECURITY",
                        "CREATE EXTENSION dblink", "ALTER TABLE patients ADD CHECK (ssn <> 'x')"):
                with self.subTest(sql), self.refused("42501"):
                    c.execute(sql)
        self.assertEqual([(r["op"], r["tenant"]) for r in world.recorded(create, proxy.audit)], [("DDL", "none")])
