"""Cursors and prepared statements of SQL, on a real server: they give what the plain query gives."""
from world import ALDER, BIRCH, Case, connect, direct_value, recorded


class Cursors(Case):
    def test_a_named_cursor_of_the_driver(self):
        for of in (ALDER, BIRCH):
            with connect(of, autocommit=False) as c, c.cursor(name="all of them", scrollable=True) as cursor:
                cursor.itersize = 7
                cursor.execute("SELECT mrn FROM patients ORDER BY mrn")
                self.assertEqual({row[0][:3] for row in cursor}, {of.mark})
                cursor.scroll(0, "absolute")
                self.assertEqual(cursor.fetchone()[0][:3], of.mark)

    def test_held_cursors_outlive_their_transaction_and_others_do_not(self):
        with connect() as c:
            with c.transaction():
                c.execute("DECLARE held CURSOR WITH HOLD FOR SELECT mrn FROM patients ORDER BY mrn")
                c.execute("DECLARE gone CURSOR FOR SELECT mrn FROM patients")
                self.assertEqual(len(c.execute("FETCH 3 FROM gone").fetchall()), 3)
            self.assertEqual(len(c.execute("FETCH 3 FROM held").fetchall()), 3)
            with self.refused("34000"):
                c.execute("FETCH 1 FROM gone")
            c.execute("CLOSE held")
            with self.refused("34000"):
                c.execute("FETCH 1 FROM held")
            with self.refused("34000"):
                c.execute("FETCH 1 FROM never")

    def test_the_row_at_a_cursor(self):
        with connect(autocommit=False) as c:
            c.execute("DECLARE x CURSOR FOR SELECT id, mrn FROM patients ORDER BY id FOR UPDATE")
            first = c.execute("FETCH 1 FROM x").fetchone()[0]
            changed = c.execute("UPDATE patients SET notes = 'seen' WHERE CURRENT OF x RETURNING id").fetchall()
            self.assertEqual(changed, [(first,)])
            c.rollback()

    def test_what_is_fetched_is_recorded(self):
        sql = "FETCH 2 FROM recorded_cursor"
        with connect(autocommit=False) as c:
            c.execute("DECLARE recorded_cursor CURSOR FOR SELECT mrn FROM patients")
            c.execute(sql)
        self.assertEqual([t["table"] for r in recorded(sql) for t in r["tables"]], ["public.patients"])


class Prepared(Case):
    def test_prepare_and_execute(self):
        with connect() as c, connect(BIRCH) as other:
            for each, of in ((c, ALDER), (other, BIRCH)):
                each.execute("PREPARE same_name (text) AS SELECT mrn FROM patients WHERE mrn LIKE $1")
                for _ in range(7):  # from the sixth on the plan may be generic
                    self.assertEqual({r[0][:3] for r in each.execute("EXECUTE same_name ('%')")}, {of.mark})
            c.execute("DEALLOCATE same_name")
            with self.refused("26000"):
                c.execute("EXECUTE same_name ('%')")

    def test_a_row_of_another_clinic_is_not_written_through_execute(self):
        with connect(autocommit=False) as c:
            c.execute("PREPARE p (uuid) AS UPDATE patients SET clinic_id = $1 WHERE mrn = 'none'")
            c.execute(f"EXECUTE p ('{ALDER.tenant_id}')")
            for argument in (f"'{BIRCH.tenant_id}'", f"lower('{ALDER.tenant_id}')::uuid", "NULL"):
                with self.refused("42501"), c.transaction():
                    c.execute(f"EXECUTE p ({argument})")
            c.rollback()

    def test_parse_and_prepare_share_their_names(self):
        with connect() as c:
            c.execute("PREPARE mixed AS SELECT mrn FROM patients")
            with self.refused("42P05"):
                c.execute("PREPARE mixed AS SELECT 1")
            raw = c.pgconn.exec_prepared(b"mixed", [])
            self.assertEqual({raw.get_value(i, 0)[:3] for i in range(raw.ntuples)}, {ALDER.mark.encode()})
            c.pgconn.prepare(b"parsed", b"SELECT mrn FROM patients")
            self.assertEqual({r[0][:3] for r in c.execute("EXECUTE parsed")}, {ALDER.mark})

    def test_explain_is_for_roles_that_may(self):
        with connect() as c, self.refused("42501"):
            c.execute("EXPLAIN SELECT * FROM patients")


class Untouched(Case):
    def test_the_other_clinic_is_as_it_was(self):
        self.assertEqual(direct_value(f"SELECT count(*) FROM patients WHERE clinic_id = '{BIRCH.tenant_id}' AND notes = 'seen'"), 0)
