"""The commands for the DBA: check, explain, token."""
import json, re, subprocess

import yaml

import clinic
from throwaway.proxy import binary
from world import ALDER, Case, here

CLAIMS = [f"--claim={k}={v}" for k, v in ALDER.claims.items()]


def pgward(*arguments, text=None):
    done = subprocess.run([binary(), *map(str, arguments)], input=text, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def explain(sql, *more):
    return pgward("explain", "--config", here().proxy.config_file, "--database", "ehr", "--role", "clinician",
                  *CLAIMS, *more, sql)


class Explain(Case):
    def test_shows_what_would_be_sent_and_why(self):
        for sql in ("SELECT mrn FROM patients", "SELECT p.mrn FROM patients p LEFT JOIN appointments a ON a.patient_id = p.id",
                    "UPDATE patients SET notes = NULL", "DELETE FROM appointments WHERE status = 'done'",
                    "WITH x AS (SELECT * FROM patients) SELECT count(*) FROM x", "SELECT * FROM booked_appointments"):
            with self.subTest(sql):
                status, out, err = explain(sql)
                self.assertEqual(status, 0, err)
                self.assertIn(ALDER.tenant_id, out)            # the predicate
                self.assertRegex(out, r"policy\.yaml:\d+")      # the line that caused it
                self.assertIn("app.tenant_id", out)            # the setting

    def test_names_tables_and_phi(self):
        out = explain("SELECT last_name, ssn FROM patients")[1]
        for expected in ("patients", "last_name", "ssn"):
            self.assertIn(expected, out)

    def test_int_tenant_column(self):
        self.assertRegex(explain("SELECT value FROM lab_results")[1], r"tenant_no\W.*101")

    def test_refusals_say_why(self):
        for sql in ("TRUNCATE patients", "SELECT * FROM pg_authid", "SET app.tenant_id = 'x'", "SELEC"):
            with self.subTest(sql):
                _, out, err = explain(sql)
                self.assertRegex((out + err).lower(), r"refus|denied|not run")

    def test_json_and_standard_input(self):
        status, out, err = pgward("explain", "--config", here().proxy.config_file, "--database", "ehr", "--role",
                                  "clinician", *CLAIMS, "--json", "-", text="SELECT mrn FROM patients")
        self.assertEqual(status, 0, err)
        self.assertIn(ALDER.tenant_id, json.dumps(json.loads(out)))


class Check(Case):
    def written(self, name, text):
        path = here().proxy.home / name
        path.write_text(text)
        return path

    def config(self, name, policy):
        return self.written(name, yaml.safe_dump(here().proxy.config | {"policy": str(policy)}).replace("'off'", "off"))

    def test_good(self):
        status, out, err = pgward("check", "--config", here().proxy.config_file)
        self.assertEqual(status, 0, out + err)

    def test_all_mistakes_at_once_with_their_places(self):
        text = clinic.POLICY.read_text()
        broken = (text.replace("version: 1", "version: 7").replace("type: uuid", "type: uid")
                  .replace("shared: read", "shared: reed").replace("default: refuse", "defolt: refuse"))
        config = self.config("broken.yaml", self.written("broken.policy.yaml", broken))
        status, out, err = pgward("check", "--config", config, "--offline")
        self.assertEqual(status, 1)
        places = {int(line) for line in re.findall(r"broken\.policy\.yaml:(\d+):\d+: ", out + err)}
        wrong = {n for n, (a, b) in enumerate(zip(text.splitlines(), broken.splitlines()), 1) if a != b}
        self.assertEqual(places & wrong, wrong, out + err)

    def test_names_are_looked_up_in_the_database(self):
        text = clinic.POLICY.read_text().replace("first_name: name", "frist_name: name").replace("lab_results:", "lab_result:")
        config = self.config("names.yaml", self.written("names.policy.yaml", text))
        status, out, err = pgward("check", "--config", config)
        self.assertEqual(status, 1)
        for nearest in ("first_name", "lab_results"):
            self.assertIn(nearest, out + err)
        self.assertEqual(pgward("check", "--config", config, "--offline")[0], 0)

    def test_row_level_security_is_looked_for(self):
        text = clinic.POLICY.read_text().replace("  icd10_codes: {shared: read}", "  icd10_codes: {tenant: {column: code, attribute: tenant_id}}")
        config = self.config("rls.yaml", self.written("rls.policy.yaml", text))
        status, out, err = pgward("check", "--config", config)
        self.assertEqual(status, 1)
        self.assertIn("icd10_codes", out + err)


class Token(Case):
    def test_says_that_it_is_for_development(self):
        status, out, err = pgward("token", "--key", here().proxy.key, "--issuer", "i", "--audience", "a", "--subject", "s")
        self.assertEqual(status, 0, err)
        self.assertRegex(out.strip(), r"^[\w-]+\.[\w-]+\.[\w-]+$")
        self.assertIn("development", err.lower())

    def test_every_algorithm_makes_keys_and_tokens(self):
        for algorithm in ("ES256", "RS256", "EdDSA"):
            with self.subTest(algorithm):
                key, jwks = here().stage.home / f"{algorithm}.key", here().stage.home / f"{algorithm}.jwks"
                status, _, err = pgward("token", "--new-key", key, "--jwks", jwks, "--alg", algorithm)
                self.assertEqual(status, 0, err)
                self.assertEqual(key.stat().st_mode & 0o077, 0)
                self.assertNotIn('"d"', jwks.read_text())
                self.assertEqual(pgward("token", "--key", key, "--issuer", "i", "--audience", "a", "--subject", "s")[0], 0)

    def test_version(self):
        status, out, _ = pgward("--version")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"\d+\.\d+\.\d+")
