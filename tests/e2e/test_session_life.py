"""How a session ends: with its credential, by idleness, by revocation; and how it goes on under a newer token."""
import json, time

import psycopg

import forge, world
from throwaway.wire import Closed, Wire, fields, message
from world import ALDER, BIRCH, Case, connect, here, token


def short_token(proxy, seconds, of=ALDER, **options):
    """Not from the cache of tokens: each has an id and an end of its own."""
    return proxy.token(of.claims, subject=f"dev@{of.name.lower()}.test", ttl=f"{seconds}s", **options)


def ended(wire, seconds=8):
    """What the session says at its end, unasked, and that it closes."""
    wire.socket.settimeout(seconds)
    said = None
    try:
        while True:
            kind, body = wire.receive()
            if kind == b"E":
                said = fields(body)
    except Closed:
        return said


class Base(Case):
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.proxy = here().new_proxy(base=cls.options).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()

    def session(self, password):
        wire = Wire(self.proxy.host, self.proxy.port, self.proxy.ca)
        self.addCleanup(wire.socket.close)
        self.assertIsNone(wire.log_in("clinician", password, "ehr"))
        return wire


class Life(Base):
    options = {"session": {"idle_timeout": "3s", "expiry_grace": "1s"}}

    def test_an_idle_session_ends_with_its_credential(self):
        said = ended(self.session(short_token(self.proxy, 2)))
        self.assertEqual((said["S"], said["C"]), ("FATAL", "57P01"))

    def test_an_open_transaction_is_rolled_back_at_expiry(self):
        wire = self.session(short_token(self.proxy, 2))
        list(wire.query("BEGIN"))
        list(wire.query("UPDATE patients SET notes = 'expired' WHERE id IN (SELECT min(id) FROM patients)"))
        self.assertEqual(ended(wire)["C"], "57P01")
        self.assertEqual(world.direct_value("SELECT count(*) FROM patients WHERE notes = 'expired'"), 0)

    def test_a_running_statement_is_cancelled_after_the_grace(self):
        wire = self.session(short_token(self.proxy, 2))
        wire.send(message(b"Q", b"SELECT count(*) FROM generate_series(1, 100000000000) g\0"))
        self.assertEqual(ended(wire)["C"], "57P01")
        left = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%100000000000%' AND pid <> pg_backend_pid()"
        self.assertTrue(world.eventually(lambda: world.direct_value(left) == 0))

    def test_a_copy_out_of_the_database_ends_after_the_grace(self):
        wire = self.session(short_token(self.proxy, 2))
        wire.send(message(b"Q", b"COPY (SELECT g FROM generate_series(1, 100000000000) g) TO STDOUT\0"))
        self.assertEqual(ended(wire)["C"], "57P01")
        left = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY %100000000000%' AND pid <> pg_backend_pid()"
        self.assertTrue(world.eventually(lambda: world.direct_value(left) == 0))

    def test_a_copy_into_the_database_that_stalls_is_undone(self):
        wire = self.session(short_token(self.proxy, 2))
        list(wire.query("CREATE TEMPORARY TABLE taken (n int)"))
        wire.send(message(b"Q", b"COPY taken FROM STDIN\0"))
        while wire.receive()[0] != b"G":
            pass
        wire.send(message(b"d", b"1\n"))
        self.assertEqual(ended(wire)["C"], "57P01")
        left = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY taken%' AND pid <> pg_backend_pid()"
        self.assertTrue(world.eventually(lambda: world.direct_value(left) == 0))

    def test_idle_is_told_as_the_server_tells_it(self):
        said = ended(self.session(token(proxy=self.proxy)))
        self.assertEqual((said["S"], said["C"]), ("FATAL", "57P05"))

    def test_idle_in_a_transaction_too(self):
        wire = self.session(token(proxy=self.proxy))
        list(wire.query("BEGIN"))
        self.assertEqual(ended(wire)["C"], "25P03")


