"""The trail delivered elsewhere: a real PostgreSQL, a real rsyslog, a pipe; test_sink_kafka.py has Kafka."""
import json, os, pathlib, select, socket, ssl, tempfile, threading, time

from throwaway import certificates
from throwaway.cluster import free_port
from throwaway.process import start, stop
from throwaway.proxy import binary, _read_until_closed
from test_metrics import ask
from world import Case, connect, eventually, here, records

CANARIES = ("Xquilopawyck", "1900-01-31", "999-88-7777")


class Sunk(Case):
    """A pgward of its own whose trail goes elsewhere."""
    sinks = ()

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(dir=here().stage.home))
        self.place.chmod(0o755)
        self.proxy = here().new_proxy()
        self.addCleanup(self.proxy.stop)
        self.proxy.config["metrics"] = f"unix:{self.place}/metrics"

    def deliver_to(self, *sinks):
        self.proxy.config["audit"]["sinks"] = list(sinks)
        self.proxy.write_config(self.proxy.config)

    def statements(self, count=20):
        with connect(proxy=self.proxy) as c:
            for n in range(count):
                c.execute("SELECT mrn, first_name FROM patients WHERE id = %s", (n,)).fetchall()
            c.execute("UPDATE patients SET last_name = %s WHERE id = %s", (CANARIES[0], 1))
            for sql in (f"SELECT mrn FROM patients WHERE last_name = '{CANARIES[0]}'", f"SELECT 1 FROM patients WHERE birth_date = '{CANARIES[1]}'"):
                c.execute(sql).fetchall()

    def metric(self, name, sink):
        body = ask(self.place / "metrics")[1]
        return next((float(line.split()[-1]) for line in body.splitlines() if line.startswith(f'pgward_audit_sink_{name}{{sink="{sink}"}}')), None)

    def recorded(self):
        return [(r["log"], r["seq"]) for r in records(self.proxy.audit)]

    def assert_arrived(self, arrived, seconds=30):
        """All of them, however long the log grows meanwhile: it is looked at first."""
        wanted = set(self.recorded())
        self.assertTrue(wanted)
        got = eventually(lambda: wanted <= set(arrived()) and arrived(), seconds)
        self.assertFalse(wanted - set(arrived()), f"{len(wanted)} recorded, {len(set(arrived()))} arrived; {self.proxy.log.read_text()[-600:]}")
        return got

    def killed_in_the_middle(self, arrived, rounds=4):
        for n in range(rounds):
            self.proxy.start()
            self.statements()
            if n % 2:
                eventually(lambda: len(arrived()) > n * 10, 5)  # something is under way
            self.proxy.kill()
        self.proxy.start()
        return self.assert_arrived(arrived)


