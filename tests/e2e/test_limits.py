"""What a client may take, and that the others do not notice."""
import contextlib, os, pathlib, select, socket, stat, struct, time

import psycopg

import clinic, world
from throwaway.wire import Closed, Wire, fields, message
from test_hostile import resident_bytes, sanitized
from world import Case, connect, here, token


def readable(wires):
    return select.select([w.socket for w in wires], [], [], 0)[0]


class Limits(Case):
    def proxy_with(self, **limits):
        proxy = here().new_proxy()
        proxy.write_config(proxy.config | {"limits": limits})
        self.addCleanup(proxy.stop)
        return proxy.start()

    def log_in(self, proxy, w):
        return w.log_in("clinician", token(proxy=proxy), clinic.DATABASE)

    def refused_with(self, proxy):
        """The SQLSTATE with which a log-in over TLS fails."""
        with Wire(proxy.host, proxy.port, proxy.ca) as w:
            error = self.log_in(proxy, w)
        return error and error["C"]

    def test_connections_above_the_limit_hear_53300_inside_tls(self):
        proxy = self.proxy_with(connections=2)
        with connect(proxy=proxy) as one, connect(proxy=proxy):
            self.assertEqual(self.refused_with(proxy), "53300")
            self.assert_bound(one)
            one.cancel()  # needs no place
        self.assertTrue(world.eventually(lambda: self.refused_with(proxy) is None))

    def test_connections_of_one_address(self):
        proxy = self.proxy_with(connections_per_address=1)
        with connect(proxy=proxy):
            self.assertEqual(self.refused_with(proxy), "53300")
        self.assertTrue(world.eventually(lambda: self.refused_with(proxy) is None))

    def test_those_on_their_way_in_are_few_and_not_for_long(self):
        proxy = self.proxy_with(logging_in=3, login_timeout="2s")
        with connect(proxy=proxy) as inside:
            idle = [socket.create_connection((proxy.host, proxy.port)) for _ in range(3)]
            self.addCleanup(lambda: [s.close() for s in idle])
            with Wire(proxy.host, proxy.port) as w:
                self.assertEqual(fields(w.receive()[1])["C"], "53300")
                with self.assertRaises(Closed):
                    w.receive()
            self.assert_bound(inside)
            for s in idle:  # they are sent away, with what the server would say
                s.settimeout(10)
                self.assertIn(b"57014", s.recv(1000))
            self.assertTrue(world.eventually(lambda: self.let_in(proxy)))

    def test_many_large_messages_that_stall(self):
        """Within limits.message_memory all together; who comes later is refused, and everybody else is served."""
        proxy = self.proxy_with(message_memory="16MiB")
        statement = message(b"Q", b"SELECT 1 -- " + b"x" * 3_000_000 + b"\0")
        with connect(proxy=proxy) as inside:
            before = resident_bytes(proxy.process)
            stalled = [Wire(proxy.host, proxy.port, proxy.ca) for _ in range(30)]
            for w in stalled:
                self.addCleanup(w.socket.close)
                self.assertIsNone(self.log_in(proxy, w))
                w.send(statement[:2_000_000])
            self.assertTrue(world.eventually(lambda: len(readable(stalled)) >= 20))
            if not sanitized():
                # Each session costs some 60 kB with its TLS.
                self.assertLess(resident_bytes(proxy.process) - before, (16 + 8) << 20)
            self.assert_bound(inside)
            for w in stalled:  # refused or not, they go on
                w.send(statement[2_000_000:])
            outcomes = [fields(body)["C"] if kind == b"E" else "00000" for w in stalled for kind, body in w.until_ready() if kind in b"EC"]
        self.assertEqual(set(outcomes), {"00000", "53200"})
        self.assertGreaterEqual(outcomes.count("53200"), 20)

    def test_prepared_statements_of_all_sessions(self):
        """Within limits.prepared_memory all together; what is closed makes room, and small ones always have it."""
        proxy = self.proxy_with(prepared_memory="16MiB")
        large = "SELECT 1 -- " + "x" * 1_000_000
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(connect(proxy=proxy)) for _ in range(10)]
            held = 0
            for c in sessions:
                held += c.pgconn.prepare(b"large", large.encode()).status == psycopg.pq.ExecStatus.COMMAND_OK
            self.assertEqual(held, 8)  # two bytes a byte of text
            last = sessions[-1]
            refused = last.pgconn.prepare(b"another", large.encode())
            self.assertEqual(refused.error_field(psycopg.pq.DiagnosticField.SQLSTATE), b"53400")
            last.execute("SELECT 1", prepare=True)
            self.assert_bound(last)
            sessions[0].execute("DEALLOCATE large")
            sessions[1].close()
            self.assertTrue(world.eventually(lambda: last.pgconn.prepare(b"another", large.encode()).status == psycopg.pq.ExecStatus.COMMAND_OK))

    def let_in(self, proxy):
        try:
            connect(proxy=proxy).close()
            return True
        except psycopg.OperationalError:
            return False

    def test_the_time_for_a_log_in_includes_the_handshake_and_every_byte(self):
        proxy = self.proxy_with(login_timeout="2s")
        with Wire(proxy.host, proxy.port) as w:
            w.send(struct.pack("!II", 8, 80877103))
            self.assertEqual(w.socket.recv(1), b"S")
            began = time.monotonic()
            with self.assertRaises(Closed):  # one byte at a time of a ClientHello that never ends
                for byte in b"\x16\x03\x01\x02\x00" + bytes(1000):
                    w.send(bytes([byte]))
                    time.sleep(0.05)
            self.assertLess(time.monotonic() - began, 8)

    def test_prepared_statements(self):
        proxy = self.proxy_with(prepared_statements=5)
        with connect(proxy=proxy, prepare_threshold=0) as c:
            for n in range(5):
                c.execute(f"SELECT {n}")
            with self.refused("53400"):
                c.execute("SELECT 5")
            c.prepare_threshold = None
            self.assert_bound(c)

    def test_sizes_before_a_log_in(self):
        rows = {"a long start-up packet": struct.pack("!I", 10_001), "a length below its own": struct.pack("!I", 3),
                "a huge one": struct.pack("!I", 0x7fffffff)}
        for name, packet in rows.items():
            with self.subTest(name), Wire(here().proxy.host, here().proxy.plain_port) as w:
                w.send(packet)
                self.assertEqual(fields(w.receive()[1])["C"], "08P01")

    def test_a_password_of_16_kilobytes_is_read_and_a_longer_one_is_not(self):
        for size, expected in ((16 * 1024 - 5, "28P01"), (16 * 1024, "08P01")):
            with self.subTest(size), Wire(here().proxy.host, here().proxy.plain_port) as w:
                self.assertEqual(w.log_in("clinician", "x" * size, clinic.DATABASE)["C"], expected)


