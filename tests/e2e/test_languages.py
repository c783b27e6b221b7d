"""A server that speaks German, French, Japanese or Russian: values go, SQLSTATE, routine and names stay. And texts of the database's own
code that the policy allows."""
import subprocess

import clinic, world
from test_errors import ROWS
from throwaway.proxy import binary
from world import ALDER, Case, connect, here

LANGUAGES = {"de": "de_DE.utf8", "fr": "fr_FR.utf8", "ja": "ja_JP.utf8", "ru": "ru_RU.utf8"}
NAME = "Xquilopawyck"
FUNCTION = """
CREATE FUNCTION take_bed(bed text, patient text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF bed = '0' THEN RAISE EXCEPTION 'visit is closed' USING DETAIL = 'of ' || patient, HINT = 'Ask the ward.'; END IF;
  RAISE NOTICE 'bed % is for %', bed, patient;
  RAISE EXCEPTION 'bed % is taken by %', bed, patient USING ERRCODE = 'HC001', TABLE = patient, COLUMN = patient;
END $$;
GRANT EXECUTE ON FUNCTION take_bed TO """ + clinic.UPSTREAM_USER
ALLOWED = """
scrub:
  allow_texts:
    - visit is closed
    - Ask the ward.
    - text: bed % is taken by %
      sqlstate: HC001
      tests: {bed 1 is taken by A: "bed [removed] is taken by [removed]"}
"""


def has(locale):
    return locale in subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()


def speak(locale):
    with world.direct() as c:
        verb = f"SET lc_messages = '{locale}'" if locale else "RESET lc_messages"
        c.execute(f"ALTER ROLE {clinic.UPSTREAM_USER} {verb}")


class Languages(Case):
    def errors(self):
        found = {}
        with connect() as c:
            for name, (sql, _, names, values) in ROWS.items():
                with self.refused() as caught:
                    c.execute(sql)
                found[name] = caught.error, names, values
        return found

    def test_values_are_gone_in_every_language(self):
        english = self.errors()
        self.addCleanup(speak, None)
        for code, locale in LANGUAGES.items():
            if not has(locale):
                self.skipTest(f"no locale {locale}")
            speak(locale)
            same = 0
            for name, (error, names, values) in self.errors().items():
                with self.subTest(code, error=name):
                    diag, plain = error.diag, english[name][0].diag
                    self.assertEqual((diag.sqlstate, diag.source_function), (plain.sqlstate, plain.source_function))
                    for value in values:
                        self.assertNotIn(value.lower(), world.all_text(error).lower())
                    for field, expected in names.items():
                        self.assertEqual(getattr(diag, field), expected)
                    self.assertEqual(diag.severity_nonlocalized, "ERROR")
                    self.assertTrue(diag.message_primary)
                    same += diag.message_primary == plain.message_primary
            # refusals of our own are English; the server's words arrive in its own language
            self.assertLess(same, len(ROWS) / 2, code)

    def test_a_language_is_not_the_clients_to_choose(self):
        with connect() as c, self.refused("42501"):
            c.execute("SET lc_messages = 'C'")
        with self.assertRaises(Exception):
            connect(options="-c lc_messages=C").close()


class AllowedTexts(Case):
    def setUp(self):
        with world.direct() as c:
            c.execute(FUNCTION)
        self.addCleanup(self.drop)
        self.policy = here().stage.home / "allowed-texts.yaml"
        text = clinic.POLICY.read_text()
        self.assertIn("functions: {allow: [public.age_in_years]}", text)
        self.policy.write_text(text.replace("public.age_in_years]", "public.age_in_years, public.take_bed]") + ALLOWED)

    def drop(self):
        with world.direct() as c:
            c.execute("DROP FUNCTION take_bed")

    def test_its_words_stay_and_its_values_go(self):
        proxy = here().new_proxy(policy=self.policy).start()
        self.addCleanup(proxy.stop)
        notices = []
        with connect(proxy=proxy) as c:
            c.add_notice_handler(lambda diag: notices.append(diag.message_primary))
            with self.refused("HC001") as caught:
                c.execute("SELECT take_bed('12', %s)", (NAME,))
            self.assertEqual(caught.error.diag.message_primary, "bed [removed] is taken by [removed]")
            self.assertNotIn(NAME, world.all_text(caught.error))
            self.assertNotIn(NAME, "".join(notices))
            with self.refused("P0001") as caught:
                c.execute("SELECT take_bed('0', %s)", (NAME,))
            diag = caught.error.diag
            self.assertEqual((diag.message_primary, diag.message_detail, diag.message_hint),
                             ("visit is closed", None, "Ask the ward."))
        with connect(ALDER) as c, self.refused():  # not by the policy without
            c.execute("SELECT take_bed('12', %s)", (NAME,))

    def test_its_tests_are_run(self):
        def test(text):
            self.policy.write_text(text)
            return subprocess.run([binary(), "scrub", "test", "--policy", self.policy], capture_output=True, text=True, timeout=60)
        good = self.policy.read_text()
        self.assertIn(" passed, 0 failed", test(good).stdout)
        wrong = test(good.replace('"bed [removed] is', '"bed 1 is'))
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("FAILED allowed text", wrong.stdout)
        broken = test(good.replace("- visit is closed", '- "%"'))
        self.assertEqual(broken.returncode, 2)
        self.assertIn("has no words of its own", broken.stderr)
