"""Recorded first, or not run; complete; free of values; and whoever changes the trail is found out."""
import json, os, resource, shutil, subprocess

import psycopg

import world
from throwaway.proxy import binary
from world import ALDER, BIRCH, Case, connect, direct_value, here


class Recorded(Case):
    def test_the_record_is_there_when_the_first_row_is(self):
        sql = "SELECT mrn, last_name FROM patients WHERE id > -101"
        with world.wire() as w:
            self.assertIsNone(w.log_in("clinician", world.token(), "ehr"))
            for kind, _ in w.query(sql):
                if kind == b"D":  # not a moment later: the rest of the rows has not even been read
                    self.assertEqual(len(world.recorded(sql)), 1)
                    break
            else:
                self.fail("no row came")

    def test_extended_protocol_too(self):
        sql = "SELECT mrn, first_name FROM patients WHERE id > -102"
        with connect() as c:
            self.assertTrue(c.cursor(binary=True).execute(sql).fetchone())
            self.assertEqual(len(world.recorded(sql)), 1)
            c.execute(sql, prepare=True).fetchall()
            c.execute(sql, prepare=True).fetchall()
            self.assertEqual(len(world.recorded(sql)), 3)

    def test_what_an_intent_says(self):
        sql = "UPDATE patients SET notes = 'Wyckqwer' WHERE last_name = 'Tzyvasyjelle' AND mrn = 'ALD-88888'"
        with connect() as c:
            c.execute(sql)
        intent, = world.recorded(sql)
        text = json.dumps(intent)
        for expected in ("UPDATE", "public.patients", "dev@alder.test", "clinician", ALDER.tenant_id, "127.0.0.1", "notes"):
            self.assertIn(expected, text)
        for value in ("Wyckqwer", "Tzyvasyjelle", "ALD-88888"):
            self.assertNotIn(value, text)

    def test_the_result_follows(self):
        sql = "SELECT mrn FROM patients WHERE id > -103"
        with connect() as c:
            rows = len(c.execute(sql).fetchall())
        read, = world.recorded(sql)  # the whole answer was there when it was recorded
        self.assertEqual((read["type"], read["rows"], read["sqlstate"]), ("stmt.read", rows, "00000"))

    def outcome_of(self, record):
        same = lambda r: r["session"] == record["session"] and r["statement"] == record["statement"]
        found = world.eventually(lambda: [r for r in world.records(type="stmt.result") if same(r)])
        return [(r["rows"], r["sqlstate"]) for r in found]

    def test_a_long_answer_is_recorded_before_its_first_row_and_its_result_after_the_last(self):
        sql = "SELECT p.mrn, repeat('x', 1000) FROM patients p, generate_series(1, 1000) -- e2e-105"
        with connect() as c:
            rows = len(c.execute(sql).fetchall())
        read, = world.recorded(sql)
        self.assertNotIn("rows", read)
        self.assertEqual(self.outcome_of(read), [(rows, "00000")])

    def test_a_change_is_recorded_before_and_after(self):
        sql = "UPDATE patients SET notes = notes WHERE mrn = 'no such number 106'"
        with connect() as c:
            c.execute(sql)
        intent, = world.recorded(sql)
        self.assertEqual(intent["type"], "stmt.intent")
        self.assertEqual(self.outcome_of(intent), [(0, "00000")])

    def test_the_same_again_is_told_by_its_number(self):
        sql = "SELECT mrn, first_name FROM patients WHERE id > -107"
        with connect() as c:
            for _ in range(3):
                c.execute(sql).fetchall()
        first, *again = world.recorded(sql)
        self.assertNotIn("like", first)
        self.assertEqual([r["like"] for r in again], [first["statement"]] * 2)
        self.assertTrue(all(r["tables"] == first["tables"] for r in again))

    def test_other_literals_are_told_by_number_and_their_own_hash(self):
        texts = [f"SELECT mrn, last_name FROM patients WHERE id > -{n} AND mrn <> 'x{n}'" for n in (108, 1080, 10800)]
        with connect() as c:
            for sql in texts + texts[-1:]:
                c.execute(sql).fetchall()
        first, = world.recorded(texts[0])
        self.assertNotIn("like", first)
        runs = [world.recorded(sql) for sql in texts[1:]]
        for sql, (once, *_) in zip(texts[1:], runs):
            self.assertEqual(once["like"], first["statement"])
            self.assertEqual(once["sql"], {"sha256": world.sha256(sql), "bytes": len(sql)})
            self.assertEqual((once["tables"], once["op"], once["policy"]), (first["tables"], "SELECT", first["policy"]))
        self.assertEqual([len(r) for r in runs], [1, 2])
        self.assertNotIn("like", runs[1][1])  # came again: in full, so that what follows can be told by its number

    def test_refusals_and_sessions_are_recorded(self):
        sql = "TRUNCATE patients -- e2e-104"
        with connect(BIRCH) as c, self.refused():
            c.execute(sql)
        denied = world.eventually(lambda: [r for r in world.records(type="stmt.deny") if world.sha256(sql) in json.dumps(r)])
        self.assertEqual(len(denied), 1)
        self.assertIn("dev@birch.test", json.dumps(denied))
        for kind in ("session.open", "session.close"):
            self.assertTrue(world.eventually(lambda: world.records(type=kind)), kind)


