"""The folder for auditors: what stands in it, what must not, and that it shows when it was changed."""
import json, pathlib, shutil, subprocess

import psycopg

from throwaway.proxy import binary
from world import Case, connect, eventually, here, records

CANARY = "Quillfeather-Zzyzx"
HOSTILE = "<img src=x onerror=alert(1)>"
DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "compliance.md"


def pgward(*arguments):
    done = subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Evidence(Case):
    @classmethod
    def setUpClass(cls):
        cls.proxy = here().new_proxy().start()
        cls.key = cls.proxy.home / "officer.key"
        cls.verifier = cls.proxy.run("evidence", "keygen", cls.key, "--name", "officer.alder.test").strip()
        with connect(proxy=cls.proxy, application_name=HOSTILE) as c:
            c.execute("SELECT last_name, ssn FROM patients WHERE id = %s", [1]).fetchall()
            c.execute(f"UPDATE patients SET notes = '{CANARY}' WHERE id = 1")
            try:
                c.execute("SELECT * FROM pg_authid")
            except psycopg.Error:
                pass
        try:
            connect(proxy=cls.proxy, password="nobody's token")
        except psycopg.OperationalError:
            pass

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()

    def make(self, name, *more, begin="2020-01-01Z", end="2099-12-31Z"):
        out = self.proxy.home / name
        status, told, error = pgward("evidence", "--config", self.proxy.config_file, "--from", begin, "--to", end, "--out", out, "--key", self.key, *more)
        return status, told + error, out

    def rows(self, out, section, table=0):
        return json.loads((out / "evidence.json").read_text())["sections"][section]["tables"][table]["rows"]

    def test_it_tells_what_happened_and_holds_no_value(self):
        status, told, out = self.make("whole")
        self.assertEqual(status, 0, told)
        self.assertEqual({f.name for f in out.iterdir()}, {"index.html", "evidence.json", "samples.jsonl", "policy.yaml", "manifest.note"})
        self.assertIn(["jwt", "1"], self.rows(out, "log-ins", 0))
        self.assertTrue(self.rows(out, "log-ins", 3), "the log-in that failed")
        self.assertEqual([row[0] for row in self.rows(out, "people")], ["dev@alder.test (https://idp.throw-away.test)"])
        tables = {row[0]: row for row in self.rows(out, "statements", 1)}
        self.assertEqual(tables["public.patients"][2:4], ["2", "1"])  # an UPDATE reads, too
        self.assertIn("ssn", tables["public.patients"][5])
        self.assertTrue(self.rows(out, "refusals"))
        self.assertIn("intact", [row[1] for row in self.rows(out, "trail")])
        self.assertEqual(len((out / "samples.jsonl").read_text().splitlines()), 3 + 1)
        for file in out.iterdir():
            self.assertNotIn(CANARY, file.read_text(), file.name)
            self.assertNotIn("password", file.read_text().replace("Password management", "").replace("passwords", "").replace("password is", ""), file.name)

    def test_what_a_client_called_itself_is_text(self):
        _, _, out = self.make("escaped")
        page = (out / "index.html").read_text()
        self.assertNotIn("<img", page)
        self.assertIn("&lt;img src=x onerror", page)

    def test_other_days_have_no_records(self):
        status, told, out = self.make("empty", begin="2020-01-01Z", end="2020-01-31Z")
        self.assertEqual(status, 0, told)
        self.assertEqual(self.rows(out, "records"), [])
        self.assertEqual((out / "samples.jsonl").read_text(), "")

    def test_the_same_seed_draws_the_same_samples(self):
        drawn = [(self.make(f"seed-{n}", "--seed", seed, "--samples", 2)[2] / "samples.jsonl").read_text() for n, seed in enumerate((7, 7))]
        self.assertEqual(drawn[0], drawn[1])
        self.assertEqual(len(drawn[0].splitlines()), 2)

    def test_every_change_of_the_folder_shows(self):
        _, _, out = self.make("signed")
        self.assertEqual(pgward("evidence", "verify", out, "--key", self.verifier)[0], 0)
        other = self.proxy.run("evidence", "keygen", self.proxy.home / "other.key", "--name", "officer.alder.test").strip()
        self.assertEqual(pgward("evidence", "verify", out, "--key", other)[0], 1)
        for name in ("index.html", "evidence.json", "samples.jsonl", "policy.yaml", "manifest.note"):
            for change in ("append", "remove"):
                copy = self.proxy.home / "changed"
                shutil.copytree(out, copy)
                if change == "remove":
                    (copy / name).unlink()
                else:
                    (copy / name).write_text((copy / name).read_text() + "\n")
                self.assertEqual(pgward("evidence", "verify", copy, "--key", self.verifier)[0], 1, (name, change))
                shutil.rmtree(copy)
        (out / "more.html").write_text("put in")
        status, told, _ = pgward("evidence", "verify", out, "--key", self.verifier)
        self.assertEqual(status, 1)
        self.assertIn("more.html: was put in", told)

    def test_what_cannot_be_recorded_is_not_read(self):
        proxy = here().new_proxy().start()
        proxy.stop()
        shutil.rmtree(proxy.audit / "inbox", ignore_errors=True)
        (proxy.audit / "inbox").write_text("in the way")
        arguments = ["evidence", "--config", proxy.config_file, "--from", "2020-01-01", "--to", "2099-01-01", "--key", self.key, "--out"]
        status, _, error = pgward(*arguments, proxy.home / "no")
        self.assertEqual(status, 2)
        self.assertIn("cannot be recorded", error)
        self.assertFalse((proxy.home / "no").exists())
        status, told, error = pgward(*arguments, proxy.home / "yes", "--unrecorded")
        self.assertEqual(status, 0, error)
        self.assertIn("not recorded", (proxy.home / "yes" / "manifest.note").read_text())

    def test_that_it_was_read_is_recorded(self):
        proxy = here().new_proxy().start()
        proxy.stop()
        pgward("evidence", "--config", proxy.config_file, "--from", "2020-01-01", "--to", "2099-01-01", "--out", proxy.home / "e", "--key", self.key)
        proxy.start()  # takes in what lies there
        eventually(lambda: records(proxy.audit, "trail.read"))
        proxy.stop()
        self.assertEqual([r["command"] for r in records(proxy.audit, "trail.read")], ["evidence"])

    def test_that_the_last_records_were_shown_is_recorded(self):
        proxy = here().new_proxy().start()
        proxy.stop()
        status, told, _ = pgward("audit", "tail", proxy.audit)
        self.assertEqual((status, "log.close" in told), (0, True))
        self.assertEqual([json.loads(file.read_text())["command"] for file in (proxy.audit / "inbox").glob("*.json")], ["tail"])
        shutil.rmtree(proxy.audit / "inbox")
        (proxy.audit / "inbox").write_text("in the way")
        status, told, error = pgward("audit", "tail", proxy.audit)
        self.assertEqual((status, told), (2, ""))
        self.assertIn("cannot be recorded", error)
        self.assertIn("log.close", pgward("audit", "tail", proxy.audit, "--unrecorded")[1])

    def test_bad_questions(self):
        for more in (["--from", "yesterday"], ["--from", "2030-01-01", "--to", "2029-01-01"], ["--key", "/nonexistent"], ["--out", self.proxy.home]):
            arguments = {"--config": self.proxy.config_file, "--from": "2020-01-01", "--to": "2021-01-01", "--out": self.proxy.home / "bad", "--key": self.key}
            arguments |= dict(zip(more[::2], more[1::2]))
            status, _, error = pgward("evidence", *[text for pair in arguments.items() for text in pair])
            self.assertEqual(status, 2, (more, error))
            self.assertIn("pgward evidence: ", error)

    def test_the_document_holds_the_same_table(self):
        self.assertIn(pgward("evidence", "safeguards")[1], DOCUMENT.read_text())
