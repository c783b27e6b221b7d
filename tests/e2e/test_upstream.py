"""How pgward logs in at the server: by certificate, and as another user for a role that has one."""
import os, shutil, subprocess, threading

import psycopg, yaml

import clinic, world
from throwaway import Stage, certificates
from throwaway.process import Failed
from throwaway.proxy import binary, new_password
from world import ALDER, BIRCH, Case, connect, token

READING, VARIABLE = "pgward_reading", "PGWARD_TEST_READING_PASSWORD"


class Upstream(Case):
    """clinician: the usual user, who has nothing but a certificate. reader: a user of its own, whose password is in the environment."""

    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(Stage())
        cls.cluster = cls.stage.cluster()
        cls.password = new_password()
        clinic.load(cls.cluster, new_password(), 20)
        cls.cluster.run_sql(f"CREATE ROLE {READING} LOGIN PASSWORD '{cls.password}'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READING}",
                            clinic.DATABASE)
        cls.ask_for_certificates()
        cls.proxy = cls.new_proxy().start(env=os.environ | {VARIABLE: cls.password})

    @classmethod
    def ask_for_certificates(cls):
        authority = cls.cluster.data / "clients-ca.crt"
        shutil.copy(cls.stage.home / "ca.crt", authority)
        shutil.chown(authority, cls.cluster.owner, cls.cluster.owner)
        hba = cls.cluster.data / "pg_hba.conf"
        hba.write_text(f"hostssl all {clinic.UPSTREAM_USER},pgward_by_cert all cert\n{hba.read_text()}")
        cls.cluster.run_sql(f"ALTER SYSTEM SET ssl_ca_file = '{authority}'")
        cls.cluster.run_sql("SELECT pg_reload_conf()")

    @classmethod
    def new_proxy(cls, policy=clinic.POLICY, **change):
        proxy = cls.stage.new_proxy(cls.cluster, databases=[clinic.DATABASE], policy=policy, upstream_user=clinic.UPSTREAM_USER, upstream_password="")
        certificates.make_client_certificate(proxy.home, clinic.UPSTREAM_USER, "")
        upstream = {k: v for k, v in proxy.config["upstream"].items() if k != "password_file"}
        upstream |= {"certificate": f"{clinic.UPSTREAM_USER}.crt", "key": f"{clinic.UPSTREAM_USER}.key",
                     "roles": {"reader": {"user": READING, "password_env": VARIABLE}}} | change
        proxy.write_config(proxy.config | {"upstream": upstream})
        return proxy

    def user_of(self, connection):
        pid = connection.info.backend_pid
        with self.cluster.connect(clinic.DATABASE) as direct:
            return direct.execute("SELECT usename, client_dn FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE pid = %s", [pid]).fetchone()

    def test_each_role_is_who_the_configuration_says(self):
        with connect(proxy=self.proxy) as clinician, connect(role="reader", proxy=self.proxy) as reader:
            self.assertEqual(self.user_of(clinician), (clinic.UPSTREAM_USER, f"/CN={clinic.UPSTREAM_USER}"))
            self.assertEqual(self.user_of(reader), (READING, None))
            for c in (clinician, reader):
                self.assert_bound(c)
        users = {r["actor"]["role"]: r["db"]["user"] for r in world.records(self.proxy.audit, "session.open")}
        self.assertEqual(users, {"clinician": clinic.UPSTREAM_USER, "reader": READING})

    def test_the_database_holds_what_a_users_own_privileges_are(self):
        policy = yaml.safe_load(clinic.POLICY.read_text())
        policy["roles"]["reader"]["may"].append("update")
        file = self.stage.home / "wider.yaml"
        file.write_text(yaml.safe_dump(policy, sort_keys=False))
        proxy = self.new_proxy(policy=file).start(env=os.environ | {VARIABLE: self.password})
        self.addCleanup(proxy.stop)
        with connect(role="reader", proxy=proxy) as c, self.refused("42501"):
            c.execute("UPDATE patients SET notes = 'x'")
        with connect(proxy=proxy) as c:
            c.execute("UPDATE patients SET notes = 'x'")

    def test_cancel_works_for_both(self):
        for role in ("clinician", "reader"):
            with self.subTest(role), connect(role=role, proxy=self.proxy) as c:
                c.execute("SELECT 1")
                timer = threading.Timer(0.2, c.cancel)
                timer.start()
                with self.refused("57014"):
                    c.execute("SELECT count(*) FROM generate_series(1, 100000000000) g")
                timer.join()

    def test_check_looks_at_each_of_them(self):
        def check():
            return subprocess.run([binary(), "check", "--config", self.proxy.config_file], env=os.environ | {VARIABLE: self.password},
                                  capture_output=True, text=True, timeout=60)
        self.assertEqual(check().returncode, 0, check().stdout)
        self.cluster.run_sql(f"ALTER ROLE {READING} BYPASSRLS")
        self.addCleanup(self.cluster.run_sql, f"ALTER ROLE {READING} NOBYPASSRLS")
        done = check()
        self.assertEqual(done.returncode, 1)
        self.assertIn(READING, done.stdout)

    def test_check_looks_behind_the_role_that_a_log_in_is_given(self):
        def check():
            return subprocess.run([binary(), "check", "--config", self.proxy.config_file], env=os.environ | {VARIABLE: self.password},
                                  capture_output=True, text=True, timeout=60).stdout
        self.cluster.run_sql(f"CREATE ROLE pgward_worker; GRANT pgward_worker TO {READING}; ALTER ROLE {READING} SET role = pgward_worker")
        self.addCleanup(self.cluster.run_sql, f"ALTER ROLE {READING} RESET role; DROP ROLE pgward_worker")
        self.assertNotIn("upstream-bypasses-rls", check())
        self.cluster.run_sql(f"ALTER ROLE {READING} BYPASSRLS")
        self.addCleanup(self.cluster.run_sql, f"ALTER ROLE {READING} NOBYPASSRLS")
        self.assertIn("upstream-bypasses-rls", check())

    def test_nobody_is_served_under_a_log_in_that_fails(self):
        for name, change in {"no certificate": {"certificate": None, "key": None}, "of somebody else": {"user": "pgward_by_cert"}}.items():
            with self.subTest(name):
                proxy = self.new_proxy()
                upstream = {k: v for k, v in (proxy.config["upstream"] | change).items() if v is not None}
                proxy.write_config(proxy.config | {"upstream": upstream})
                proxy.start(env=os.environ | {VARIABLE: self.password})
                self.addCleanup(proxy.stop)
                with self.assertRaisesRegex(psycopg.OperationalError, "not served"):
                    connect(proxy=proxy)
                connect(role="reader", proxy=proxy).close()

    def test_mistakes_are_told_with_their_place(self):
        rows = {"no role reeder": {"roles": {"reeder": {"user": READING}}}, "go together": {"key": None},
                "exclude each other": {"password_env": "X", "password_file": "pgward_app.key"},
                "does not exist": {"roles": {"reader": {"user": READING, "password_file": "nowhere"}}},
                "needs the key 'user'": {"roles": {"reader": {}}}}
        for wrong, change in rows.items():
            proxy = self.new_proxy()
            proxy.write_config(proxy.config | {"upstream": {k: v for k, v in (proxy.config["upstream"] | change).items() if v is not None}})
            with self.subTest(wrong), self.assertRaisesRegex(Failed, "pgward.yaml:.*" + wrong):
                proxy.run("check", "--config", proxy.config_file, "--offline")

    def test_a_password_is_gone_from_the_environment(self):
        with open(f"/proc/{self.proxy.process.pid}/environ", "rb") as f:
            text = f.read()
        self.assertNotIn(self.password.encode(), text)
        with open(f"/proc/{self.proxy.process.pid}/cmdline", "rb") as f:
            self.assertNotIn(self.password.encode(), f.read())
        self.proxy.process.send_signal(1)  # it is read again at a reload: from memory
        self.assertTrue(world.eventually(lambda: "reloading" in self.proxy.log.read_text()))
        connect(role="reader", proxy=self.proxy).close()

    def test_without_its_password_it_does_not_start(self):
        proxy = self.new_proxy()
        with self.assertRaisesRegex(Failed, "password cannot be read"):
            proxy.start(env={k: v for k, v in os.environ.items() if k != VARIABLE})
