"""The clients of a soak run: those that only sit there, and those that work."""
import os, re, ssl, subprocess

from throwaway.cluster import BINARIES
from throwaway.process import Failed
from throwaway.wire import Wire, fields

WORK = {"read": (9, "\\set id random(1, 200)\nSELECT first_name, last_name FROM patients WHERE id = :id;\n"),
        "write": (1, "\\set id random(1, 200)\nUPDATE appointments SET status = 'seen' WHERE patient_id = :id;\n")}


class Idle:
    def __init__(self, proxy, token, database):
        self.proxy, self.token, self.database = proxy, token, database
        self.context = ssl.create_default_context(cafile=str(proxy.ca))  # one for all: each would take 100 kB here
        self.wires = []

    def add(self, count):
        for _ in range(count):
            wire = Wire(self.proxy.host, self.proxy.port, self.proxy.ca, context=self.context)
            if error := wire.log_in("clinician", self.token, self.database, application_name="soak-idle"):
                raise Failed(f"an idle client was not let in: {error}")
            self.wires.append(wire)

    def dropped(self):
        """How many were told something, or were cut off. Nobody may be."""
        lost = []
        for wire in self.wires:
            wire.socket.setblocking(False)
            try:
                lost.append(wire.socket.recv(4096))
            except (ssl.SSLWantReadError, BlockingIOError):
                pass
            wire.socket.setblocking(True)
        for text in lost[:3]:
            print(f"an idle client heard: {fields(text[5:])}")
        return len(lost)

    def close(self):
        for wire in self.wires:
            wire.socket.close()
        self.wires = []


class Busy:
    """pgbench at a fixed rate, so that the machine is not what is measured."""

    def __init__(self, home, proxy, token, seconds, clients, rate, churn=False):
        settings = proxy.conninfo(token)
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "PGHOST": settings["host"], "PGPORT": str(settings["port"]), "PGUSER": "clinician", "PGPASSWORD": token,
            "PGDATABASE": settings["dbname"], "PGSSLMODE": "verify-full", "PGSSLROOTCERT": settings["sslrootcert"]}
        argv = [BINARIES / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 4)), "-R", str(rate),
                "-T", str(seconds), *(["-C"] if churn else [])]
        for name, (weight, text) in WORK.items():
            path = home / f"{name}.sql"
            path.write_text(text)
            argv += ["-f", f"{path}@{weight}"]
        self.process = subprocess.Popen([str(a) for a in argv], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self):
        """(transactions, failures); what went wrong is printed."""
        out, errors = self.process.communicate()
        done = re.search(r"number of transactions actually processed: (\d+)", out)
        failed = re.search(r"number of failed transactions: (\d+)", out)
        if errors.strip() or self.process.returncode:
            print("\n".join(errors.strip().splitlines()[-5:]))
        broken = self.process.returncode != 0 or re.search(r"error|FATAL|aborted", errors) is not None
        return int(done[1]) if done else 0, (int(failed[1]) if failed else 0) + broken

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
