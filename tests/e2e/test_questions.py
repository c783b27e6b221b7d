"""An officer asks the trail: who saw whom, what somebody did, who logged in; and asking is recorded."""
import csv, io, json, os, pathlib, shutil, subprocess, sys, tempfile, unittest

import psycopg

from throwaway.proxy import binary
from world import ALDER, BIRCH, Case, connect, direct_value, eventually, here, records, token

SECOND_OPINION = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "audit-verify"


class Questions(Case):
    @classmethod
    def setUpClass(cls):
        """A pgward of its own, with a trail in which everything is known."""
        cls.proxy = here().new_proxy()
        cls.proxy.start()
        cls.patient = str(direct_value(f"SELECT id FROM patients WHERE clinic_id = '{ALDER.tenant_id}' ORDER BY id LIMIT 1"))
        cls.other = str(direct_value(f"SELECT id FROM patients WHERE clinic_id = '{ALDER.tenant_id}' ORDER BY id OFFSET 1 LIMIT 1"))
        cls.canary = str(direct_value(f"SELECT last_name FROM patients WHERE id = '{cls.patient}'"))
        with connect(ALDER, proxy=cls.proxy) as c:
            c.execute("SELECT id, mrn, last_name FROM patients WHERE id = %s", [cls.patient]).fetchall()
            c.execute("SELECT id, mrn, last_name FROM patients WHERE id = %s", [cls.other]).fetchall()
            c.execute("SELECT count(*) FROM patients WHERE id = %s", [cls.patient]).fetchall()
            c.execute("SELECT count(*) FROM patients").fetchall()
            try:
                c.execute("SELECT * FROM pg_authid")
            except psycopg.Error:
                pass
        with connect(BIRCH, proxy=cls.proxy) as c:
            c.execute("SELECT id, mrn, last_name FROM patients ORDER BY id LIMIT 3").fetchall()
        for _ in range(3):
            try:
                connect(ALDER, proxy=cls.proxy, password="not.a.token")
            except psycopg.OperationalError:
                pass
        eventually(lambda: len([r for r in records(cls.proxy.audit) if r["type"] == "session.close"]) >= 2)

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()

    def ask(self, *arguments, log=None, status=0, form="--json"):
        done = subprocess.run([binary(), "audit", arguments[0], *arguments[1:], *(["--log", str(log or self.proxy.audit)] if log is not False else []), *([form] if form else [])],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, status, f"{arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if form == "--json" and done.returncode == 0 else done.stdout + done.stderr

    def test_who_saw_tells_exact_from_probe_and_from_may_include(self):
        answer = self.ask("who-saw", self.patient)
        self.assertEqual([r["how"] for r in answer["rows"]], ["exact", "probe"], answer)
        row = answer["rows"][0]
        self.assertEqual((row["user"], row["role"]), ("dev@alder.test", "clinician"))
        self.assertEqual((row["touched"], row["action"]), (["public.patients"], "R"))
        self.assertIn("name", row["phi"])
        self.assertEqual((row["sqlstate"], row["rows"]), ("00000", 1))
        self.assertEqual(row["subject"], [self.patient])
        sets = answer["may_include"]
        self.assertEqual([(s["table"], s["user"], s["statements"]) for s in sets], [("public.patients", "dev@alder.test", 1)], sets)
        self.assertTrue(answer["source"]["verified"].startswith("intact"), answer["source"])

    def test_people_of_another_tenant_are_others(self):
        self.assertEqual(self.ask("who-saw", self.patient, "--tenant", f"tenant_id={BIRCH.tenant_id} tenant_no={BIRCH.tenant_no}")["rows"], [])
        self.assertIn("there is no key of the tenant", self.ask("who-saw", self.patient, "--tenant", "clinic_id=none-such", status=2))

    def test_a_tenant_in_whatever_order(self):
        names = [f"tenant_no={ALDER.tenant_no}", f"tenant_id={ALDER.tenant_id}"]
        for tenant in (" ".join(names), ",".join(reversed(names))):
            self.assertEqual(len(self.ask("who-saw", self.patient, "--tenant", tenant)["rows"]), 2, tenant)

    def test_tail_shows_nothing_that_a_terminal_obeys(self):
        copy = pathlib.Path(tempfile.mkdtemp(dir=here().stage.home)) / "audit"
        shutil.copytree(self.proxy.audit, copy)
        last = sorted(copy.glob("*.jsonl"))[-1]
        odd = ['{"seq":1,"type":"stmt.deny","reason":"\\u001b[2Jx","actor":{"sub":"\\u0007"},"tables":[7,{"table":"t","phi":[1,"\\u001b"]}]}', '{"seq":2,"actor":3,"tables":{"a":"b"}}', "[" * 100_000]
        last.write_bytes(last.read_bytes().rstrip(b"\0") + "".join(line + "\n" for line in odd).encode())
        text = self.ask("tail", str(copy), "-n", "5", "--unrecorded", log=False, form=None)
        self.assertIn("[2Jx", text)
        self.assertFalse([c for c in text if c < " " and c != "\n"], text)

    def test_a_key_from_standard_input_stands_on_no_command_line(self):
        done = subprocess.run([binary(), "audit", "who-saw", "-", "--json", "--log", str(self.proxy.audit)], input=self.patient + "\n", capture_output=True, text=True)
        self.assertEqual([r["subject"] for r in json.loads(done.stdout)["rows"]], [[self.patient]] * 2, done.stderr)

    def test_a_range_of_days(self):
        self.assertEqual(self.ask("who-saw", self.patient, "--to", "2020-01-01")["rows"], [])
        self.assertEqual(len(self.ask("who-saw", self.patient, "--from", "2020-01-01Z")["rows"]), 2)
        self.assertIn("is no date", self.ask("who-saw", self.patient, "--from", "yesterday", status=2))

    def test_what_did(self):
        answer = self.ask("what-did", "dev@alder.test")
        self.assertEqual((answer["sessions"], answer["refused"]), (1, 1), answer)
        self.assertEqual(answer["people_touched"], 2)
        self.assertEqual([r["type"] for r in answer["rows"]], ["session.open"] + ["stmt.read"] * 4 + ["stmt.deny", "session.close"])
        self.assertEqual(self.ask("what-did", "nobody@alder.test")["rows"], [])

    def test_accounting_sums_up(self):
        answer = self.ask("accounting", self.patient, "--from", "2020-01-01")
        self.assertEqual([(r["recipient"], r["certainty"], r["times"]) for r in answer["rows"]],
                         [("dev@alder.test", "exact", 1), ("dev@alder.test", "probe", 1)], answer)
        self.assertIn("public.patients", answer["rows"][0]["what"])

    def test_breach(self):
        answer = self.ask("breach", "--user", "dev@alder.test", "--discovered", "2026-01-01Z")
        self.assertEqual((answer["people"], answer["viewed_or_changed"], answer["only_queried"]), (2, 2, 0), answer)
        self.assertIn("name", answer["identifiers"])
        self.assertEqual(answer["notify_people_by"], "2026-03-02")
        everybody = self.ask("breach", "--from", "2020-01-01")
        self.assertEqual(everybody["people"], 5, everybody)
        credential = self.ask("query", "--user", "dev@alder.test")["rows"][0]["credential"]
        self.assertEqual(self.ask("breach", "--credential", credential)["people"], 2)

    def test_logins(self):
        answer = self.ask("logins", "--failed")
        self.assertEqual((answer["failed"], answer["logged_in"]), (3, 0))
        by = self.ask("logins", "--by", "user,ip")
        self.assertEqual(sorted((r["user"], r["times"]) for r in by["rows"]), [("", 3), ("dev@alder.test", 1), ("dev@birch.test", 1)], by)

    def test_query_and_sample(self):
        everything = self.ask("query", "--all")["rows"]
        self.assertEqual([r["seq"] for r in everything], sorted(r["seq"] for r in everything))
        self.assertEqual({r["type"] for r in self.ask("query", "--type", "stmt.*")["rows"]} - {"stmt.touch", "stmt.result"}, {"stmt.read", "stmt.deny"})
        self.assertEqual(len(self.ask("query", "--table", "public.patients", "--user", "dev@birch.test", "--type", "stmt.read")["rows"]), 1)
        self.assertEqual(self.ask("query", "--sqlstate", "42501", "--type", "stmt.deny")["rows"][0]["user"], "dev@alder.test")
        one, again = (self.ask("sample", "-n", "3", "--seed", "11", log=self.still()) for _ in range(2))
        self.assertEqual(one["rows"], again["rows"])
        self.assertEqual(len(one["rows"]), 3)

    def still(self):
        """A copy that nobody writes on."""
        if not hasattr(type(self), "_still"):
            type(self)._still = pathlib.Path(tempfile.mkdtemp(dir=here().stage.home)) / "audit"
            shutil.copytree(self.proxy.audit, self._still)
        return self._still

    def test_coverage(self):
        answer = self.ask("coverage")
        self.assertEqual((answer["refused_while_the_log_failed"], answer["intents_without_result"]), (0, 0))
        self.assertGreater(answer["records"], 10)

    def test_forms(self):
        rows = list(csv.DictReader(io.StringIO(subprocess.run(
            [binary(), "audit", "who-saw", self.patient, "--log", str(self.proxy.audit), "--csv"], capture_output=True, text=True, check=True).stdout)))
        self.assertEqual([r["how"] for r in rows], ["exact", "probe"])
        text = self.ask("who-saw", self.patient, form=None)
        self.assertIn("dev@alder.test", text)
        self.assertIn("verified: intact", text)

    def test_proofs_hold(self):
        place = pathlib.Path(tempfile.mkdtemp(dir=here().stage.home))
        eventually(lambda: self.ask("who-saw", self.patient)["source"]["checkpoint"]["size"] > self.ask("who-saw", self.patient)["rows"][-1]["seq"])
        answer = self.ask("who-saw", self.patient, "--proofs", str(place))
        files = sorted(place.glob("*.json"))
        self.assertGreaterEqual(len(files), 2, answer)
        report = json.loads(subprocess.run([binary(), "audit", "verify", self.proxy.audit, "--json"], capture_output=True, text=True).stdout)
        for file in files:
            done = subprocess.run([sys.executable, SECOND_OPINION, "--proof", file, "--key", report["signing"]["first_key"]], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_asking_is_recorded_and_no_key_stands_anywhere(self):
        def reads():
            """What other tests asked may still be in the inbox: this very question."""
            return [r for r in records(self.proxy.audit) if r["type"] == "trail.read" and r["command"] == "who-saw" and r["pseudonyms"] == answer["asked"]["pseudonyms"]]
        answer = self.ask("who-saw", self.patient)
        self.assertTrue(eventually(lambda: not list((self.proxy.audit / "inbox").glob("*"))))
        before = len(reads())
        self.ask("who-saw", self.patient)
        self.assertTrue(eventually(lambda: len(reads()) > before))
        read = reads()[-1]
        self.assertEqual((read["uid"], read["file_owner"]), (os.getuid(), os.getuid()))
        self.assertTrue(eventually(lambda: not list((self.proxy.audit / "inbox").glob("*"))))
        for file in self.proxy.audit.rglob("*"):
            if file.is_file() and "keys" not in file.parts:
                self.assertNotIn(self.canary.encode(), file.read_bytes(), file)

    def test_what_cannot_be_recorded_is_not_answered(self):
        copy = pathlib.Path(tempfile.mkdtemp(dir=here().stage.home)) / "audit"
        shutil.copytree(self.proxy.audit, copy)
        shutil.rmtree(copy / "inbox", ignore_errors=True)
        (copy / "inbox").write_text("in the way")
        text = self.ask("who-saw", self.patient, log=copy, status=2)
        self.assertIn("reading the trail is recorded", text)
        self.assertNotIn("dev@alder.test", text)
        self.assertIn("NOT RECORDED", " ".join(self.ask("who-saw", self.patient, "--unrecorded", log=copy)["notes"]))

    def test_a_broken_trail_is_said_to_be(self):
        copy = pathlib.Path(tempfile.mkdtemp(dir=here().stage.home)) / "audit"
        shutil.copytree(self.proxy.audit, copy)
        segment = sorted(copy.glob("*.jsonl"))[0]
        segment.write_bytes(segment.read_bytes().replace(b'"user":"', b'"user":"x', 1))
        text = self.ask("who-saw", self.patient, log=copy, status=1)
        self.assertIn("does not verify", text)

    def test_review_is_signed_by_somebody_else(self):
        options = ["--hours", "00:00-00:00", "--refusals", "1", "--failures", "3", "--watch", self.patient]
        cases = self.ask("review", *options)["rows"]
        rules = {c["rule"] for c in cases}
        self.assertLessEqual({"refusals", "failed-log-ins", "watched-person", "after-hours"}, rules, cases)
        case = next(c for c in cases if c["rule"] == "watched-person")
        self.ask("review", *options, "--sign", case["case"], "--result", "fine", status=2)
        self.assertIn("signed", self.ask("review", *options, "--sign", case["case"], "--result", "explained", form=None))
        signed = eventually(lambda: [c for c in self.ask("review", *options, "--all")["rows"] if c["case"] == case["case"] and c["signed_by"]])
        self.assertEqual(signed[0]["result"], "explained")
        self.assertIn("signed already", self.ask("review", *options, "--sign", case["case"], "--result", "explained", status=2))
        self.assertEqual(self.ask("review", *options, "--overdue")["rows"], [])
        self.ask("review", *options, "--overdue", "--overdue-hours", "0", status=3)


if __name__ == "__main__":
    unittest.main()
