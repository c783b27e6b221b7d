"""From a database without walls to one that check has nothing to say about: init, ddl, check --upstream."""
import json, re, subprocess

import psycopg
import yaml

import clinic
from clinic import ALDER, BIRCH
from throwaway import Stage
from throwaway.proxy import new_password
from world import Case, connect, here
from test_tools import pgward

OWN_ROWS = "SELECT count(*), count(*) FILTER (WHERE clinic_id = %s) FROM patients"


class FromBareToWalled(Case):
    """One database for all of it: each step needs the one before."""

    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(Stage())
        cls.cluster = cls.stage.cluster()
        cls.password = new_password()
        clinic.load(cls.cluster, cls.password, 20, rls=False)
        # What a database that has grown has: a partitioned table, an unsafe policy, a forgotten index.
        cls.cluster.run_sql("""
            SET ROLE clinic_owner;
            CREATE TABLE vitals (clinic_id uuid NOT NULL, id bigint, taken date NOT NULL, PRIMARY KEY (id, taken)) PARTITION BY RANGE (taken);
            CREATE TABLE vitals_new PARTITION OF vitals DEFAULT;
            CREATE POLICY everything ON patients USING (true);
            RESET ROLE; GRANT SELECT ON vitals TO pgward_app""", clinic.DATABASE)
        cls.upstream = cls.cluster.conninfo(clinic.DATABASE, clinic.UPSTREAM_USER, cls.password)
        cls.policy = cls.stage.home / "policy.yaml"
        cls.policy.write_text(clinic.POLICY.read_text().replace(
            "  icd10_codes:", "  vitals: {tenant: clinic_id, record: id, phi: [taken]}\n  icd10_codes:"))

    def check(self, *more):
        status, out, err = pgward("check", "--upstream", self.upstream, "--policy", self.policy, "--json", *more)
        self.assertEqual(err, "")
        return status, json.loads(out)

    def codes(self, severity=None):
        return {(f["code"], f.get("object")) for f in self.check()[1]["findings"] if severity in (None, f["severity"])}

    def apply(self, sql):
        done = subprocess.run(["psql", "-X", "-w", "-q", "-v", "ON_ERROR_STOP=1", self.cluster.conninfo(clinic.DATABASE)],
                              input=sql, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def dump(self):
        return re.sub(r"\\(un)?restrict .*", "", subprocess.run(
            ["pg_dump", "-w", "--schema-only", "-d", self.cluster.conninfo(clinic.DATABASE)], capture_output=True, text=True, check=True).stdout)

    def test_1_init_writes_what_loads_and_fits(self):
        status, first, err = pgward("init", "--upstream", self.upstream)
        self.assertEqual(status, 0, err)
        policy = yaml.safe_load(first)
        self.assertEqual(policy["mode"], "predicate")
        self.assertEqual(policy["tables"]["patients"]["tenant"], "clinic_id")
        self.assertEqual(policy["tables"]["patients"]["phi"]["ssn"], "ssn")
        self.assertNotIn("vitals_new", policy["tables"])
        with self.cluster.connect(clinic.DATABASE) as c:  # no value of a row
            for (value,) in c.execute("SELECT unnest(ARRAY[mrn, ssn, last_name]) FROM patients UNION SELECT name FROM clinics"):
                self.assertNotIn(value, first)
        path = self.stage.home / "first.yaml"
        path.write_text(first)
        status, out, err = pgward("check", "--upstream", self.upstream, "--policy", path)
        self.assertEqual(status, 0, out + err)

    def test_2_check_finds_what_is_missing(self):
        status, report = self.check()
        self.assertEqual(status, 1)
        found = self.codes("error")
        for table in ("clinics", "patients", "appointments", "lab_results", "vitals"):
            self.assertIn(("rls-missing", f"public.{table}"), found)
        self.assertIn(("tenant-unindexed", "public.vitals.clinic_id"), self.codes("warning"))
        for finding in report["findings"]:
            self.assertTrue(finding.get("sql") or finding.get("advice"), finding)

    def test_3_ddl_builds_the_walls_and_runs_twice(self):
        status, sql, err = pgward("ddl", "--policy", self.policy, "--upstream", self.upstream)
        self.assertEqual(status, 0, err)
        self.apply(sql)
        self.assertEqual({code for code, _ in self.codes("error")}, set())
        self.assertFalse({c for c, _ in self.codes()} & {"tenant-unindexed", "rls-child-bare", "tenant-nullable", "rls-nullif"})
        before = self.dump()
        self.apply(sql)
        self.assertEqual(self.dump(), before)

    def test_4_the_walls_hold_without_pgward(self):
        """Beside a policy that opens everything, and on a partition that is named directly."""
        with psycopg.connect(self.upstream, autocommit=True) as c:
            self.assertEqual(c.execute(OWN_ROWS, [ALDER.tenant_id]).fetchone(), (0, 0))
            c.execute(f"SET app.tenant_id = '{ALDER.tenant_id}'")
            total, own = c.execute(OWN_ROWS, [ALDER.tenant_id]).fetchone()
            self.assertGreater(own, 0)
            self.assertEqual(total, own)
            with self.assertRaises(psycopg.errors.InsufficientPrivilege):
                c.execute("UPDATE patients SET clinic_id = %s", [BIRCH.tenant_id])
            c.execute("SET app.tenant_id = ''")
            self.assertEqual(c.execute(OWN_ROWS, [ALDER.tenant_id]).fetchone(), (0, 0))

    def test_5_pgward_serves_it_with_both_walls(self):
        proxy = self.stage.proxy(self.cluster, databases=[clinic.DATABASE], policy=self.policy,
                                 upstream_user=clinic.UPSTREAM_USER, upstream_password=self.password)
        for of in (ALDER, BIRCH):
            with connect(of, proxy=proxy) as c:
                self.assert_bound(c, of)
                self.assertEqual(c.execute("SELECT DISTINCT tenant_no FROM lab_results").fetchall(), [(of.tenant_no,)])
                self.assertEqual(c.execute("UPDATE appointments SET status = 'done'").rowcount, 40)
                with self.refused("42501"):
                    c.execute("INSERT INTO appointments (clinic_id, patient_id, starts_at, reason) VALUES (%s, 1, now(), 'x')",
                              ["cccccccc-0000-4000-8000-000000000003"])

    def test_6_every_sql_that_check_gives_ends_its_finding(self):
        for finding in self.check()[1]["findings"]:
            if "sql" in finding:
                self.apply(finding["sql"])
        self.assertEqual([f for f in self.check()[1]["findings"] if "sql" in f], [])


class CheckUpstream(Case):
    def test_exit_statuses(self):
        for arguments, expected in ((["--upstream", "host=/nonexistent"], 2), ([], 2),
                                    (["--upstream", here().cluster.conninfo(clinic.DATABASE)], 0),
                                    (["--upstream", here().cluster.conninfo(clinic.DATABASE), "--policy", "/nonexistent"], 1),
                                    (["--upstream", here().cluster.conninfo(clinic.DATABASE), "--policy", clinic.POLICY], 1),
                                    (["--upstream", here().cluster.conninfo(clinic.DATABASE), "--strict"], 1)):
            with self.subTest(arguments):
                status, out, err = pgward("check", *arguments)
                self.assertEqual(status, expected, out + err)

    def test_roles_that_walk_around_the_walls(self):
        direct = here().cluster.run_sql
        direct("CREATE ROLE tunnel LOGIN PASSWORD 'pw' CREATEROLE; GRANT pg_execute_server_program TO tunnel;"
               "CREATE ROLE over BYPASSRLS; GRANT over TO tunnel", clinic.DATABASE)
        self.addCleanup(direct, "DROP ROLE tunnel; DROP ROLE over", clinic.DATABASE)
        status, out, err = pgward("check", "--json", "--policy", clinic.POLICY, "--upstream",
                                  here().cluster.conninfo(clinic.DATABASE, "tunnel", "pw"))
        self.assertEqual(status, 1, out + err)
        codes = {f["code"] for f in json.loads(out)["findings"] if f["severity"] == "error"}
        self.assertEqual(codes, {"upstream-server-access", "upstream-create-role", "upstream-may-bypass"})

    def test_the_server_log(self):
        direct = here().cluster.run_sql
        direct("CREATE ROLE chatty LOGIN PASSWORD 'pw'; ALTER ROLE chatty SET log_statement = 'all'")
        self.addCleanup(direct, "DROP ROLE chatty")
        out = pgward("check", "--upstream", here().cluster.conninfo(clinic.DATABASE, "chatty", "pw"))[1]
        self.assertIn("log_statement = all", out)
        self.assertIn("ALTER ROLE chatty SET log_statement = 'none'", out)
