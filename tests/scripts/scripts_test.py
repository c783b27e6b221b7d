"""The parts of scripts/lib that decide what a last line says: counting, and translating a policy."""
import pathlib, re, subprocess, sys, tempfile, unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "scripts" / "lib"))
import corpus_policy  # noqa: E402


def count(ctest, own):
    """The last line for one suite: programs with their CTest status, and what they counted themselves."""
    with tempfile.TemporaryDirectory() as place:
        results = pathlib.Path(place)
        if ctest is not None:
            rows = "".join(f'<testcase name="{n}" status="{s}"/>' for n, s in ctest.items())
            (results / "ctest.unit.xml").write_text(f"<testsuite>{rows}</testsuite>")
        for name, text in own.items():
            (results / f"{name}.xml").write_text(text)
        done = subprocess.run([sys.executable, TOP / "scripts/lib/count_tests.py", place, "unit"],
                              capture_output=True, text=True)
        return done.stdout.splitlines()[-1], done.returncode


def counted(tests, failures=0, errors=0, disabled=0):
    return f'<testsuites tests="{tests}" failures="{failures}" errors="{errors}" disabled="{disabled}"/>'


class Documents(unittest.TestCase):
    def test_every_code_of_a_finding_is_described(self):
        codes = {c for f in TOP.glob("policy/against_*.cpp") for c in re.findall(r'code = "([a-z-]+)"', f.read_text())}
        described = set(re.findall(r"`([a-z-]+)`", (TOP / "docs/database.md").read_text()))
        self.assertGreater(len(codes), 30)
        self.assertEqual(codes - described, set())


class CountTests(unittest.TestCase):
    def test_rows(self):
        rows = {
            "all well": ({"a": "run", "b": "run"}, {"a": counted(7)}, ("8 passed, 0 failed", 0)),
            "cases failed": ({"a": "fail"}, {"a": counted(7, failures=2)}, ("5 passed, 2 failed", 1)),
            "crashed before it counted": ({"a": "fail"}, {}, ("0 passed, 1 failed", 1)),
            "crashed with a torn count": ({"a": "fail"}, {"a": "<testsuites"}, ("0 passed, 1 failed", 1)),
            "counted no failure, ended badly": ({"a": "fail"}, {"a": counted(7)}, ("7 passed, 1 failed", 1)),
            "disabled ones are not passed": ({"a": "run"}, {"a": counted(7, disabled=3)}, ("4 passed, 0 failed", 0)),
            "nothing ran": ({}, {}, ("0 passed, 1 failed", 1)),
            "ctest did not even start": (None, {}, ("0 passed, 1 failed", 1)),
        }
        for name, (ctest, own, expected) in rows.items():
            with self.subTest(name):
                self.assertEqual(count(ctest, own), expected)


PROTECTED = {
    "tables": [{"schema": "public", "table": "patients", "tenant_column": "clinic_id", "type": "uuid", "attribute": "tenant_id"},
               {"schema": "Front Desk", "table": 'Check-"In"', "tenant_column": "Clinic Id", "type": "int", "attribute": "tenant_no"}],
    "views": [{"schema": "public", "view": "v_counts", "tenant_column": None}],
    "materialized_views": [], "reference": ["public.ref_icd10"], "safe_functions": ["public.f"],
    "locked_settings": ["app.tenant_id", "app.tenant_no"],
}


class CorpusPolicy(unittest.TestCase):
    def test_translation(self):
        import yaml
        policy = yaml.safe_load(corpus_policy.translate(PROTECTED, "predicate"))
        self.assertEqual(policy["tables"]["patients"]["tenant"], {"column": "clinic_id", "attribute": "tenant_id"})
        self.assertEqual(policy["tables"]['"Front Desk"."Check-""In"""']["tenant"]["column"], "Clinic Id")
        self.assertEqual(policy["tables"]["ref_icd10"], {"shared": "read"})
        self.assertNotIn("v_counts", policy["tables"])
        self.assertEqual([t["setting"] for t in policy["tenant"]], ["app.tenant_id", "app.tenant_no"])
        self.assertEqual((policy["mode"], policy["default"], policy["missing_tenant"]), ("predicate", "refuse", "refuse"))


if __name__ == "__main__":
    unittest.main()
