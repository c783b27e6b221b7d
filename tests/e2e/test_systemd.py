"""What systemd is told, and the sockets it gives."""
import os, pathlib, shutil, signal, socket, subprocess, unittest

import world
from throwaway.process import Failed
from throwaway.proxy import binary
from world import Case, connect, here

UNITS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "systemd"


class Notified(Case):
    """A fake NOTIFY_SOCKET."""

    def setUp(self):
        self.proxy = here().new_proxy()
        self.addCleanup(self.proxy.stop)
        path = str(self.proxy.home / "notify")
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(path)
        self.told.settimeout(15)
        self.addCleanup(self.told.close)
        self.environment = os.environ | {"NOTIFY_SOCKET": path}

    def start(self, **more):
        self.proxy.start(env=self.environment | more)

    def next(self, wanted):
        """The next message that has this line; as a mapping."""
        while True:
            lines = self.told.recv(4096).decode().split("\n")
            if wanted in lines:
                return dict(line.split("=", 1) for line in lines)

    def test_ready_reloading_stopping(self):
        self.start()
        self.next("READY=1")
        with connect(proxy=self.proxy) as c:
            self.assert_bound(c)
        self.proxy.process.send_signal(signal.SIGHUP)
        self.assertTrue(self.next("RELOADING=1")["MONOTONIC_USEC"].isdigit())
        self.next("READY=1")
        self.proxy.process.send_signal(signal.SIGTERM)
        stopping = self.next("STOPPING=1")
        self.assertIn("10 s", stopping["STATUS"])
        self.assertEqual(stopping["EXTEND_TIMEOUT_USEC"], "20000000")
        self.assertEqual(self.proxy.process.wait(20), 0)

    def test_a_reload_that_fails_ends_as_well(self):
        self.start()
        self.next("READY=1")
        self.proxy.write_config(self.proxy.config)
        pathlib.Path(self.proxy.home / "jwks.json").write_text("no JSON")
        self.proxy.process.send_signal(signal.SIGHUP)
        self.next("RELOADING=1")
        self.next("READY=1")

    def test_watchdog(self):
        self.start(WATCHDOG_USEC="400000")
        self.next("READY=1")
        for _ in range(3):
            self.next("WATCHDOG=1")

    def test_not_watched(self):
        self.start(WATCHDOG_USEC="400000", WATCHDOG_PID="1")
        self.next("READY=1")
        self.told.settimeout(1)
        with self.assertRaises(TimeoutError):
            self.next("WATCHDOG=1")

    def test_nothing_to_be_told_while_it_does_not_start(self):
        self.proxy.write_config(self.proxy.config | {"policy": "missing.yaml"})
        with self.assertRaises(Failed):
            self.start()
        self.told.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            self.next("READY=1")


class SocketActivation(Case):
    def serve(self, sockets, pid="$$", named=9):
        """pgward with these as its descriptors 3, 4, ..; the environment as systemd would make it."""
        proxy = here().new_proxy()
        listen = [{"address": f"127.0.0.1:{s.getsockname()[1]}"} for s in sockets[:named]]
        proxy.write_config(proxy.config | {"listen": listen + [{"address": "127.0.0.1:0", "tls": "off"}]})
        self.addCleanup(proxy.stop)
        for n, s in enumerate(sockets):
            os.dup2(s.fileno(), 100 + n, inheritable=True)
            self.addCleanup(os.close, 100 + n)
        ready, in_child = os.pipe()
        os.dup2(in_child, 99, inheritable=True)
        # pgward's descriptor 9 is the one to say when it is ready.
        moves = " ".join(f"{3 + n}<&{100 + n} {100 + n}<&-" for n in range(len(sockets)))
        script = (f'exec 9>&99 99>&- {moves}; export LISTEN_PID={pid} LISTEN_FDS={len(sockets)}; '
                  'exec "$PROGRAM" serve --config "$CONFIG" --ready-fd 9')
        with open(proxy.log, "ab") as log:
            proxy.process = subprocess.Popen(["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             pass_fds=[99, *range(100, 100 + len(sockets))],
                                             env=os.environ | {"PROGRAM": binary(), "CONFIG": str(proxy.config_file)})
        os.close(in_child)
        os.close(99)
        with open(ready, "rb") as f:
            return proxy, f.read().decode().split()

    def listening(self):
        s = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(s.close)
        return s

    def test_a_socket_that_was_opened_for_us(self):
        s = self.listening()
        proxy, addresses = self.serve([s])
        proxy.port = s.getsockname()[1]
        self.assertEqual(addresses[0], f"127.0.0.1:{proxy.port}")
        with connect(proxy=proxy) as c:
            self.assert_bound(c)
        # Stopped, it is still there for the next one: whoever comes meanwhile waits.
        self.assertEqual(proxy.stop(), 0)
        socket.create_connection(s.getsockname(), timeout=5).close()

    def test_sockets_for_another_process_are_not_ours(self):
        s = self.listening()
        proxy, addresses = self.serve([s], pid="1")
        self.assertEqual(addresses, [], "it had to open the address itself, which is taken")

    def test_a_socket_that_the_configuration_does_not_name(self):
        proxy, addresses = self.serve([self.listening(), self.listening()], named=1)
        self.assertEqual(addresses, [])
        self.assertIn("do not stand under `listen`", proxy.log.read_text())


@unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
class Units(Case):
    def test_units_are_understood(self):
        home = here().stage.home / "units"
        home.mkdir()
        for name in ("pgward.service", "pgward.socket"):
            (home / name).write_text((UNITS / name).read_text().replace("/usr/bin/pgward", "/bin/true"))
        done = subprocess.run(["systemd-analyze", "verify", home / "pgward.service", home / "pgward.socket"], capture_output=True, text=True)
        said = "\n".join(line for line in (done.stdout + done.stderr).splitlines() if "pgward." in line)
        self.assertEqual(said, "")
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=30", home / "pgward.service"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-600:] + done.stderr[-300:])
