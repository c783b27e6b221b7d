"""The server shuts down, crashes, is killed and comes back, with clients in every state: each hears what the server says, nobody
hangs, and new log-ins work as soon as it is there again."""
import os, signal, socket

import clinic, world
from throwaway import Stage
from throwaway.proxy import new_password
from throwaway.wire import Closed, Wire, fields, message
from world import ALDER, Case

ROWS = "SELECT repeat('x', 1000) FROM generate_series(1, 200000)"


class ServerEnds(Case):
    @classmethod
    def setUpClass(cls):
        cls.stage = cls.enterClassContext(Stage())
        cls.cluster = cls.stage.cluster()
        password = new_password()
        clinic.load(cls.cluster, password, 5)
        cls.proxy = cls.stage.new_proxy(cls.cluster, databases=[clinic.DATABASE], policy=clinic.POLICY,
                                        upstream_user=clinic.UPSTREAM_USER, upstream_password=password).start()
        cls.token = cls.proxy.token(ALDER.claims)

    def setUp(self):
        if self.cluster.process.poll() is not None:
            self.cluster.start_again()

    def log_in(self, w):
        return w.log_in("clinician", self.token, clinic.DATABASE)

    def client(self, *statements):
        w = Wire(self.proxy.host, self.proxy.plain_port)
        self.addCleanup(w.socket.close)
        self.assertIsNone(self.log_in(w))
        for sql in statements:
            self.assertNotIn(b"E", [kind for kind, _ in w.query(sql)])
        return w

    def clients(self):
        """One in every state."""
        states = {"idle": self.client(), "transaction": self.client("BEGIN", "SELECT count(*) FROM patients"),
                  "statement": self.client(), "copy out": self.client(), "copy in": self.client("CREATE TEMPORARY TABLE t (a text)")}
        states["copy out"].socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        for state, sql in (("statement", "SELECT pg_sleep(60)"), ("copy out", f"COPY ({ROWS}) TO STDOUT"), ("copy in", "COPY t FROM STDIN")):
            states[state].send(message(b"Q", sql.encode() + b"\0"))
        self.assertEqual(states["copy in"].receive()[0], b"G")
        states["copy in"].send(message(b"d", b"a row\n") + message(b"d", b"half of a")[:9])
        self.assertEqual(states["copy out"].receive()[0], b"H")
        self.assertTrue(world.eventually(lambda: self.busy() == 3))
        return states

    def busy(self):
        with self.cluster.connect() as c:
            return c.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND state = 'active'", [clinic.UPSTREAM_USER]).fetchone()[0]

    def last_words(self, w):
        """SQLSTATEs until the end, which has to come."""
        heard = []
        w.socket.settimeout(30)
        with self.assertRaises(Closed) as end:
            while True:
                kind, body = w.receive()
                if kind in (b"E", b"N"):
                    heard.append(fields(body)["C"])
        self.assertNotIn("timed out", str(end.exception))
        return heard

    def assert_hear(self, states, expected, copy_out=None):
        for state, w in states.items():
            with self.subTest(state):
                # A server that waits for its client to read may end without a word.
                self.assertIn(self.last_words(w), ([expected, []] if state == "copy out" else copy_out or [expected]))

    def assert_back(self):
        """No log-in without the server; and with it again."""
        if self.cluster.process.poll() is None:
            self.cluster.process.wait(30)
        with Wire(self.proxy.host, self.proxy.plain_port) as w:
            self.assertEqual(self.log_in(w)["C"], "08006")
        self.cluster.start_again()
        self.assert_served()

    def assert_served(self):
        def served():
            with Wire(self.proxy.host, self.proxy.plain_port) as w:
                return self.log_in(w) is None and b"D" in [kind for kind, _ in w.query("SELECT count(*) FROM patients")]
        self.assertTrue(world.eventually(served, 30))

    def pid_of(self, w):
        return w.key[0]

    def test_fast_shutdown(self):
        states = self.clients()
        self.cluster.process.send_signal(signal.SIGINT)
        self.assert_hear(states, ["57P01"])
        self.assert_back()

    def test_immediate_shutdown(self):
        states = self.clients()
        self.cluster.process.send_signal(signal.SIGQUIT)
        self.assert_hear(states, ["57P01"])
        self.assert_back()

    def test_smart_shutdown_lets_sessions_end(self):
        w = self.client("BEGIN")
        self.cluster.process.send_signal(signal.SIGTERM)

        def refusal():
            with Wire(self.proxy.host, self.proxy.plain_port) as other:
                return self.log_in(other)
        self.assertTrue(world.eventually(lambda: (refusal() or {}).get("C") == "57P03"))
        self.assertEqual([kind for kind, _ in w.query("SELECT count(*) FROM patients")], [b"T", b"D", b"C", b"Z"])
        w.send(message(b"X"))
        self.assertEqual(self.last_words(w), [])
        self.assert_back()

    def test_terminated_back_ends(self):
        states = self.clients()
        for w in states.values():
            os.kill(self.pid_of(w), signal.SIGTERM)
        self.assert_hear(states, ["57P01"])
        self.assert_served()

    def test_a_killed_back_end_takes_the_others_along(self):
        states, victim = self.clients(), self.client()
        os.kill(self.pid_of(victim), signal.SIGKILL)
        self.assertEqual(self.last_words(victim), [])
        self.assert_hear(states, ["57P02"])
        self.assert_served()

    def test_killed_postmaster(self):
        states = self.clients()
        self.cluster.process.kill()
        self.cluster.process.wait()
        # Some of them notice without a word, those that sleep or are idle at once; a connection never hangs.
        self.assert_hear(states, ["57P01"], copy_out=[["57P01"], []])
        self.assert_back()
