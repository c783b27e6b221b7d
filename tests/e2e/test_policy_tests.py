"""pgward test: the sample policy's own tests, against the database and against a saved catalog."""
import json

import clinic
from test_tools import pgward
from world import Case, here

TESTS = clinic.HERE / "policy_test.yaml"


class PolicyTests(Case):
    def upstream(self):
        return here().cluster.conninfo(clinic.DATABASE, clinic.UPSTREAM_USER, here().upstream_password)

    def test_the_sample_policy_does_what_it_should(self):
        status, out, err = pgward("test", "--upstream", self.upstream(), TESTS)
        self.assertEqual(status, 0, out + err)
        self.assertRegex(out, r"^\d+ passed, 0 failed\n$")

    def test_without_a_database(self):
        status, catalog, err = pgward("catalog", "--upstream", self.upstream())
        self.assertEqual(status, 0, err)
        path = here().stage.home / "catalog.json"
        path.write_text(catalog)
        status, out, err = pgward("test", "--catalog", path, TESTS)
        self.assertEqual(status, 0, out + err)

    def test_a_change_of_the_policy_shows(self):
        loose = here().stage.home / "loose.yaml"
        loose.write_text(clinic.POLICY.read_text().replace("reader: {may: [select]}", "reader: {may: [select, delete]}"))
        status, out, err = pgward("test", "--upstream", self.upstream(), "--policy", loose, TESTS)
        self.assertEqual(status, 1, out + err)
        self.assertIn("FAILED a reader does not write", out)
        self.assertIn("expected: refused", out)
        status, out, err = pgward("test", "--json", "--upstream", self.upstream(), "--policy", loose, TESTS)
        self.assertEqual(status, 1, err)
        self.assertEqual([t["name"] for t in json.loads(out)["tests"] if not t["passed"]], ["a reader does not write"])

    def test_what_cannot_be_run(self):
        for arguments in (["/nonexistent"], [TESTS], [TESTS, "--upstream", "host=/nonexistent"], [TESTS, "--catalog", TESTS],
                          [clinic.POLICY, "--upstream", self.upstream()]):
            with self.subTest(arguments):
                status, out, err = pgward("test", *arguments)
                self.assertEqual(status, 2, out + err)
                self.assertTrue(err)
