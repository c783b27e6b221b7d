"""A second pgward that cosigns the first one's checkpoints, and does not let it tell another history."""
import os, pathlib, shutil, socket, subprocess, tempfile, time

from forger import age_key
from throwaway.process import Failed, start, stop
from throwaway.proxy import binary, _read_until_closed
from world import Case, connect, eventually, here, records


class Witness:
    """`pgward witness` with a log to watch."""

    def __init__(self, home, proxy, logs):
        self.home, self.proxy, self.logs, self.process, self.port = home, proxy, logs, None, 0

    def start(self):
        ready, in_child = os.pipe()
        argv = [binary(), "witness", "--listen", f"127.0.0.1:{self.port}", "--certificate", self.proxy.home / "proxy.crt", "--key", self.proxy.home / "proxy.key",
                "--directory", self.home / "witness", "--name", "witness.test", "--ready-fd", str(in_child)]
        for log in self.logs:
            argv += ["--log", log]
        try:
            self.process = start(argv, self.home / "witness.log", pass_fds=[in_child])
        finally:
            os.close(in_child)
        addresses = _read_until_closed(ready, time.monotonic() + 20).split()
        if not addresses:
            raise Failed((self.home / "witness.log").read_text())
        self.port = int(addresses[0].rpartition(":")[2])
        self.key = next(line for line in (self.home / "witness.log").read_text().splitlines() if line.startswith("witness.test+"))
        return self

    def stop(self):
        return stop(self.process)


def metrics(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        return b"".join(iter(lambda: s.recv(65536), b"")).decode()


class Witnessed(Case):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(dir=here().stage.home))
        self.proxy = here().new_proxy()
        self.log_key = self.proxy.run("audit", "keygen", self.proxy.audit / "keys").strip()
        self.witness = Witness(self.place, self.proxy, [self.log_key]).start()
        self.addCleanup(self.witness.stop)
        self.configure(self.proxy)
        self.addCleanup(self.proxy.stop)

    def configure(self, proxy, **more):
        proxy.config["audit"] |= {"anchors": [{"witness": f"https://127.0.0.1:{self.witness.port}", "key": self.witness.key, "ca": "ca.crt"}]} | more
        proxy.write_config(proxy.config)

    def run_some(self, proxy=None, statements=3):
        proxy = proxy or self.proxy
        proxy.start()
        with connect(proxy=proxy) as c:
            for n in range(statements):
                c.execute(f"SELECT mrn FROM patients WHERE id = {n}").fetchall()
        proxy.stop()

    def seen(self):
        return sorted((self.place / "witness" / "notes").glob("*/*/*.note"))

    def verify(self, *more):
        return subprocess.run([binary(), "audit", "verify", self.proxy.audit, "--key", self.log_key, *more], capture_output=True, text=True)

    def refused(self, proxy):
        with self.assertRaises(Failed) as caught:
            proxy.start()
        return str(caught.exception)

    def test_it_sees_the_log_grow_over_starts_and_keys(self):
        for _ in range(3):
            self.run_some()
            age_key(self.proxy.audit / "keys")
        self.assertGreaterEqual(len(self.seen()), 6)
        self.assertIn("\u2014 witness.test ", self.seen()[-1].read_text())
        done = self.verify("--anchor", self.place / "witness" / "notes")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("epoch 3", done.stdout)
        self.assertFalse(records(self.proxy.audit, "log.degraded"))

    def test_what_it_missed_it_is_told_later(self):
        self.run_some()
        age_key(self.proxy.audit / "keys")
        self.witness.stop()
        self.run_some()  # a change of keys, too
        age_key(self.proxy.audit / "keys")
        self.run_some()
        self.witness.start()
        self.configure(self.proxy)
        self.run_some()
        done = self.verify("--anchor", self.place / "witness" / "notes")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        newest = int(self.seen()[-1].stem)
        total = sum(1 for r in records(self.proxy.audit))
        self.assertEqual(newest, total - 1)
        self.assertTrue(records(self.proxy.audit, "log.degraded"))

    def test_an_older_copy_is_not_served(self):
        self.run_some()
        copy = shutil.copytree(self.proxy.audit, self.place / "copy")
        self.run_some()
        shutil.rmtree(self.proxy.audit)
        shutil.copytree(copy, self.proxy.audit)
        self.assertIn("an older copy", self.refused(self.proxy))

    def test_a_clone_that_runs_beside_it_is_stopped(self):
        self.run_some()
        clone = here().new_proxy()
        shutil.copytree(self.proxy.audit, clone.audit)
        shutil.copy(self.proxy.home / "ca.crt", clone.home / "witness-ca.crt")
        clone.config["audit"] |= {"anchors": [{"witness": f"https://127.0.0.1:{self.witness.port}", "key": self.witness.key, "ca": "witness-ca.crt"}]}
        clone.write_config(clone.config)
        self.addCleanup(clone.stop)
        clone.start()      # as good as the original, so far
        self.assertIn("records were taken away", self.refused(self.proxy))
        clone.stop()
        self.assertEqual(self.verify("--anchor", self.place / "witness" / "notes").returncode, 1)

    def test_required_and_out_of_reach(self):
        self.configure(self.proxy, anchor_failure="refuse", anchor_patience="1s")
        self.run_some()
        self.witness.stop()
        self.assertIn("the audit log cannot be used: anchor https://127.0.0.1", self.refused(self.proxy))
        self.witness.start()
        self.configure(self.proxy)
        address = self.proxy.config["metrics"] = f"unix:{self.place}/metrics"
        self.proxy.write_config(self.proxy.config)
        self.proxy.start()
        with connect(proxy=self.proxy) as c:
            c.execute("SELECT mrn FROM patients").fetchall()
        self.witness.stop()

        def is_refused():
            try:
                with connect(proxy=self.proxy) as c:
                    c.execute("SELECT mrn FROM patients").fetchall()
                return False
            except Exception as error:
                return "audit" in str(error)
        self.assertTrue(eventually(is_refused, 30))
        shown = metrics(address.removeprefix("unix:"))
        self.assertRegex(shown, r'pgward_audit_anchor_up\{anchor="https://127[^"]*"\} 0\n')
        self.assertIn("pgward_audit_log_up 0\n", shown)
        self.witness.start()
        self.assertTrue(eventually(lambda: not is_refused(), 30))
        self.assertEqual([r["error"] for r in records(self.proxy.audit, "log.degraded")], ["unreachable"])

    def test_a_log_it_does_not_know(self):
        stranger = here().new_proxy()
        shutil.copy(self.proxy.home / "ca.crt", stranger.home / "witness-ca.crt")
        stranger.config["audit"] |= {"anchor_failure": "refuse", "anchors": [
            {"witness": f"https://127.0.0.1:{self.witness.port}", "key": self.witness.key, "ca": "witness-ca.crt"}]}
        stranger.write_config(stranger.config)
        self.addCleanup(stranger.stop)
        self.assertIn("does not know this log", self.refused(stranger))