class Postgresql(Sunk):
    def setUp(self):
        super().setUp()
        self.name = f"trail_{self.place.name.lower().replace('-', '_')}"
        with here().cluster.connect("postgres") as c:
            c.execute(f'CREATE DATABASE "{self.name}"')
            c.execute(f"CREATE ROLE \"{self.name}\" LOGIN PASSWORD 'of-a-test'")
        self.addCleanup(self.drop)
        password = self.place / "password"
        password.write_text("of-a-test\n")
        password.chmod(0o600)
        self.sink = {"name": "warehouse", "kind": "postgresql", "host": here().cluster.host, "port": here().cluster.port, "user": self.name, "password_file": str(password),
                     "database": self.name, "ca": "ca.crt"}

    def drop(self):
        self.proxy.stop()
        with here().cluster.connect("postgres") as c:
            c.execute(f'DROP DATABASE "{self.name}" WITH (FORCE)')
            c.execute(f'DROP ROLE "{self.name}"')

    def make_table(self):
        with here().cluster.connect(self.name) as c:
            c.execute(self.proxy.run("audit", "sink-ddl", "--user", self.name))

    def rows(self, columns="log, seq"):
        with here().cluster.connect(self.name) as c:
            return c.execute(f"SELECT {columns} FROM pgward_audit ORDER BY log, seq").fetchall()

    def test_exactly_once_over_kills(self):
        self.make_table()
        self.deliver_to(self.sink)
        self.killed_in_the_middle(self.rows)
        rows = self.rows("log, seq, part")
        self.assertEqual(len(rows), len(set(rows)))
        self.assertFalse(set(self.rows()) - set(self.recorded()), "nothing that the log does not hold")
        events = [e for (e,) in self.rows("event") if e["type"] in ("stmt.read", "stmt.intent", "stmt.result")]
        self.assertGreater(len(events), 50)
        for event in events:
            self.assertNotIn("incomplete", event)
            self.assertEqual(event["actor"]["role"], "clinician")
            self.assertTrue(event["tables"], event)
        for canary in CANARIES:
            self.assertNotIn(canary, json.dumps(events))

    def test_the_logs_last_words_arrive_with_the_rest(self):
        self.make_table()
        self.deliver_to(self.sink)
        self.proxy.start()
        self.statements(5)
        self.proxy.stop()
        self.assertEqual(sorted(self.rows()), sorted(self.recorded()))
        self.assertIn(("log.close",), self.rows("type"))

    def test_down_at_the_start_and_in_the_middle(self):
        self.deliver_to(self.sink)
        self.proxy.start()
        self.statements()  # nobody waits for it
        self.assertTrue(eventually(lambda: "SQLSTATE 42P01" in self.proxy.log.read_text()))
        self.assertEqual(self.metric("up", "warehouse"), 0)
        self.assertGreater(self.metric("lag_records", "warehouse"), 20)
        self.make_table()
        self.assert_arrived(self.rows)
        self.assertTrue(eventually(lambda: self.metric("up", "warehouse") == 1 and self.metric("lag_records", "warehouse") == 0))
        self.assertGreater(self.metric("delivered_total", "warehouse"), 20)
        with here().cluster.connect("postgres") as c:
            c.execute(f'ALTER ROLE "{self.name}" NOLOGIN')
            c.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (self.name,))
        self.statements()
        self.assertTrue(eventually(lambda: self.metric("up", "warehouse") == 0))
        with here().cluster.connect("postgres") as c:
            c.execute(f'ALTER ROLE "{self.name}" LOGIN')
        self.assert_arrived(self.rows)
        self.proxy.stop()
        self.assertNotIn("of-a-test", self.proxy.log.read_text())

    def test_only_some_types_in_another_form(self):
        self.make_table()
        self.deliver_to(self.sink | {"format": "ocsf", "types": ["session"]})
        self.proxy.start()
        self.statements(2)
        self.assertTrue(eventually(lambda: len(self.rows()) >= 2))
        for event, kind in self.rows("event, type"):
            self.assertEqual(event["class_uid"], 3002)
            self.assertTrue(kind.startswith("session."))

    def test_the_systems_authorities_and_nothing_but_tls(self):
        """libpq before 16 has no word for them, and would rather have GSSAPI's encryption."""
        self.make_table()
        self.proxy.config["upstream"] = {k: v for k, v in self.proxy.config["upstream"].items() if k != "ca"}
        self.deliver_to({k: v for k, v in self.sink.items() if k != "ca"})
        self.proxy.start(env=os.environ | {"SSL_CERT_FILE": str(here().stage.home / "ca.crt"), "PGGSSENCMODE": "require"})
        self.statements(1)
        self.assert_arrived(self.rows)

    def test_a_database_that_lacks_characters_is_refused(self):
        with here().cluster.connect("postgres") as c:
            c.execute(f'DROP DATABASE "{self.name}"')
            c.execute(f"CREATE DATABASE \"{self.name}\" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        self.make_table()
        self.deliver_to(self.sink)
        self.proxy.start()
        self.assertTrue(eventually(lambda: "must have the encoding UTF8" in self.proxy.log.read_text()))
        self.assertEqual(self.rows(), [])

    def test_another_certificate_is_refused(self):
        self.make_table()
        other = self.place / "ca.crt"
        certificates.make_authority(self.place)
        self.deliver_to(self.sink | {"ca": str(other)})
        self.proxy.start()
        self.statements(1)
        self.assertTrue(eventually(lambda: "certificate verify failed" in self.proxy.log.read_text()))
        self.assertEqual(self.rows(), [])


class Rsyslog:
    def __init__(self, home, port, client_ca=None):
        self.home, self.out, self.port, self.process = home, home / "received.log", port, None
        auth = "x509/certvalid" if client_ca else "anon"
        (home / "rsyslog.conf").write_text(f"""
global(workDirectory="{home}" maxMessageSize="1200k" DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="{client_ca or home / 'ca.crt'}"
       DefaultNetstreamDriverCertFile="{home}/syslog.crt" DefaultNetstreamDriverKeyFile="{home}/syslog.key")
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="{auth}")
template(name="all" type="string" string="%pri% %app-name% %msgid% %structured-data% %msg%\\n")
input(type="imtcp" port="{port}" address="127.0.0.1" ruleset="audit")
ruleset(name="audit") {{ action(type="omfile" file="{self.out}" template="all" flushOnTXEnd="on") }}
""")

    def start(self):
        self.process = start(["/usr/sbin/rsyslogd", "-n", "-f", self.home / "rsyslog.conf", "-i", self.home / "rsyslog.pid"], self.home / "rsyslog.out")
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()
        (self.home / "rsyslog.pid").unlink(missing_ok=True)

    def stop(self):
        if self.process and self.process.poll() is None:
            stop(self.process)

    def events(self):
        found = []
        for line in self.out.read_text(errors="replace").splitlines() if self.out.exists() else ():
            if "\ufeff" in line and line.endswith("}"):
                found.append(json.loads(line.split("\ufeff", 1)[1]))
        return found

    def numbers(self):
        return [(e["log"], e["seq"]) for e in self.events()]


class Syslog(Sunk):
    def setUp(self):
        super().setUp()
        for name in ("ca.crt", "ca.key"):
            (self.place / name).write_bytes((here().stage.home / name).read_bytes())
        certificates.make_certificate(self.place, "syslog")
        self.server = Rsyslog(self.place, free_port())
        self.addCleanup(self.server.stop)
        self.sink = {"name": "siem", "kind": "syslog", "host": "localhost", "port": self.server.port, "ca": "ca.crt"}

    def test_all_of_it_over_kills_of_pgward(self):
        self.server.start()
        self.deliver_to(self.sink)
        self.killed_in_the_middle(self.server.numbers)
        text = self.server.out.read_text()
        self.assertRegex(text, r'110 pgward stmt\.read \[pgward@32473 log="pgward/1" seq="\d+" hash="[0-9a-f]{64}" session="')
        for canary in CANARIES:
            self.assertNotIn(canary, text)

    def test_all_of_it_over_kills_of_rsyslog(self):
        self.deliver_to(self.sink)
        self.proxy.start()  # there is nobody at its address
        self.statements(3)
        self.assertTrue(eventually(lambda: "cannot connect: Connection refused" in self.proxy.log.read_text()))
        for _ in range(3):
            self.server.start()
            self.statements(10)
            eventually(lambda: self.metric("up", "siem") == 1, 20)
            self.server.kill()
            self.statements(10)
        self.server.start()
        self.assert_arrived(self.server.numbers, 60)

    def test_who_it_talks_to_is_verified(self):
        self.server.start()
        self.deliver_to(self.sink | {"ca": str(self.other_authority())})
        self.proxy.start()
        self.statements(1)
        self.assertTrue(eventually(lambda: "its certificate is not accepted" in self.proxy.log.read_text()))
        self.assertEqual(self.server.events(), [])

    def test_a_receiver_that_talks_and_never_ends(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.place / "syslog.crt", self.place / "syslog.key")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def talk():
            while True:
                try:
                    with context.wrap_socket(listener.accept()[0], server_side=True) as peer:
                        while True:
                            peer.sendall(b"x" * 4096)
                except ssl.SSLError:
                    pass
                except OSError:
                    if listener.fileno() < 0:
                        return

        threading.Thread(target=talk, daemon=True).start()
        self.deliver_to(self.sink | {"port": listener.getsockname()[1]})
        self.proxy.start()
        self.assertTrue(eventually(lambda: "the receiver did not say that it has read all" in self.proxy.log.read_text(), 40))
        self.assertEqual(self.metric("delivered_total", "siem"), 0)
        self.assertEqual(self.proxy.stop(), 0)

    def test_a_receiver_that_ends_before_it_has_read(self):
        """As one does that is being stopped: its close_notify is no answer to ours."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.place / "syslog.crt", self.place / "syslog.key")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        ended = []

        def end():
            while True:
                try:
                    with context.wrap_socket(listener.accept()[0], server_side=True) as peer:
                        ended.append(peer)
                        peer.settimeout(0)
                        try:
                            peer.unwrap()
                        except ssl.SSLError:
                            select.select([peer], [], [], 5)  # what came is there, and stays there
                except ssl.SSLError:
                    pass
                except OSError:
                    if listener.fileno() < 0:
                        return

        threading.Thread(target=end, daemon=True).start()
        self.deliver_to(self.sink | {"port": listener.getsockname()[1]})
        self.proxy.start()
        self.assertTrue(eventually(lambda: len(ended) > 4, 40))
        self.assertEqual(self.metric("delivered_total", "siem"), 0)

    def other_authority(self):
        other = self.place / "other"
        other.mkdir()
        return certificates.make_authority(other)

    def test_with_a_certificate_of_its_own(self):
        certificates.make_client_certificate(self.place, "sender", "DNS:pgward.test")
        server = Rsyslog(self.place, self.server.port, client_ca=self.place / "ca.crt").start()
        self.addCleanup(server.stop)
        self.deliver_to(self.sink)
        self.proxy.start()
        self.statements(1)
        self.assertTrue(eventually(lambda: "audit sink siem: " in self.proxy.log.read_text()))
        self.proxy.stop()
        self.assertEqual(server.events(), [])
        self.deliver_to(self.sink | {"certificate": str(self.place / "sender.crt"), "key": str(self.place / "sender.key")})
        self.proxy.start()
        self.statements(1)
        self.assert_arrived(server.numbers)


class StandardOutput(Sunk):
    def start_with_pipe(self):
        """pgward with a standard output that is not its log."""
        ready, in_child = os.pipe()
        reader, writer = os.pipe()
        argv = ["/bin/sh", "-c", 'exec "$0" "$@" >&' + str(writer), binary(), "serve", "--config", str(self.proxy.config_file), "--ready-fd", str(in_child)]
        self.proxy.process = start(argv, self.proxy.log, pass_fds=[in_child, writer])
        os.close(in_child)
        os.close(writer)
        addresses = _read_until_closed(ready, time.monotonic() + 30).split()
        self.proxy.port, self.proxy.plain_port = (int(a.rpartition(":")[2]) for a in addresses[:2])
        return os.fdopen(reader, "rb")

    def test_lines_and_nothing_else(self):
        self.deliver_to({"name": "out", "kind": "stdout"})
        out = self.start_with_pipe()
        self.statements(5)
        self.assertTrue(eventually(lambda: self.metric("lag_records", "out") == 0))
        self.proxy.stop()
        with out:
            lines = out.read().decode().splitlines()
        self.assertEqual([json.loads(line)["seq"] for line in lines], list(range(1, len(lines) + 1)))
        self.assertIn("stopped", self.proxy.log.read_text(), "that is where its own log goes")

    def test_a_reader_that_stands_still_holds_nobody_up(self):
        self.deliver_to({"name": "out", "kind": "stdout", "format": "fhir"})
        out = self.start_with_pipe()
        for _ in range(5):
            self.statements(60)  # more than a pipe holds
        self.assertGreater(self.metric("lag_records", "out"), 100)
        self.assertEqual(self.proxy.stop(), 0)
        out.close()


class Cursors(Sunk):
    def test_a_cursor_of_another_log_is_not_believed(self):
        self.deliver_to({"name": "out", "kind": "stdout"})
        self.proxy.start()
        self.statements(3)
        self.proxy.stop()
        cursor = self.proxy.audit / "sinks" / "out.cursor"
        self.assertEqual(cursor.stat().st_mode & 0o777, 0o600)
        known = json.loads(cursor.read_text())
        cursor.write_text(json.dumps(known | {"hash": "a" * 64}))
        self.proxy.start()
        self.assertTrue(eventually(lambda: "the cursor is of another log" in self.proxy.log.read_text()))
        self.statements(3)  # as ever
