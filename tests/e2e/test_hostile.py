"""Clients that do not behave: the others must not notice, and nothing may be left behind."""
import os, pathlib, resource, signal, socket, struct, threading, time

import psycopg

import clinic, world
from throwaway.proxy import binary
from throwaway.wire import message
from world import Case, Wire, connect, here, token

ROWS = "SELECT repeat('x', 1000) FROM generate_series(1, {})"


def plain():
    return world.wire(port=here().proxy.plain_port, tls=False)


def startup_packet(user="clinician", database=clinic.DATABASE):
    body = struct.pack("!I", 196608) + f"user\0{user}\0database\0{database}\0\0".encode()
    return struct.pack("!I", len(body) + 4) + body


def processor_seconds(process):
    fields = open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(process):
    return int(open(f"/proc/{process.pid}/statm").read().split()[1]) * resource.getpagesize()


def sanitized():
    """Such a build measures nothing; and UBSan, which takes descriptors to look at memory, ends without any."""
    return b"__ubsan_handle" in pathlib.Path(binary()).read_bytes()


class Hostile(Case):
    def assert_quiet(self, proxy, seconds=1.5):
        """Whatever waits now, waits without turning."""
        before = processor_seconds(proxy.process)
        time.sleep(seconds)
        self.assertLess(processor_seconds(proxy.process) - before, seconds / 5)

    def assert_served(self, proxy):
        with connect(proxy=proxy) as c:
            self.assert_bound(c)

    def test_statements_may_follow_the_password_at_once(self):
        with plain() as w:
            w.send(startup_packet() + message(b"p", token().encode() + b"\0") + message(b"Q", b"SELECT 1\0"))
            self.assertEqual([k for k, _ in w.until_ready()][-1], b"Z")
            self.assertEqual([k for k, _ in w.until_ready()], [b"T", b"D", b"C", b"Z"])

    def test_one_byte_at_a_time(self):
        with plain() as w:
            for byte in startup_packet() + message(b"p", token().encode() + b"\0") + message(b"Q", b"SELECT 1\0"):
                w.send(bytes([byte]))
            list(w.until_ready())
            self.assertEqual([k for k, _ in w.until_ready()], [b"T", b"D", b"C", b"Z"])

    def test_a_client_that_does_not_read_and_then_vanishes(self):
        proxy = here().new_proxy().start()
        self.addCleanup(proxy.stop)
        for n in range(3):
            w = Wire(proxy.host, proxy.plain_port)
            self.assertIsNone(w.log_in("clinician", token(proxy=proxy), clinic.DATABASE, application_name="vanishing"))
            # The last one has to wait for the server's answer to the first.
            w.send(b"".join(message(b"Q", sql.encode() + b"\0") for sql in (
                "SET search_path TO public", ROWS.format(200000), "SELECT count(*) FROM patients")))
            time.sleep(0.3)
            w.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() sends RST
            w.socket.close()
        left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vanishing'"
        self.assertTrue(world.eventually(lambda: world.direct_value(left) == 0), "the server still works for it")
        self.assert_quiet(proxy)

    def test_what_the_server_sent_before_it_went_arrives_however_slowly_it_is_read(self):
        with plain() as w:
            w.log_in("clinician", token(), clinic.DATABASE, application_name="slow")
            w.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            w.send(message(b"Q", ROWS.format(1500).encode() + b"\0"))
            time.sleep(0.5)
            world.direct_value("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'slow'")
            time.sleep(0.5)
            got = b""
            while more := w.socket.recv(32768):
                got += more
                time.sleep(0.01)
        self.assertGreater(len(got), 1_500_000)
        self.assertIn(b"57P01", got[-500:])

    def test_a_client_that_talks_on_after_its_fatal_error(self):
        proxy = here().new_proxy()
        proxy.write_config(proxy.config | {"threads": 1})
        proxy.start()
        self.addCleanup(proxy.stop)
        flood = socket.create_connection((proxy.host, proxy.plain_port))
        flood.sendall(struct.pack("!II", 5, 1))

        def talk():
            try:
                while True:
                    flood.sendall(b"x" * 65536)
            except OSError:
                pass
        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        self.assert_served(proxy)
        thread.join(15)
        self.assertFalse(thread.is_alive(), "is still listened to")

    def test_out_of_descriptors_and_back(self):
        if sanitized():
            self.skipTest("sanitized build")
        proxy = here().new_proxy().start()
        self.addCleanup(proxy.stop)
        pid, before = proxy.process.pid, resource.prlimit(proxy.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (40, before[1]))
        clients = [socket.create_connection((proxy.host, proxy.plain_port)) for _ in range(60)]
        time.sleep(0.5)
        self.assert_quiet(proxy)
        for c in clients:
            c.close()
        self.assert_served(proxy)

    def test_a_flood_of_sync_is_held_back(self):
        proxy = here().new_proxy().start()
        self.addCleanup(proxy.stop)
        with Wire(proxy.host, proxy.plain_port, timeout=2) as w:
            self.assertIsNone(w.log_in("clinician", token(proxy=proxy), clinic.DATABASE))
            before = resident_bytes(proxy.process)
            try:
                for _ in range(200):
                    w.socket.sendall(message(b"S") * 50_000)
            except OSError:
                pass  # it does not read, so at some point neither does pgward
            resident = resident_bytes(proxy.process)
        if not sanitized():  # AddressSanitizer keeps what was freed
            self.assertLess(resident - before, 64 << 20)
        self.assert_served(proxy)

    def test_logging_in_many_times_in_a_row(self):
        for _ in range(200):
            with plain() as w:
                self.assertIsNone(w.log_in("clinician", token(), clinic.DATABASE))

    def test_reloading_and_stopping_under_load(self):
        proxy = here().new_proxy().start()
        self.addCleanup(proxy.stop)
        word, stop, errors = token(proxy=proxy), threading.Event(), []

        def work():
            while not stop.is_set():
                try:
                    with connect(proxy=proxy, password=word) as c:
                        for _ in range(20):
                            c.execute("SELECT first_name FROM patients WHERE id = %s", (1,)).fetchall()
                except psycopg.Error as error:
                    errors.append(str(error))
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            proxy.process.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        reloaded = list(errors)
        proxy.process.send_signal(signal.SIGTERM)
        stop.set()
        for thread in threads:
            thread.join(20)
        self.assertEqual(reloaded, [])
        self.assertEqual(proxy.process.wait(30), 0)