class Malformed(Case):
    """Any malformed message ends its own session, with 08P01, and no other."""

    ROWS = {"an unknown type": message(b"y", b""), "a length of zero": b"Q\0\0\0\0", "a length of three": b"Q\0\0\0\3",
            "a negative length": b"Q\xff\xff\xff\xff", "more than a message may have": b"Q\x7f\xff\xff\xff",
            "a query without its end": message(b"Q", b"SELECT 1"), "bytes behind a query": message(b"Q", b"SELECT 1\0x"),
            "an empty query message": message(b"Q", b""), "a Parse cut short": message(b"P", b"\0SELECT 1\0\0"),
            "a Parse with too few types": message(b"P", b"\0SELECT 1\0\0\2\0\0\0\0"),
            "a Bind with too many formats": message(b"B", b"\0\0\xff\xff\0\0"),
            "a Bind with a value of length -2": message(b"B", b"\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"),
            "a Bind with a format 7": message(b"B", b"\0\0\0\1\0\7\0\1\0\0\0\1x\0\0"),
            "a Describe of nothing known": message(b"D", b"X\0"), "an Execute without its limit": message(b"E", b"\0"),
            "a Close of nothing known": message(b"C", b"?\0"), "a start-up packet again": struct.pack("!IHH", 9, 3, 0) + b"\0"}

    def test_each(self):
        with connect() as witness:
            for name, bad in self.ROWS.items():
                with self.subTest(name), Wire(here().proxy.host, here().proxy.plain_port, timeout=5) as w:
                    self.assertIsNone(w.log_in("clinician", token(), clinic.DATABASE))
                    w.send(bad)
                    errors = []
                    with self.assertRaises(Closed):
                        while True:
                            kind, body = w.receive()
                            errors += [fields(body)] if kind == b"E" else []
                    self.assertEqual([(e["S"], e["C"]) for e in errors], [("FATAL", "08P01")])
                self.assert_bound(witness)


class UnixSockets(Case):
    def test_on_both_sides(self):
        proxy = here().new_proxy()
        path = proxy.home / ".s.PGSQL.6432"
        proxy.home.chmod(0o711)
        upstream = {k: v for k, v in proxy.config["upstream"].items() if k not in ("tls", "ca")}
        proxy.write_config(proxy.config | {
            "listen": proxy.config["listen"] + [{"address": f"unix:{path}", "mode": "0700"}],
            "upstream": upstream | {"host": str(here().cluster.sockets)}})
        proxy.start()
        self.addCleanup(proxy.stop)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700)
        with connect(proxy=proxy, host=str(proxy.home), port=6432, sslmode="disable") as c:
            self.assert_bound(c)
            c.cancel()
        proxy.stop()
        self.assertFalse(path.exists())
