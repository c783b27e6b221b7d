"""Cancel requests reach the statement they are meant for, and no other."""
import struct, threading

import psycopg

import world
from throwaway.wire import Closed, Wire, fields, message
from world import BIRCH, Case, connect, here

LONG = "SELECT count(*) FROM generate_series(1, 2000000000) AS {}"


def at_work(name):
    return world.direct_value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                              f" AND query LIKE '%AS {name}'") == 1


def cancel(port, process, key):
    """Comes back when the other side has dealt with it: the answer to a cancel request is the end of the stream."""
    with Wire(here().proxy.host, port) as w:
        w.send(struct.pack("!IIII", 16, 80877102, process, key))
        try:
            w.receive()
        except Closed:
            return
    raise AssertionError("a cancel request was answered")


class Running:
    """A statement that does not end by itself, in a thread; its outcome is its SQLSTATE."""

    def __init__(self, connection, name):
        self.connection, self.name, self.outcome = connection, name, None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            self.connection.execute(LONG.format(self.name))
            self.outcome = "ended"
        except psycopg.Error as error:
            self.outcome = error.sqlstate

    def end(self):
        """From behind, whatever became of cancelling."""
        world.direct_value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                           f" AND query LIKE '%AS {self.name}'")

    def at_work(self):
        return at_work(self.name)


class Cancel(Case):
    def running(self, of, name):
        c = connect(of)
        self.addCleanup(c.close)
        statement = Running(c, name)
        self.addCleanup(statement.thread.join, 10)
        self.addCleanup(statement.end)
        self.assertTrue(world.eventually(statement.at_work), "the statement did not start")
        return statement

    def test_cancel_ends_the_statement_and_not_the_session(self):
        statement = self.running(world.ALDER, "to_cancel")
        statement.connection.cancel()
        statement.thread.join(10)
        self.assertEqual(statement.outcome, "57014")
        self.assert_bound(statement.connection)

    def test_cancel_of_one_session_leaves_the_other_alone(self):
        one, two = self.running(world.ALDER, "cancel_one"), self.running(BIRCH, "cancel_two")
        one.connection.cancel()
        one.thread.join(10)
        self.assertEqual(one.outcome, "57014")
        self.assertTrue(two.at_work())

    def test_a_guessed_key_cancels_nothing(self):
        statement = self.running(world.ALDER, "cancel_guess")
        process = statement.connection.info.backend_pid
        for key in (0, 1, 2**32 - 1):
            cancel(here().proxy.port, process, key)
        self.assertTrue(statement.at_work())

    def test_the_key_is_good_at_the_proxy_only(self):
        # Otherwise whoever reaches the server could cancel around the proxy.
        with world.wire() as w:
            self.assertIsNone(w.log_in("clinician", world.token(), "ehr"))
            w.send(message(b"Q", LONG.format("own_key").encode() + b"\0"))
            self.assertTrue(world.eventually(lambda: at_work("own_key")))
            cancel(here().cluster.port, *w.key)
            self.assertTrue(at_work("own_key"))
            cancel(here().proxy.port, *w.key)
            errors = [fields(body)["C"] for kind, body in w.until_ready() if kind == b"E"]
            self.assertEqual(errors, ["57014"])
