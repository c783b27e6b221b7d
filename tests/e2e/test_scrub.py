"""`pgward scrub` as a program: lines that it has not seen, pipes, files that are rotated, signals."""
import collections
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

from throwaway.proxy import binary

TOP = pathlib.Path(__file__).resolve().parents[2]
WORD = re.compile(r"\d+|[^\W\d_]+")


def scrub(text, *arguments):
    done = subprocess.run([binary(), "scrub", *arguments], input=text, capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Lines(unittest.TestCase):
    """Lines from templates of tests/rules/log_lines.py: what is marked goes, what is not stays."""

    def setUp(self):
        made = subprocess.run([sys.executable, TOP / "tests/rules/log_lines.py", "e2e", "1500"], capture_output=True, check=True)
        self.records = [json.loads(line) for line in made.stdout.splitlines()]

    def test_values_go_and_the_rest_stays(self):
        text = "".join(r["text"] + "\n" for r in self.records).encode()
        status, out, _ = scrub(text)
        self.assertEqual(status, 0)
        lines = out.decode().split("\n")
        self.assertEqual(len(lines), len(self.records) + 1)
        spans, missed, wrong = 0, [], []
        for record, line in zip(self.records, lines):
            raw, words = record["text"].encode(), collections.Counter(WORD.findall(line))
            for begin, end, kind in record["phi"]:
                spans += 1
                if raw[begin:end].decode() in line:
                    missed.append((record["id"], kind))
            for begin, end, _ in record["keep"]:
                if any(not words[word] for word in WORD.findall(raw[begin:end].decode())):
                    wrong.append((record["id"], raw[begin:end].decode()))
        self.assertLess(len(missed), spans / 100, missed[:5])
        self.assertLess(len(wrong), spans / 100, wrong[:5])


class Streams(unittest.TestCase):
    def test_bytes_that_are_no_text_pass(self):
        text = b"a\0b\r\n\xff\xfe bad \xc3\n\nno end"
        self.assertEqual(scrub(text)[:2], (0, text))

    def test_a_long_line_is_one_line(self):
        status, out, _ = scrub(b"LOG:  statement: SELECT '" + b"x" * 9_000_000 + b"'\nnext\n")
        self.assertEqual((status, out.count(b"\n")), (0, 2))
        self.assertTrue(out.endswith(b" BYTES REMOVED]\nnext\n"), out[-60:])

    def test_a_line_comes_out_before_the_next_goes_in(self):
        with subprocess.Popen([binary(), "scrub"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            for line in (b"one\n", b"ssn 912-45-6789\n"):
                child.stdin.write(line)
                child.stdin.flush()
                self.assertEqual(child.stdout.readline(), line.replace(b"912-45-6789", b"[SSN]"))
            child.stdin.close()
            self.assertEqual(child.wait(10), 0)

    def test_a_reader_that_goes_away_is_no_error(self):
        with subprocess.Popen([binary(), "scrub"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            child.stdout.close()
            try:
                child.stdin.write(b"a line\n" * 200_000)
                child.stdin.close()
            except BrokenPipeError:
                pass
            self.assertEqual((child.wait(10), child.stderr.read()), (0, b""))

    def test_a_mistake_in_a_rule_file_has_its_place(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("version: 1\nrules:\n  - {name: a, kind: b, pattern: '('}\n")
            file.flush()
            status, out, error = scrub(b"x\n", "--rules", file.name)
            self.assertEqual((status, out), (2, b""))
            self.assertIn(f"{file.name}:3:33: the pattern cannot be used".encode(), error)


class Follow(unittest.TestCase):
    def test_growth_truncation_and_rotation(self):
        with tempfile.TemporaryDirectory() as place:
            log = pathlib.Path(place, "log")
            log.write_text("first\n")
            with subprocess.Popen([binary(), "scrub", "--follow", log], stdout=subprocess.PIPE) as child:
                try:
                    self.assertEqual(child.stdout.readline(), b"first\n")
                    with log.open("a") as file:
                        file.write("ssn 912-45-6789\n")
                    self.assertEqual(child.stdout.readline(), b"ssn [SSN]\n")
                    log.write_text("x\n")  # truncated, and shorter than before
                    self.assertEqual(child.stdout.readline(), b"x\n")
                    log.rename(pathlib.Path(place, "log.1"))
                    with pathlib.Path(place, "log.1").open("a") as file:
                        file.write("still the old one\n")
                    log.write_text("new\n")
                    self.assertEqual(child.stdout.readline(), b"still the old one\n")
                    self.assertEqual(child.stdout.readline(), b"new\n")
                finally:
                    child.send_signal(signal.SIGTERM)
                self.assertEqual(child.wait(10), 0)
