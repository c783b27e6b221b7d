"""What pgward knows of the database, and how soon it knows better."""
import os, pathlib, subprocess

import psycopg

import clinic, world
from throwaway.proxy import binary
from world import Case, connect, direct, here


class Reader(Case):
    def test_against_a_real_server(self):
        """The program skips itself without a server; here is one."""
        program = pathlib.Path(binary()).resolve().parents[1] / "tests/proxy/catalog_reader_test"
        if not program.exists():
            self.skipTest(f"{program} is not built")
        env = {k: v for k, v in os.environ.items() if k != "GTEST_OUTPUT"}
        done = subprocess.run([program], capture_output=True, text=True, timeout=180,
                              env=env | {"PGWARD_TEST_UPSTREAM": here().cluster.conninfo(clinic.DATABASE)})
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        self.assertNotIn("SKIPPED", done.stdout)


class Freshness(Case):
    """The interval is a day here: whatever is seen was not seen because of it."""

    def setUp(self):
        self.proxy = here().new_proxy(base={"catalog_refresh": "1d"}).start()
        self.addCleanup(self.proxy.stop)

    def test_a_missing_name_makes_it_look_again(self):
        with connect(proxy=self.proxy) as c, direct() as d:
            c.execute("SELECT count(*) FROM booked_appointments")
            d.execute("CREATE VIEW late_appointments AS SELECT * FROM booked_appointments")
            self.addCleanup(lambda: direct().execute("DROP VIEW late_appointments"))
            with self.refused("42P01"):
                c.execute("SELECT * FROM late_appointments")

            def known_and_still_refused():
                try:
                    c.execute("SELECT * FROM late_appointments")
                except psycopg.Error as error:
                    return error.sqlstate == "42501"  # in the catalog now, not in the policy

            self.assertTrue(world.eventually(known_and_still_refused, seconds=20))

    def test_a_wall_that_is_taken_down_stops_it(self):
        with connect(proxy=self.proxy) as c, direct() as d:
            c.execute("SELECT count(*) FROM patients", prepare=True)
            self.addCleanup(lambda: direct().execute("ALTER TABLE patients ENABLE ROW LEVEL SECURITY"))
            d.execute("ALTER TABLE patients DISABLE ROW LEVEL SECURITY")
            with self.refused("42P01"):
                c.execute("SELECT * FROM no_such_table")  # the next look is soon

            def refused():
                try:
                    c.execute("SELECT count(*) FROM patients", prepare=True)
                except psycopg.Error as error:
                    return error.sqlstate in ("57P03", "26000")

            self.assertTrue(world.eventually(refused, seconds=20))
