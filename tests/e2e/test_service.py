"""Starting, reloading and stopping; what must hold for it to serve at all."""
import os, pathlib, signal

import psycopg

import clinic, world
from throwaway.process import Failed
from world import ALDER, Case, connect, direct_value, here

UPSTREAM_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'pgward_app' AND client_port IS NOT NULL"


class Stopping(Case):
    def test_sigterm_ends_sessions_and_leaves_nothing(self):
        proxy = here().new_proxy().start()
        before = direct_value(UPSTREAM_SESSIONS)
        sessions = [connect(proxy=proxy) for _ in range(3)]
        pid = proxy.process.pid
        self.assertEqual(proxy.stop(), 0)
        for c in sessions:
            with self.refused("57P01", "08", ""):
                c.execute("SELECT 1")
        self.assertFalse(pathlib.Path(f"/proc/{pid}").exists())
        self.assertTrue(world.eventually(lambda: direct_value(UPSTREAM_SESSIONS) <= before))

    def test_a_client_that_leaves_takes_its_server_session_along(self):
        before = direct_value(UPSTREAM_SESSIONS)
        c = connect()
        self.assertGreater(direct_value(UPSTREAM_SESSIONS), 0)
        os.close(c.fileno())  # not a word of good-bye
        self.assertTrue(world.eventually(lambda: direct_value(UPSTREAM_SESSIONS) <= before))


class NotStarting(Case):
    def failing(self, **options):
        proxy = here().new_proxy(**options)
        with self.assertRaises(Failed) as caught:
            proxy.start()
            proxy.stop()
        return str(caught.exception)

    def policy(self, name, old, new):
        path = here().stage.home / name
        path.write_text(clinic.POLICY.read_text().replace(old, new))
        return path

    def test_broken_policy(self):
        text = self.failing(policy=self.policy("s1.yaml", "default: refuse", "default: maybe"))
        self.assertRegex(text, r"s1\.yaml:\d+:\d+")

    def test_protected_table_without_row_level_security(self):
        text = self.failing(policy=self.policy("s2.yaml", "icd10_codes: {shared: read}",
                                               "icd10_codes: {tenant: {column: code, attribute: tenant_id}}"))
        self.assertIn("icd10_codes", text)

    def test_upstream_role_that_bypasses_row_level_security(self):
        text = self.failing(upstream_user="postgres", upstream_password=here().cluster.password)
        self.assertNotIn(here().cluster.password, text)


class Reloading(Case):
    def test_sighup_takes_a_good_policy_and_keeps_the_old_for_a_bad_one(self):
        policy = here().stage.home / "reloaded.yaml"
        policy.write_text(clinic.POLICY.read_text())
        proxy = here().new_proxy(policy=policy).start()
        self.addCleanup(proxy.stop)

        def reload(text):
            policy.write_text(text)
            proxy.process.send_signal(signal.SIGHUP)

        def laboratory():
            with connect(proxy=proxy) as c:
                try:
                    return c.execute("SELECT count(*) FROM lab_results").fetchone()[0] > 0
                except psycopg.Error:
                    return False

        self.assertTrue(laboratory())
        without = clinic.POLICY.read_text().replace("lab_results:", "&x lab_results:")
        reload("version: 9\n" + without)
        line = world.eventually(lambda: "reloaded.yaml:" in proxy.log.read_text())
        self.assertTrue(line, "the mistake was not logged")
        self.assertTrue(laboratory())
        start = clinic.POLICY.read_text().index("  lab_results:")
        end = clinic.POLICY.read_text().index("  icd10_codes:")
        reload(clinic.POLICY.read_text()[:start] + clinic.POLICY.read_text()[end:])
        self.assertTrue(world.eventually(lambda: not laboratory()))
        with connect(ALDER, proxy=proxy) as c:
            self.assert_bound(c)
