"""Temporary tables on a real server: a clinic's own rows, in a table that only its session sees."""
from world import ALDER, BIRCH, Case, connect, recorded


class Temporary(Case):
    def test_made_of_a_query_joined_and_dropped(self):
        for of in (ALDER, BIRCH):
            with connect(of) as c:
                c.execute("CREATE TEMP TABLE work AS SELECT id AS patient_id, mrn FROM patients")
                sql = "SELECT DISTINCT left(w.mrn, 3) FROM work w JOIN appointments a USING (patient_id)"
                self.assertEqual(c.execute(sql).fetchall(), [(of.mark,)])
                self.assertEqual([t["table"] for t in recorded(sql)[-1]["tables"]], ["public.appointments", "pg_temp.work"])
                c.execute("DROP TABLE work")
                with self.refused("42P01"):
                    c.execute("SELECT * FROM work")

    def test_rolled_back_and_gone_at_commit(self):
        with connect(autocommit=False) as c:
            c.execute("CREATE TEMP TABLE a (id int)")
            c.rollback()
            with self.refused("42P01"):
                c.execute("SELECT * FROM a")
            c.rollback()
            c.execute("CREATE TEMP TABLE b ON COMMIT DROP AS SELECT mrn FROM patients")
            self.assertEqual({row[0][:3] for row in c.execute("SELECT mrn FROM b")}, {ALDER.mark})
            c.commit()
            with self.refused("42P01"):
                c.execute("SELECT * FROM b")

    def test_staged_rows_must_still_be_the_clinics_own(self):
        with connect(autocommit=False) as c:
            c.execute("CREATE TEMP TABLE staged (clinic uuid, id bigint)")
            with c.cursor().copy("COPY staged FROM STDIN (FORMAT csv)") as copy:
                copy.write(f"{BIRCH.tenant_id},1\n")
            with self.refused("42501"):
                c.execute("UPDATE patients SET clinic_id = s.clinic FROM staged s")
            c.rollback()

    def test_names_of_the_database_cannot_be_hidden(self):
        with connect() as c:
            for name in ("patients", "clinics", "pg_class", "uuid"):
                with self.refused("42P07"):
                    c.execute(f"CREATE TEMP TABLE {name} (id int)")
            self.assert_bound(c)

    def test_other_sessions_do_not_see_it(self):
        with connect() as c, connect() as other:
            c.execute("CREATE TEMP TABLE mine AS SELECT mrn FROM patients")
            with self.refused("42P01"):
                other.execute("SELECT * FROM mine")
