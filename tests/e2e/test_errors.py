"""Errors keep what an application branches on and lose every value, and our own log never had any."""
import psycopg

import world
from world import ALDER, BIRCH, Case, connect, here

INSERT = "INSERT INTO patients (mrn, first_name, last_name, birth_date, ssn) VALUES ({}, {}, {}, {}, {})"
NAME, SSN = "Xquilopawyck", "987-65-4321"


def insert(mrn="'ALD-77777'", first=f"'{NAME}'", last="'Fjolivawyck'", born="'1961-07-08'", ssn=f"'{SSN}'"):
    return INSERT.format(mrn, first, last, born, ssn)


# name -> statement, SQLSTATE, names that must survive, values that must not
ROWS = {
    "unique": (insert(mrn=f"'{ALDER.mrn(1)}'"), "23505", {"constraint_name": "patients_mrn_key", "table_name": "patients"},
               [ALDER.mrn(1), NAME]),
    "check": (insert(born="'1822-03-04'"), "23514", {"constraint_name": "patients_born_after_1900"},
              ["1822", NAME, SSN, "Fjolivawyck"]),
    "not null": (insert(ssn="NULL"), "23502", {"column_name": "ssn", "table_name": "patients"}, [NAME, "Fjolivawyck"]),
    "foreign key": ("INSERT INTO appointments (patient_id, starts_at, reason) VALUES (97531864, now(), 'x')", "23503",
                    {"constraint_name": "appointments_patient_fk"}, ["97531864"]),
    "bad date": (insert(born=f"'{NAME}'"), "22007", {}, [NAME]),
    "bad number": (f"SELECT mrn FROM patients WHERE id = '{NAME}'", "22P02", {}, [NAME]),
    "cast": ("SELECT last_name::int FROM patients", "22P02", {}, ["Quillon", "Sorrelby", "Rastavyn", "Tamberlin"]),
    "json": (f"SELECT '{{{NAME}'::json", "22P02", {}, [NAME]),
    "out of range": ("SELECT 98765432109876::int", "22003", {}, ["98765432109876"]),
    "division": ("SELECT 1 / (id - id) FROM patients", "22012", {}, []),
    "unknown column": (f"SELECT \"{NAME}\" FROM patients", "42703", {}, [NAME]),
    "unknown function": (f"SELECT {NAME}(1)", "42883", {}, [NAME]),
}


class Scrubbed(Case):
    def check(self, caught, names, values):
        text = world.all_text(caught.error)
        for value in values:
            self.assertNotIn(value.lower(), text.lower())
        for field, expected in names.items():
            self.assertEqual(getattr(caught.error.diag, field), expected)
        self.assertEqual(caught.error.diag.severity, "ERROR")
        self.assertTrue(caught.error.diag.message_primary)

    def test_values_are_gone_names_stay(self):
        with connect() as c:
            for name, (sql, state, names, values) in ROWS.items():
                for extended in (False, True):
                    with self.subTest(name, extended=extended):
                        states = (state, "42501") if state.startswith("42") else (state,)
                        with self.refused(*states) as caught:
                            c.cursor(binary=extended).execute(sql)
                        self.check(caught, names, values)

    def test_bound_values_are_gone(self):
        with connect() as c:
            with self.refused("22P02") as caught:
                c.execute("SELECT mrn FROM patients WHERE id = %s::text::int", (NAME,))
            self.check(caught, {}, [NAME])
            with self.refused("23505") as caught:
                c.execute(INSERT.format(*["%s"] * 5), (ALDER.mrn(2), NAME, "F", "1970-01-01", SSN))
            self.check(caught, {"constraint_name": "patients_mrn_key"}, [NAME, ALDER.mrn(2), SSN])

    def test_another_clinics_value_is_not_confirmed(self):
        with connect() as c, self.refused("23505") as caught:
            c.execute(insert(mrn=f"'{BIRCH.mrn(3)}'"))
        self.check(caught, {}, [BIRCH.mrn(3), NAME])

    def test_what_the_server_itself_would_have_said(self):
        # The oracle of this file: without pgward the values do come back.
        with world.direct() as c, self.assertRaises(psycopg.Error) as caught:
            c.execute(f"SET app.tenant_id = '{ALDER.tenant_id}'; " + ROWS["bad number"][0])
        self.assertIn(NAME, str(caught.exception))


class OwnLog(Case):
    def test_no_statement_and_no_value_in_log_or_trail(self):
        with connect() as c:
            c.execute("SELECT mrn FROM patients WHERE last_name = 'Tzyvasyjelle' AND notes LIKE '%Wyckqwer%'")
            c.execute("SELECT mrn FROM patients WHERE last_name = %s", ("Lozarnpawy",))
            with self.refused():
                c.execute("SELECT 'Ghulmirande' FROM nothing_of_this_name")
            with self.refused():
                c.execute("SELECT 'Ghulmirande'::int")
        self.assertTrue(world.eventually(lambda: world.records(type="session.close")))
        written = here().proxy.log.read_text() + "".join(p.read_text() for p in here().proxy.audit.glob("*.jsonl"))
        for value in ("Tzyvasyjelle", "Wyckqwer", "Lozarnpawy", "Ghulmirande", "SELECT mrn", here().upstream_password,
                      world.token()):
            self.assertNotIn(value, written)