class Revocation(Base):
    options = {"revocations": "revocations.jsonl"}

    def revoke(self, *arguments):
        return self.proxy.run("revoke", "--config", self.proxy.config_file, *arguments)

    def test_open_sessions_end_within_a_second_and_the_token_is_worthless(self):
        good, bad = short_token(self.proxy, 300), short_token(self.proxy, 300)
        kept, cut = self.session(good), self.session(bad)
        began = time.monotonic()
        self.revoke("--id", forge.claims_of(bad)["jti"], "--reason", "test")
        said = ended(cut)
        self.assertEqual((said["S"], said["C"]), ("FATAL", "57P01"))
        self.assertLess(time.monotonic() - began, 1.5)  # with what starting the command takes
        self.log_in_refused("28P01", password=bad, proxy=self.proxy)
        self.assertEqual([b for k, b in kept.query("SELECT 1") if k == b"D"], [b"\0\1\0\0\0\1" + b"1"])
        closed = [r for r in world.records(self.proxy.audit, "session.close") if r["reason"] == "credential revoked"]
        self.assertTrue(closed)
        self.assertTrue(world.records(self.proxy.audit, "revocation.list"))

    def test_a_running_statement_does_not_wait(self):
        bad = short_token(self.proxy, 300)
        wire = self.session(bad)
        wire.send(message(b"Q", b"SELECT count(*) FROM generate_series(1, 100000000000) g\0"))
        self.revoke("--id", forge.claims_of(bad)["jti"])
        self.assertEqual(ended(wire)["C"], "57P01")

    def test_a_tenant_can_be_cut_off_and_the_other_goes_on(self):
        alder, birch = self.session(short_token(self.proxy, 300)), self.session(short_token(self.proxy, 300, BIRCH))
        self.revoke("--tenant", f"tenant_id={BIRCH.tenant_id}")
        self.assertEqual(ended(birch)["C"], "57P01")
        self.assertTrue(list(alder.query("SELECT 1")))

    def test_a_line_that_cannot_be_read_lets_nobody_new_in(self):
        proxy = here().new_proxy(base=self.options).start()
        self.addCleanup(proxy.stop)
        file = proxy.home / "revocations.jsonl"
        wire = Wire(proxy.host, proxy.port, proxy.ca)
        self.assertIsNone(wire.log_in("clinician", token(proxy=proxy), "ehr"))
        file.write_text('{"id": "x"}\nrevoke everything\n')

        def state():
            try:
                connect(proxy=proxy).close()
                return "in"
            except psycopg.OperationalError as error:
                return error.sqlstate or str(error)
        self.assertTrue(world.eventually(lambda: "cannot tell which credentials are revoked" in state()))
        self.assertTrue(list(wire.query("SELECT 1")), "who is in goes on")
        file.write_text('{"id": "x"}\n')
        self.assertTrue(world.eventually(lambda: state() == "in"))
        file.unlink()
        self.assertTrue(world.eventually(lambda: "cannot tell which credentials are revoked" in state()))
        wire.socket.close()

    def test_a_mistake_writes_nothing(self):
        with self.assertRaises(Exception):
            self.revoke("--reason", "nothing named")
        with self.assertRaises(Exception):
            self.revoke("--subject", "x", "--before", "yesterday")


class Identity(Base):
    def test_show_says_who_one_is(self):
        with connect(proxy=self.proxy) as c:
            for prepare in (False, True):
                said = json.loads(c.execute("SHOW pgward.identity", prepare=prepare).fetchone()[0])
                self.assertEqual((said["subject"], said["role"]), ("dev@alder.test", "clinician"))
                self.assertEqual(said["tenant"]["tenant_id"], ALDER.tenant_id)
            cursor = c.execute("SHOW pgward.role")
            self.assertEqual((cursor.description[0].name, cursor.statusmessage, cursor.fetchone()), ("pgward.role", "SHOW", ("clinician",)))
            with c.pipeline():
                one, two = c.execute("SHOW pgward.subject"), c.execute("SELECT 7")
                self.assertEqual((one.fetchone(), two.fetchone()), (("dev@alder.test",), (7,)))
            with psycopg.ClientCursor(c) as simple:
                self.assertEqual(simple.execute("show pgward.expires").fetchone()[0][-1], "Z")
            binary = c.execute("SHOW pgward.tenant", binary=True, prepare=True).fetchone()[0]
            self.assertIn(ALDER.tenant_id, str(binary))

    def test_psql_shows_it(self):
        done = world.psql("SHOW pgward.subject;", port=self.proxy.port, sslrootcert=self.proxy.ca, password=token(proxy=self.proxy))
        self.assertEqual(done.stdout.strip(), "dev@alder.test", done.stderr)

    def test_a_newer_token_lets_a_long_job_go_on(self):
        newer = short_token(self.proxy, 600)
        with connect(proxy=self.proxy, password=short_token(self.proxy, 3)) as c:
            first = c.execute("SHOW pgward.expires").fetchone()[0]
            c.execute(f"SET pgward.token = '{newer}'")
            self.assertGreater(c.execute("SHOW pgward.expires").fetchone()[0], first)
            ends = time.monotonic() + 5  # beyond the first one's end
            while time.monotonic() < ends:
                c.execute("SELECT count(*) FROM patients, generate_series(1, 20000)")
            self.assert_bound(c)
        renewed = world.records(self.proxy.audit, "session.renew")
        self.assertEqual(renewed[-1]["cred"]["id"], forge.claims_of(newer)["jti"])

    def test_a_token_of_somebody_else_does_not_renew_and_is_nowhere_to_be_read(self):
        others = {"clinic": short_token(self.proxy, 600, BIRCH), "person": self.proxy.token(ALDER.claims, subject="x@alder.test"),
                  "shorter": short_token(self.proxy, 5), "rubbish": "eyJRubbish.a.b"}
        for name, other in others.items():
            with self.subTest(name), connect(proxy=self.proxy, password=short_token(self.proxy, 60)) as c:
                with self.refused("28000") as caught:
                    c.execute(f"SET pgward.token = '{other}'")
                self.assertNotIn(other, world.all_text(caught.error))
                self.assert_bound(c)
        written = self.proxy.log.read_text() + "".join(p.read_text() for p in self.proxy.audit.glob("*.jsonl"))
        for other in others.values():
            self.assertNotIn(other, written)
