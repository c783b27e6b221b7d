"""Whoever bends the trail is found out: thirteen attacks, two verifiers that share no code, and pgward itself at its next start."""
import datetime, json, pathlib, re, shutil, subprocess, sys, tempfile, unittest

from forger import Copy, age_key, read_key
from throwaway.process import Failed
from throwaway.proxy import binary
from world import ALDER, BIRCH, Case, connect, here

SECOND_OPINION = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "audit-verify"


def run_rounds(proxy, count):
    """A start with statements, and an end. The text says which start it was."""
    proxy.start()
    for of in (ALDER, BIRCH):
        with connect(of, proxy=proxy) as c:
            for n in range(count):
                c.execute(f"SELECT mrn, notes FROM patients WHERE id = {n}").fetchall()
    proxy.stop()


class Bent(Case):
    @classmethod
    def setUpClass(cls):
        """Three starts, each under a key of its own; the last in several segments. The anchor saw all of it."""
        cls.place = pathlib.Path(tempfile.mkdtemp(dir=here().stage.home))
        cls.outside = cls.place / "outside"
        cls.outside.mkdir()
        cls.proxy = here().new_proxy()
        cls.proxy.config["audit"] |= {"anchors": [{"directory": str(cls.outside)}], "segment": "1MiB"}
        cls.proxy.write_config(cls.proxy.config)
        cls.keys = cls.proxy.audit / "keys"
        for start in range(2):
            run_rounds(cls.proxy, 4)
            age_key(cls.keys)
            if start == 0:
                cls.old_copy = shutil.copytree(cls.proxy.audit, cls.place / "old")
        cls.second_copy = shutil.copytree(cls.proxy.audit, cls.place / "second")
        run_rounds(cls.proxy, 4)
        run_rounds(cls.proxy, 1500)
        cls.key = next(re.search(r"u000akey (\S+?)\\u000a", line.decode())[1] for line in Copy(cls.proxy.audit).lines if b"\\u000akey " in line)

    def copy(self):
        return Copy(shutil.copytree(self.proxy.audit, pathlib.Path(tempfile.mkdtemp(dir=self.place)) / "audit"))

    def verdicts(self, directory, anchor=True, key=True):
        """(status, what was found) of both."""
        more = ["--key", self.key] * key + ["--anchor", str(self.outside)] * anchor
        first = subprocess.run([binary(), "audit", "verify", directory, "--json", *more], capture_output=True, text=True)
        second = subprocess.run([sys.executable, SECOND_OPINION, directory, *more], capture_output=True, text=True)
        self.assertIn(first.returncode, (0, 1, 3), first.stderr)
        return first.returncode, json.loads(first.stdout), second.returncode, second.stdout + second.stderr

    def assert_found(self, copy, seq, says, second_says="", **how):
        """Both say so, at the place of record `seq` (a range: one of them)."""
        directory = copy.save()
        status, report, second, text = self.verdicts(directory, **how)
        self.assertEqual((status, second), (1, 1), f"{report} {text}")
        bad = report["first_bad"]
        wanted = range(seq, seq + 1) if isinstance(seq, int) else seq
        self.assertIn(bad["seq"], wanted, bad)
        self.assertIn(says, bad["reason"])
        self.assertIn(second_says, text)
        self.assertEqual((bad["file"], bad["line"], bad["offset"]), copy.place(bad["seq"]))
        if not how.get("anchor", True):
            self.assertEqual(self.verdicts(directory)[::2], (1, 1), "with its anchor too")
        m = re.search(r"(\d{6}\.jsonl):(\d+) \(record (\d+), byte (\d+)\)", text)
        self.assertIn(int(m[3]), range(wanted[0] - 1, wanted[-1] + 2), text)
        return report

    def read(self, copy, nth=3, after=0):
        at = after
        for _ in range(nth):
            at = copy.find(b'"type":"stmt.read"', after=at)
        return at

    def test_untouched(self):
        status, report, second, text = self.verdicts(self.proxy.audit)
        self.assertEqual((status, second), (0, 0), f"{report} {text}")
        self.assertEqual(report["signing"]["epoch"], 3)
        self.assertGreater(report["segments"], 1)
        # At least the end of each start; how many more depends on how long it took.
        self.assertGreaterEqual(report["signing"]["anchored"], 4)
        self.assertIn(f"root {report['root']}", text)
        self.assertIn(f"{report['signing']['checkpoints']} checkpoints", text)

    def test_edit(self):
        copy = self.copy()
        at = self.read(copy)
        copy.edit(at, b'"rows":', b'"rows":7')
        self.assert_found(copy, at, "was changed")

    def test_edit_with_all_hashes_computed_anew(self):
        copy = self.copy()
        at = self.read(copy)
        copy.edit(at, b'"rows":', b'"rows":7')
        copy.remake(at)
        checkpoint = copy.find(b'"log.checkpoint"', after=at)
        self.assert_found(copy, checkpoint, "changed, taken away or put in after it was signed", "changed after it was signed", anchor=False)

    def test_delete(self):
        copy = self.copy()
        at = self.read(copy)
        copy.delete(at)
        self.assert_found(copy, at, "deleted")
        copy = self.copy()
        copy.delete(at)
        copy.remake(at)
        self.assert_found(copy, copy.find(b'"log.checkpoint"', after=at), "after it was signed", anchor=False)

    def test_swap(self):
        copy = self.copy()
        at = self.read(copy)
        segment, n = copy.spot(at)
        segment[n], segment[n + 1] = segment[n + 1], segment[n]
        self.assert_found(copy, at, "changed places")

    def test_insert(self):
        copy = self.copy()
        at = self.read(copy)
        copy.insert(at, copy.lines[at - 1])
        copy.remake(at)
        self.assert_found(copy, copy.find(b'"log.checkpoint"', after=at), "after it was signed", anchor=False)

    def cut(self, seq):
        copy = self.copy()
        copy.truncate(seq)
        total = len(copy.lines)
        self.assertEqual(total, seq)
        self.assert_found(copy, total + 1, "the end of the log was cut off", "the end was cut off")
        self.assert_not_served(copy.directory)

    def assert_not_served(self, audit):
        """pgward itself does not write on it: neither are its clients served."""
        proxy = here().new_proxy()
        proxy.config["audit"] = self.proxy.config["audit"] | {"directory": str(audit)}
        proxy.write_config(proxy.config)
        self.addCleanup(proxy.stop)
        with self.assertRaises(Failed) as caught:
            proxy.start()
        self.assertIn("the audit log cannot be used", str(caught.exception))

    def test_truncate_to_a_record(self):
        copy = self.copy()
        self.cut(len(copy.lines) - 30)

    def test_truncate_to_a_checkpoint(self):
        copy = self.copy()
        self.cut(copy.last(b'"log.checkpoint"', b'"log":"pgward/3"'))

    def test_truncate_to_a_segment(self):
        copy = self.copy()
        self.cut(len(copy.lines) - len(copy.segments[-1]))

    def test_roll_back(self):
        copy = Copy(shutil.copytree(self.second_copy, pathlib.Path(tempfile.mkdtemp(dir=self.place)) / "audit"))
        self.assert_found(copy, len(copy.lines) + 1, "an older copy", "the end was cut off")
        self.assert_not_served(copy.directory)

    def forged_since(self, copy, at):
        """All records from `at` on, signed anew with the key of the day."""
        public, seed, copy.epoch = read_key(self.keys)
        return copy.remake(at, public, seed)

    def test_fork(self):
        """Another history since the key of the day came, by somebody who holds it. Only the anchor can tell."""
        copy = self.copy()
        at = self.read(copy, after=copy.last(b"next-key"))
        copy.edit(at, b'"rows":', b'"rows":7')
        self.forged_since(copy, at)
        checkpoint = copy.find(b'"log.checkpoint"', after=at)
        self.assert_found(copy, checkpoint - 1, "another history", "another history")
        self.assertEqual(self.verdicts(copy.directory, anchor=False)[::2], (0, 0), "what an anchor is for")
        self.assert_not_served(copy.directory)

    def test_sign_the_past_anew_with_the_key_of_the_day(self):
        copy = self.copy()
        at = self.read(copy)
        copy.edit(at, b'"rows":', b'"rows":7')
        self.forged_since(copy, at)
        self.assert_found(copy, copy.find(b'"log.checkpoint"', after=at), "was signed in epoch 3, and this is epoch 1", "epoch", anchor=False)

    def test_claim_an_old_epoch_with_the_key_of_the_day(self):
        copy = self.copy()
        at = self.read(copy)
        copy.edit(at, b'"rows":', b'"rows":7')
        public, seed, _ = read_key(self.keys)
        copy.epoch = 1
        copy.remake(at, public, seed)
        self.assert_found(copy, copy.find(b'"log.checkpoint"', after=at), "was not signed by the key of epoch 1", "epoch 1", anchor=False)

    def test_write_all_of_it_anew_under_a_key_of_ones_own(self):
        copy = self.copy()
        public, seed, copy.epoch = read_key(self.old_copy / "keys")
        for n in [n for n, line in enumerate(copy.lines, 1) if b"next-key" in line]:
            copy.edit(n, b"", b"")
        self.forged_since(copy, 1)
        self.assertEqual(self.verdicts(copy.save())[::2], (1, 1))

    def test_replay_an_old_epoch(self):
        """The key and the log of an old backup go on: checkpoints of epoch 2 behind those of epoch 3."""
        copy = self.copy()
        public, seed, epoch = read_key(self.second_copy / "keys")
        at = copy.find(b'"log.checkpoint"', after=copy.last(b"next-key"))
        copy.epoch = epoch
        copy.remake(at, public, seed)
        self.assert_found(copy, at, "was signed in epoch 2, and this is epoch 3", "epoch", anchor=False)
        self.assertEqual(self.verdicts(copy.directory)[::2], (1, 1))

    def test_drop_heartbeats(self):
        """Two minutes without a checkpoint, hidden by somebody who holds the key of the day."""
        copy = self.copy()
        at = copy.find(b'"log.checkpoint"', after=self.read(copy, after=copy.last(b'"log.open"')))
        for segment in copy.segments:
            for n, line in enumerate(segment):
                if json.loads(line)["seq"] >= at:
                    when = re.search(rb'"ts":"([^"]+)"', line)[1].decode()
                    later = datetime.datetime.strptime(when, "%Y-%m-%dT%H:%M:%S.%fZ") + datetime.timedelta(seconds=200)
                    segment[n] = line.replace(when.encode(), later.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode(), 1)
        self.forged_since(copy, at)
        self.assertEqual(self.verdicts(copy.save())[::2], (1, 1), "an anchor tells")
        status, report, second, text = self.verdicts(copy.directory, anchor=False)
        self.assertEqual((status, second), (3, 3), f"{report} {text}")
        self.assertEqual(report["questions"][0]["seq"], at)
        self.assertIn("no checkpoint came for 20", report["questions"][0]["reason"])
        self.assertIn("no checkpoint came for 20", text)

    def test_clone_the_instance(self):
        """A copy with its key is run beside the original: it contradicts what the anchor holds of the original."""
        self.assert_not_served(shutil.copytree(self.second_copy, self.place / "clone"))
        copy = self.copy()
        at = copy.last(b'"log.open"')
        copy.edit(at, b'"heartbeat_s":60', b'"heartbeat_s":61')
        self.forged_since(copy, at)
        self.assert_found(copy, copy.find(b'"log.checkpoint"', after=at) - 1, "another history", "another history")

    def test_strip_the_signatures(self):
        copy = self.copy()
        for n in reversed([n for n, line in enumerate(copy.lines, 1) if b'"log.checkpoint"' in line]):
            copy.delete(n)
        copy.remake()
        self.assertEqual(self.verdicts(copy.save())[::2], (1, 1))
        self.assertEqual(self.verdicts(copy.directory, anchor=False, key=False)[::2], (3, 3))

    def test_proofs_hold_for_who_checks_them_alone(self):
        key = self.verdicts(self.proxy.audit)[1]["signing"]["first_key"]
        keys = [key] + [re.search(r"next-key (\S+?)\\u000a", line.decode())[1] for line in Copy(self.proxy.audit).lines if b"next-key" in line]
        for argument in (["5"], ["--from", "7"]):
            made = subprocess.run([binary(), "audit", "prove", self.proxy.audit, "--json", *argument], capture_output=True, text=True)
            self.assertEqual(made.returncode, 0, made.stderr)
            for change in (None, "proof", "record", "old_root"):
                proof = json.loads(made.stdout)
                if change == "proof":
                    proof["proof"][0] = proof["proof"][-1]
                elif change == "record" and "record" in proof:
                    proof["record"] = proof["record"].replace("seq", "sex")
                elif change == "old_root" and "old_root" in proof:
                    proof["old_root"] = proof["proof"][0]
                elif change:
                    continue
                file = self.place / "proof.json"
                file.write_text(json.dumps(proof))
                done = subprocess.run([sys.executable, SECOND_OPINION, "--proof", file, "--key", keys[-1]], capture_output=True, text=True)
                self.assertEqual(done.returncode, 1 if change else 0, f"{change} {done.stdout}{done.stderr}")


if __name__ == "__main__":
    unittest.main()