class Failing(Case):
    def test_when_it_cannot_be_written_nothing_runs(self):
        proxy = here().new_proxy()
        # The log's next byte does not fit: the process may not make a file longer than it is.
        proxy.start(restore_signals=False)  # keeps SIGXFSZ ignored, as Python has it
        self.addCleanup(proxy.stop)
        with connect(proxy=proxy) as c:
            self.assert_bound(c)
            longest = max(p.stat().st_size for p in proxy.audit.glob("*.jsonl"))
            used = max(len(p.read_bytes().rstrip(b"\0")) for p in proxy.audit.glob("*.jsonl"))
            resource.prlimit(proxy.process.pid, resource.RLIMIT_FSIZE, (min(longest, used), resource.RLIM_INFINITY))
            for sql in ("UPDATE patients SET notes = 'not recorded'", "SELECT mrn, ssn FROM patients"):
                with self.subTest(sql), self.assertRaises(psycopg.Error) as caught:
                    self.fail(f"ran: {(connect(proxy=proxy) if c.closed else c).execute(sql).rowcount} rows")
                self.assertIn("audit trail", str(caught.exception))
                self.assertNotIn("ALD-", str(caught.exception))
        self.assertEqual(direct_value("SELECT count(*) FROM patients WHERE notes = 'not recorded'"), 0)


def verify(directory):
    done = subprocess.run([binary(), "audit", "verify", directory], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Verified(Case):
    @classmethod
    def setUpClass(cls):
        """A finished log to copy and tamper with."""
        proxy = here().new_proxy().start()
        for of in (ALDER, BIRCH):
            with connect(of, proxy=proxy) as c:
                for n in range(5):
                    c.execute(f"SELECT mrn, notes FROM patients WHERE id = {n}").fetchall()
        proxy.stop()
        cls.log = proxy.audit

    def test_an_untouched_log_is_intact(self):
        status, text = verify(self.log)
        self.assertEqual(status, 0, text)

    def test_the_live_log_is_intact(self):
        status, text = verify(here().proxy.audit)
        self.assertEqual(status, 0, text)

    def test_nothing_to_read(self):
        self.assertEqual(verify(here().stage.home / "no-such-directory")[0], 2)

    def tampered(self, name, change):
        """`change` gets the list of lines and the place of an intent in the middle; gives the first bad line."""
        copy = here().stage.home / f"tampered-{name.replace(' ', '-')}"
        shutil.copytree(self.log, copy)
        path = sorted(copy.glob("*.jsonl"))[-1]
        lines = path.read_bytes().rstrip(b"\0").split(b"\n")
        at = [n for n, line in enumerate(lines) if b"stmt.read" in line][4]
        change(lines, at)
        os.chmod(path, 0o600)
        path.write_bytes(b"\n".join(lines))
        return path, at + 1

    def test_tampering_is_found_and_named(self):
        def edit(lines, at): lines[at] = lines[at].replace(b'"rows":', b'"rows":1')
        def delete(lines, at): del lines[at]
        def swap(lines, at): lines[at], lines[at + 1] = lines[at + 1], lines[at]
        def double(lines, at): lines.insert(at, lines[at])
        def cut(lines, at): lines[at] = lines[at][:-10]
        def garbage(lines, at): lines[at] = b"{}"
        for change in (edit, delete, swap, double, cut, garbage):
            with self.subTest(change.__name__):
                path, line = self.tampered(change.__name__, change)
                status, text = verify(path.parent)
                self.assertEqual(status, 1, text)
                self.assertIn(path.name, text)
                # A changed line shows when its successor names its hash; either line may be the one named.
                self.assertRegex(text, rf"\b({line}|{line + 1})\b")

    def test_tail_tells_in_full_what_a_record_says_by_number(self):
        with world.connect() as c:
            for _ in range(3):
                c.execute("SELECT last_name FROM patients WHERE id = 1", prepare=False)
        directory = world.here().proxy.audit
        self.assertIn("like", [r for r in world.records(directory) if r["type"] == "stmt.read"][-1])
        done = subprocess.run([binary(), "audit", "tail", str(directory), "-n", "4"], capture_output=True, text=True)
        reads = [line for line in done.stdout.splitlines() if "stmt.read" in line]
        self.assertGreater(len(reads), 1, done.stdout)
        for line in reads:
            self.assertRegex(line, r"dev@alder.test/clinician.*op SELECT.*R:public\.patients\[")

    def test_tail_reads_like_text(self):
        done = subprocess.run([binary(), "audit", "tail", self.log, "-n", "3"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.strip().splitlines()), 3, done.stdout)
