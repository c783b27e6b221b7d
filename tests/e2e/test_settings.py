"""The tenant settings, and whatever else the second wall stands on, cannot be moved by a session."""
from world import ALDER, BIRCH, Case, connect

ATTEMPTS = [
    f"SET app.tenant_id = '{BIRCH.tenant_id}'",
    f"SET LOCAL app.tenant_id = '{BIRCH.tenant_id}'",
    f"SET SESSION \"app\".\"tenant_id\" TO '{BIRCH.tenant_id}'",
    f"SET APP.TENANT_ID = '{BIRCH.tenant_id}'",
    "SET app.tenant_no = 102",
    "SET app.tenant_id TO DEFAULT",
    "RESET app.tenant_id",
    f"SELECT set_config('app.tenant_id', '{BIRCH.tenant_id}', false)",
    f"SELECT pg_catalog.set_config('app.' || 'tenant_id', '{BIRCH.tenant_id}', true) FROM patients",
    f"SELECT * FROM (SELECT set_config('app.tenant_id', '{BIRCH.tenant_id}', false)) q",
    f"UPDATE patients SET notes = set_config('app.tenant_id', '{BIRCH.tenant_id}', false)",
    f"DO $$ BEGIN PERFORM set_config('app.tenant_id', '{BIRCH.tenant_id}', false); END $$",
    f"ALTER ROLE pgward_app SET app.tenant_id = '{BIRCH.tenant_id}'",
    f"ALTER DATABASE ehr SET app.tenant_id = '{BIRCH.tenant_id}'",
    f"CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql SET app.tenant_id = '{BIRCH.tenant_id}' AS 'SELECT 1'",
    "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "SET row_security = off",
    "SET session_replication_role = replica", "SET standard_conforming_strings = off",
    "SET client_encoding = 'SJIS'", "UPDATE pg_settings SET setting = 'x' WHERE name = 'app.tenant_id'",
]


class Locked(Case):
    def test_every_attempt_is_refused_and_the_session_stays_bound(self):
        with connect() as c:
            for sql in ATTEMPTS:
                for binary in (False, True):  # simple and extended protocol
                    with self.subTest(sql, extended=binary):
                        with self.refused("42501", "0A000", "42P01"):
                            c.cursor(binary=binary).execute(sql)
                        self.assert_bound(c)

    def test_a_bound_parameter_is_no_way_in(self):
        with connect() as c:
            with self.refused("42501", "0A000"):
                c.execute("SELECT set_config(%s, %s, false)", ("app.tenant_id", BIRCH.tenant_id))
            self.assert_bound(c)

    def test_an_attempt_between_statements_stops_the_string(self):
        with connect() as c:
            with self.refused("42501", "0A000"):
                c.execute(f"SELECT 1; SET app.tenant_id = '{BIRCH.tenant_id}'; SELECT mrn FROM patients")
            self.assert_bound(c)


class Resets(Case):
    def test_discard_and_reset_all_keep_the_binding(self):
        with connect() as c:
            for sql in ("RESET ALL", "RESET ROLE; RESET ALL", "SET SESSION AUTHORIZATION DEFAULT; RESET ALL", "DISCARD ALL", "RESET ALL; SELECT 1", "BEGIN; RESET ALL; COMMIT"):
                with self.subTest(sql):
                    c.execute("SET statement_timeout = '7s'")
                    c.execute(sql)
                    self.assertEqual(c.execute("SHOW statement_timeout").fetchone()[0], "0")
                    self.assert_bound(c)

    def test_harmless_settings_work(self):
        with connect() as c:
            for name, value in (("statement_timeout", "9s"), ("application_name", "reports"), ("DateStyle", "German, DMY"),
                                ("TimeZone", "Europe/Oslo"), ("work_mem", "8MB"), ("search_path", "public")):
                with self.subTest(name):
                    c.execute(f"SET {name} = {value!r}")
                    self.assertEqual(c.execute(f"SHOW {name}").fetchone()[0].replace('"', ""), value)
            self.assert_bound(c)

    def test_search_path_cannot_hide_a_table(self):
        with connect() as c:
            c.execute("SET search_path = pg_catalog")
            with self.refused("42P01", "42501"):
                c.execute("SELECT mrn FROM patients")
            self.assertEqual({m[:3] for m, in c.execute("SELECT mrn FROM public.patients")}, {ALDER.mark})
