"""A refusal is to a driver what an error of the server is: same state, same skipping, nothing half done."""
import psycopg
from psycopg.pq import TransactionStatus as State

import world
from world import ALDER, BIRCH, Case, connect, direct_value

REFUSED = "COPY patients TO PROGRAM 'id'"
NOT_RUN = {
    "unknown table": ("SELECT * FROM nothing_of_this_name", ("42P01",)),
    "not listed": ("SELECT * FROM pg_catalog.pg_authid", ("42501", "42P01")),
    "unparsable": ("SELEC mrn FROM patients", ("42601",)),
    "truncate": ("TRUNCATE appointments", ("42501", "0A000")),
    "drop": ("DROP TABLE lab_results", ("42501", "0A000")),
    "alter": ("ALTER TABLE patients DISABLE ROW LEVEL SECURITY", ("42501", "0A000")),
    "policy": ("DROP POLICY tenant ON patients", ("42501", "0A000")),
    "copy in": ("COPY icd10_codes FROM STDIN", ("42501", "0A000")),
    "program": (REFUSED, ("42501", "0A000")),
    "do": ("DO $$ BEGIN DELETE FROM patients; END $$", ("42501", "0A000")),
    "grant": ("GRANT ALL ON patients TO PUBLIC", ("42501", "0A000")),
    "matview": ("CREATE MATERIALIZED VIEW m AS SELECT * FROM patients", ("42501", "0A000")),
    "table as": ("CREATE TABLE t AS SELECT * FROM patients", ("42501", "0A000")),
    "explain analyze": ("EXPLAIN ANALYZE DELETE FROM patients", ("42501", "0A000")),
    "lock": ("LOCK TABLE patients", ("42501", "0A000")),
    "deep nesting": ("SELECT " + "(" * 20000 + "1" + ")" * 20000, ("54", "42601")),
    "nested comments": ("SELECT 1 " + "/*" * 50000, ("54", "42601")),
    "run of operators": ("SELECT 1 " + "+-" * 30000 + "1", ("54", "42601")),
}


class Refusals(Case):
    def test_nothing_of_it_runs_and_the_session_goes_on(self):
        before = direct_value("SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM patients p")
        with connect() as c:
            for name, (sql, states) in NOT_RUN.items():
                for prepared in (False, True):
                    with self.subTest(name, extended=prepared):
                        with self.refused(*states) as caught:
                            c.cursor(binary=prepared).execute(sql)
                        self.assertEqual(c.info.transaction_status, State.IDLE)
                        self.assertTrue(caught.error.diag.message_primary)
                        self.assert_bound(c)
        self.assertEqual(direct_value("SELECT md5(string_agg(p::text, '' ORDER BY id)) FROM patients p"), before)

    def test_text_of_a_refusal_holds_nothing_of_the_client(self):
        with connect() as c, self.refused() as caught:
            c.execute("SELECT 'Xquilopawyck' FROM Zyvasyjelle_unknown WHERE 'Qwerylozarn' = 'x'")
        for value in ("xquilopawyck", "qwerylozarn", "zyvasyjelle"):
            self.assertNotIn(value, world.all_text(caught.error).lower())


class Transactions(Case):
    def test_a_refusal_fails_the_transaction(self):
        with connect() as c:
            c.execute("BEGIN")
            c.execute("UPDATE patients SET notes = 'half done'")
            with self.refused("42501", "0A000"):
                c.execute(REFUSED)
            self.assertEqual(c.info.transaction_status, State.INERROR)
            with self.refused("25P02"):
                c.execute("SELECT 1")
            with self.refused("25P02", "42601"):
                c.execute("SELEC")
            self.assertEqual(c.execute("COMMIT").statusmessage, "ROLLBACK")
            self.assertEqual(c.info.transaction_status, State.IDLE)
        self.assertEqual(direct_value("SELECT count(*) FROM patients WHERE notes = 'half done'"), 0)

    def test_savepoints_survive_a_refusal(self):
        with connect() as c:
            c.execute("BEGIN; SAVEPOINT a")
            with self.refused("42501", "0A000"):
                c.execute(REFUSED)
            c.execute("ROLLBACK TO a")
            self.assertEqual(c.info.transaction_status, State.INTRANS)
            self.assert_bound(c)
            c.execute("ROLLBACK")

    def test_a_string_of_statements_is_all_or_nothing(self):
        with connect() as c:
            with self.refused("42501", "0A000"):
                c.execute(f"UPDATE patients SET notes = 'half done'; {REFUSED}; SELECT 1")
            self.assertEqual(c.info.transaction_status, State.IDLE)
        self.assertEqual(direct_value("SELECT count(*) FROM patients WHERE notes = 'half done'"), 0)

    def test_several_statements_in_one_string_work(self):
        with connect() as c:
            cursor = psycopg.ClientCursor(c)
            cursor.execute("SELECT mrn FROM patients WHERE mrn LIKE '%00001'; SELECT count(*) FROM clinics")
            self.assertEqual(cursor.fetchall(), [(ALDER.mrn(1),)])
            self.assertTrue(cursor.nextset())
            self.assertEqual(cursor.fetchall(), [(1,)])

    def test_commit_and_rollback(self):
        with connect(autocommit=False) as c:
            self.assertGreater(c.execute("UPDATE patients SET notes = 'rolled back'").rowcount, 0)
            c.rollback()
            self.assertEqual(c.execute("SELECT count(*) FROM patients WHERE notes = 'rolled back'").fetchone()[0], 0)


class Pipelines(Case):
    def test_a_refusal_skips_to_sync_and_undoes_the_pipeline(self):
        with connect() as c:
            with self.refused("42501", "0A000"), c.pipeline():
                c.execute("UPDATE patients SET notes = 'half done'")
                c.execute(REFUSED)
                c.execute("UPDATE appointments SET status = 'half done'")
            self.assertEqual(c.info.transaction_status, State.IDLE)
            self.assert_bound(c)
        self.assertEqual(direct_value("SELECT count(*) FROM patients WHERE notes = 'half done'"), 0)
        self.assertEqual(direct_value("SELECT count(*) FROM appointments WHERE status = 'half done'"), 0)

    def test_after_sync_the_pipeline_goes_on(self):
        with connect() as c, c.pipeline() as p:
            first = c.execute("SELECT 1")
            p.sync()
            with self.refused("42501", "0A000"):
                c.execute(REFUSED)
                p.sync()
            last = c.execute("SELECT mrn FROM patients WHERE mrn LIKE '%00002'")
            self.assertEqual((first.fetchone(), last.fetchone()), ((1,), (ALDER.mrn(2),)))

    def test_empty_query_and_many_parameters(self):
        with connect() as c:
            self.assertIsNone(c.execute("").description)
            ids = list(range(1, 1501))
            marks = ", ".join(["%s"] * len(ids))
            rows = c.execute(f"SELECT mrn FROM patients WHERE id IN ({marks})", ids).fetchall()
            self.assertEqual({m[:3] for m, in rows}, {ALDER.mark})
            with self.refused("42501"):
                c.execute("UPDATE patients SET clinic_id = %s WHERE id = %s", (BIRCH.tenant_id, 1))
