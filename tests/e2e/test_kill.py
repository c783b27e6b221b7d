"""A dozen kills and a few failures of the disk; scripts/kill-test does a thousand."""
import pathlib, subprocess, sys

from world import Case

KILL_TEST = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "lib" / "kill_test.py"


class Killed(Case):
    def run_rounds(self, *arguments):
        done = subprocess.run([sys.executable, KILL_TEST, *arguments], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("\n0 disclosed or held without a durable record", done.stdout)

    def test_kill(self):
        self.run_rounds("--rounds", "12")

    def test_a_disk_that_fails(self):
        self.run_rounds("--faults", "--rounds", "4")
