"""Runs plan_many over many statements and adds up what it says."""
import collections, json, os, subprocess, tempfile
from pathlib import Path

from shapes import regress
from shapes.orm import Statements
from throwaway.process import Failed

CHUNK = 5000
MODES = ("rls+predicate", "predicate")


class Report:
    def __init__(self, program):
        self.program, self.total, self.wrong, self.crashes = program, 0, [], 0
        self.counts = collections.Counter()
        self.objects = collections.defaultdict(collections.Counter)
        self.examples = collections.defaultdict(list)

    def add(self, texts, *options):
        """Every text, through one process; one that ends it is noted, and the rest goes on in another."""
        texts = [t for t in texts if "\0" not in t]
        with tempfile.TemporaryDirectory() as place:
            file = Path(place, "statements")
            file.write_bytes(b"".join(t.encode("utf-8", "surrogateescape") + b"\0" for t in texts))
            done = subprocess.run([self.program, file, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if done.returncode not in (0, 1):
                last = Path(f"{file}.at").read_bytes().split(b"\0")[0].decode("utf-8", "replace") if Path(f"{file}.at").exists() else ""
                return self.crashed(texts, last, done, options)
        said = json.loads(done.stdout)
        self.total += len(texts)
        self.wrong += said["wrong"]
        for outcome, entry in said["outcomes"].items():
            self.counts[outcome] += entry["count"]
            self.objects[outcome].update(entry["objects"])
            self.examples[outcome] += entry["examples"][:50]

    def crashed(self, texts, last, done, options):
        self.crashes += 1
        self.wrong.append({"what": f"ended with {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}", "sql": last})
        if last in texts and self.crashes < 20:
            self.add([t for t in texts if t != last], *options)

    def show(self, verbose):
        print(f"{self.total:9,} statements")
        for outcome, count in self.counts.most_common():
            most = ", ".join(f"{name} {n}" for name, n in self.objects[outcome].most_common(6))
            print(f"{count:9,} {'' if outcome in ('passed', 'rewritten') else 'refused: '}{outcome}{f' ({most})' if most else ''}")
            if verbose and outcome not in ("passed", "rewritten"):
                for text in self.examples[outcome][:verbose]:
                    print("            " + " ".join(text.split())[:300])
        for each in self.wrong[:20]:
            print(f"WRONG: {each['what'][:1500]}\n    {each['sql'][:1500]}")
        print(f"{self.crashes} crashes, {len(self.wrong)} wrong")


def orm(report, count, seed):
    source = Statements(seed)
    for begin in range(0, count, CHUNK):
        texts = [source.next() for _ in range(min(CHUNK, count - begin))]
        for mode in MODES:
            report.add(texts, "--mode", mode)


def suite(report, patterns):
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        for _, texts, catalog, policy in regress.files(Path(place), patterns):
            for mode in MODES:
                report.add(texts, "--mode", mode, "--catalog", catalog, "--policy", policy)


def program():
    """Beside the pgward that is tested, unless told otherwise."""
    named = os.environ.get("PGWARD_PLAN_MANY")
    found = Path(named) if named else Path(os.environ.get("PGWARD_BIN", "")).resolve().parents[1] / "tests/policy/plan_many"
    if not found.is_file():
        raise Failed(f"no {found}: build its target, plan_many")
    return found
