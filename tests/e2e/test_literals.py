"""A text that differs from a planned one in its literals only uses that plan, and is still a text of its own."""
import psycopg

import world
from world import ALDER, BIRCH, CLINICS, PER_CLINIC, Case, connect, direct_value, recorded

VALUES = ["", "x", "it''s", "\u20ac\u00e9 \U0001f600", "b" * 3000, "-- /* $1 $$", "\\", "%"]
INSERT = ("INSERT INTO patients (clinic_id, mrn, first_name, last_name, birth_date, ssn) "
          "VALUES ('{}', '{}', 'Wrenolda', 'Quistermain', '1971-02-03', '{}') RETURNING mrn")


def cursors(connection):
    """One of each protocol."""
    yield "simple", psycopg.ClientCursor(connection)
    yield "extended", connection.cursor(binary=True)


class Literals(Case):
    def test_each_text_gets_the_answer_to_its_own_literals(self):
        for of in CLINICS:
            with connect(of) as c:
                for protocol, cursor in cursors(c):
                    for number in (1, PER_CLINIC, 7, 100000, 12):
                        with self.subTest(clinic=of.name, protocol=protocol, number=number):
                            sql = f"SELECT mrn, {number}, '{number}' FROM patients WHERE mrn = '{of.mrn(number)}' LIMIT 1"
                            before = len(recorded(sql))
                            rows = cursor.execute(sql).fetchall()
                            expected = [(of.mrn(number), number, str(number))] if number <= PER_CLINIC else []
                            self.assertEqual(rows, expected)
                            self.assertEqual(len(recorded(sql)), before + 1)  # the trail tells the text that was sent
                            foreign = ALDER.mrn(number) if of is BIRCH else BIRCH.mrn(number)
                            self.assertEqual(cursor.execute(sql.replace(of.mrn(number), foreign)).fetchall(), [])

    def test_any_value_arrives_as_it_was_written(self):
        with connect() as c:
            for protocol, cursor in cursors(c):
                for n, value in enumerate(VALUES * 2):
                    with self.subTest(protocol, value=value[:10]):
                        sql = f"SELECT DISTINCT '{value}'::text, {10 ** n} FROM patients WHERE mrn <> '{value}'"
                        self.assertEqual(cursor.execute(sql).fetchall(), [(value.replace("''", "'"), 10 ** n)])

    def test_another_clinics_literal_is_refused_after_the_own_one_was_planned(self):
        for n, order in enumerate(("own first", "foreign first")):
            with connect(ALDER) as c:
                for m, (protocol, cursor) in enumerate(cursors(c)):
                    mrns = [f"ALD-L{n}{m}{i}" for i in range(4)]
                    texts = {mrn: (of, INSERT.format(of.tenant_id, mrn, f"7{n}{m}-{i}"))
                             for i, (mrn, of) in enumerate(zip(mrns, (ALDER, BIRCH, ALDER, BIRCH)))}
                    for mrn, (of, sql) in sorted(texts.items(), reverse=order != "own first"):
                        with self.subTest(order, protocol=protocol, clinic=of.name):
                            if of is ALDER:
                                self.assertEqual(cursor.execute(sql).fetchall(), [(mrn,)])
                                continue
                            with self.refused("42501"):
                                cursor.execute(sql)
                    self.assertEqual(direct_value(f"SELECT count(*) FROM patients WHERE mrn LIKE 'ALD-L{n}{m}%'"), 2)
        with world.direct() as d:
            d.execute("DELETE FROM patients WHERE mrn LIKE 'ALD-L%'")

    def test_the_position_of_an_error_is_that_of_the_text_sent(self):
        with connect() as c:
            for protocol, cursor in cursors(c):
                for value in ("x", "", "a" * 200, "\u20ac" * 30):
                    sql = f"SELECT '{value}' FROM patients WHERE mrn = '{value}' AND no_such = '{value}'"
                    with self.subTest(protocol, value=value[:5]), self.refused("42703") as caught:
                        cursor.execute(sql)
                    self.assertEqual(caught.error.diag.statement_position, str(sql.index("no_such") + 1))
