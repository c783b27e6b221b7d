"""COPY FROM STDIN: rows of the own clinic come in by every way that drivers copy, rows of others do not.

In a database without row-level security: with it, PostgreSQL itself refuses COPY FROM (0A000)."""
import pathlib, subprocess, uuid

import psycopg
from psycopg import sql

import world
from world import ALDER, BIRCH, Case, here, records

SCHEMA = """
CREATE TABLE visits (id int PRIMARY KEY, clinic_id uuid NOT NULL, note text, twice int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE yearly (id int, clinic_id uuid NOT NULL, year int) PARTITION BY RANGE (year);
CREATE TABLE yearly_26 PARTITION OF yearly FOR VALUES FROM (2026) TO (2027);
CREATE TABLE jobs (id int, what text);
CREATE TABLE codes (code text);
GRANT SELECT, INSERT, DELETE ON visits, yearly, jobs, codes TO pgward_app;
"""
POLICY = """
version: 1
mode: predicate
tenant: {name: tenant_id, claim: tenant_id, setting: app.tenant_id, type: uuid}
default: refuse
tables:
  visits: {tenant: {column: clinic_id, attribute: tenant_id}, record: id, phi: {note: free_text}}
  yearly: {tenant: {column: clinic_id, attribute: tenant_id}}
  jobs: {shared: write}
  codes: {shared: read}
roles:
  clinician: {may: [select, insert, update, delete]}
  reader: {may: [select]}
"""
OWN, OTHER = ALDER.tenant_id, BIRCH.tenant_id


class CopyIn(Case):
    @classmethod
    def setUpClass(cls):
        cluster = here().cluster
        cluster.run_sql("CREATE DATABASE copies")
        cluster.run_sql(SCHEMA, "copies")
        policy = here().stage.home / "copies.yaml"
        policy.write_text(POLICY)
        cls.proxy = here().stage.new_proxy(cluster, databases=["copies"], policy=policy, upstream_user="pgward_app",
                                           upstream_password=here().upstream_password).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()

    def connect(self, role="clinician", **more):
        return world.connect(ALDER, role, self.proxy, dbname="copies", **more)

    def setUp(self):
        self.c = self.connect()
        self.addCleanup(self.c.close)
        self.stored("DELETE FROM visits; DELETE FROM yearly; DELETE FROM jobs", fetch=False)

    def stored(self, query, fetch=True):
        with here().cluster.connect("copies") as c:
            done = c.execute(query)
            return done.fetchall() if fetch else None

    def copy(self, statement, pieces):
        cursor = self.c.cursor()
        with cursor.copy(statement) as copy:
            for piece in pieces:
                copy.write(piece)
        return cursor.rowcount

    def test_text(self):
        rows = "".join(f"{n}\t{OWN}\tseen\\n{n}\n" for n in range(1000))
        self.assertEqual(self.copy("COPY visits FROM STDIN", [rows]), 1000)
        self.assertEqual(self.stored("SELECT count(*), count(DISTINCT clinic_id), max(twice) FROM visits"), [(1000, 1, 1998)])

    def test_csv_in_small_pieces(self):
        data = f'note,clinic_id,id\r\n"a ""quoted"",\r\nnote",{{{OWN.upper()}}},1\r\n,"{OWN}",2\r\n'
        done = self.copy("COPY visits (note, clinic_id, id) FROM STDIN (FORMAT csv, HEADER match)", list(data))
        self.assertEqual(done, 2)
        self.assertEqual(self.stored("SELECT note FROM visits ORDER BY id"), [('a "quoted",\r\nnote',), (None,)])

    def test_binary_rows(self):
        cursor = self.c.cursor()
        with cursor.copy("COPY visits (id, clinic_id, note) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "uuid", "text"])
            for n in range(100):
                copy.write_row((n, uuid.UUID(OWN), None if n % 2 else "x"))
        self.assertEqual(cursor.rowcount, 100)
        self.assertEqual(self.stored("SELECT count(*), count(note) FROM visits"), [(100, 50)])

    def test_partitions(self):
        self.assertEqual(self.copy("COPY yearly FROM STDIN (DELIMITER '|')", [f"1|{OWN}|2026\n"]), 1)
        with self.refused("42501"):
            self.copy("COPY yearly_26 FROM STDIN (DELIMITER '|')", [f"1|{OTHER}|2026\n"])

    def test_rows_of_others_are_refused_and_nothing_stays(self):
        for name, statement, data in (
                ("text", "COPY visits (id, clinic_id) FROM STDIN", f"1\t{OWN}\n2\t{OTHER}\n"),
                ("text, escaped", "COPY visits (id, clinic_id) FROM STDIN", f"1\t\\x{ord(OTHER[0]):x}{OTHER[1:]}\n"),
                ("text, NULL", "COPY visits (id, clinic_id) FROM STDIN", "1\t\\N\n"),
                ("csv", "COPY visits (id, clinic_id) FROM STDIN CSV", f'1,"{OTHER}"\n'),
                ("csv, no line end", "COPY visits (clinic_id, id) FROM STDIN CSV", f"{OTHER},1"),
                ("after the marker's look-alike", "COPY visits (id, clinic_id, note) FROM STDIN CSV",
                 f'1,{OWN},"\n\\.\n"\n2,{OTHER},x\n')):
            with self.subTest(name):
                with self.refused("42501"):
                    self.copy(statement, [data])
                self.assertEqual(self.stored("SELECT count(*) FROM visits"), [(0,)])
                self.assertEqual(self.c.execute("SELECT count(*) FROM visits").fetchone()[0], 0)  # and it goes on

    def test_a_large_copy_is_refused_at_its_end(self):
        rows = "".join(f"{n}\t{OWN}\t{'x' * 200}\n" for n in range(20_000))
        with self.refused("42501"):
            self.copy("COPY visits FROM STDIN", [rows, rows[:1000], f"\n7\t{OTHER}\tx\n", rows])
        self.assertEqual(self.stored("SELECT count(*) FROM visits"), [(0,)])

    def test_the_transaction_fails_as_a_whole(self):
        self.c.autocommit = False
        self.c.execute("INSERT INTO visits (id, note) VALUES (1, 'x')")
        with self.refused("42501"):
            self.copy("COPY visits (id, clinic_id) FROM STDIN", [f"2\t{OTHER}\n"])
        self.assertEqual(self.c.info.transaction_status, psycopg.pq.TransactionStatus.INERROR)
        self.c.rollback()
        self.assertEqual(self.stored("SELECT count(*) FROM visits"), [(0,)])

    def test_the_clients_own_failure(self):
        with self.assertRaises((ZeroDivisionError, psycopg.errors.QueryCanceled)), self.c.cursor().copy("COPY visits FROM STDIN") as copy:
            copy.write(f"1\t{OWN}\tx\n")
            raise ZeroDivisionError
        self.assertEqual(self.c.execute("SELECT count(*) FROM visits").fetchone()[0], 0)

    def test_errors_of_the_servers_tell_no_data(self):
        for data, state in ((f"1\t{OWN}\tx\nsecret77\t{OWN}\tx\n", "22P02"), (f"1\t{OWN}\tsecret77\n1\t{OWN}\tsecret77\n", "23505"),
                            (f"1\t{OWN}\tx\tsecret77\n", "22P04")):
            with self.subTest(state), self.refused(state) as caught:
                self.copy("COPY visits FROM STDIN", [data])
            self.assertNotIn("secret77", world.all_text(caught.error))

    def test_refused_statements(self):
        for statement, state in (("COPY visits FROM '/etc/passwd'", "0A000"), ("COPY visits FROM PROGRAM 'id'", "0A000"),
                                 ("COPY codes FROM STDIN", "42501"), ("COPY visits (id) FROM STDIN", "42501"),
                                 ("COPY visits FROM STDIN (ENCODING 'LATIN1')", "0A000")):
            with self.subTest(statement), self.refused(state):
                self.copy(statement, [f"1\t{OWN}\tx\n"])
        with self.connect("reader") as c, self.refused("42501"), c.cursor().copy("COPY visits FROM STDIN"):
            pass

    def test_tables_of_nobody_are_not_looked_at(self):
        self.assertEqual(self.copy("COPY jobs FROM STDIN", [f"1\t{OTHER}\n2\t\\N\n"]), 2)

    def test_psql(self):
        rows = f"1\t{OWN}\tx\n2\t{OWN}\ty\n"
        script = f"\\copy visits from pstdin\nCOPY visits (id, clinic_id) FROM STDIN;\n3\t{OWN}\n\\.\nSELECT count(*) FROM visits;\n"
        file = here().stage.home / "rows.txt"
        file.write_text(rows)
        script = script.replace("pstdin", f"'{file}'")
        settings = self.proxy.conninfo(world.token(ALDER, proxy=self.proxy)) | {"dbname": "copies"}
        done = subprocess.run(["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", psycopg.conninfo.make_conninfo(**settings)],
                              input=script, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, "3\n"), done.stderr)

    def high_water_kb(self):
        status = pathlib.Path(f"/proc/{self.proxy.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))

    def test_nothing_large_is_held(self):
        before = self.high_water_kb()
        rows = "".join(f"{n}\t{OWN}\t{'x' * 950}\n" for n in range(1000))
        self.c.execute("SELECT count(*) FROM jobs")
        self.copy("COPY jobs (what) FROM STDIN", ["x" * 999_999 + "\n"] * 48)
        with self.refused("23505"):
            self.copy("COPY visits FROM STDIN", [rows] * 48)
        value = "y" * 48_000_000
        self.c.execute("INSERT INTO visits (id, clinic_id, note) VALUES (%s, %s, %s)", (1, OWN, value))
        with self.refused("42501"):
            self.c.execute("INSERT INTO visits (id, clinic_id, note) VALUES (%s, %s, %s)", (2, OTHER, value))
        self.assertEqual(len(self.c.execute("SELECT note FROM visits").fetchone()[0]), len(value))
        self.assertLess(self.high_water_kb() - before, 24_000)

    def test_it_is_recorded_before_and_after(self):
        statement = f"COPY visits (id, clinic_id) FROM STDIN /* {uuid.uuid4()} */"
        self.copy(statement, [f"1\t{OWN}\n2\t{OWN}\n"])
        with self.refused("42501"):
            self.copy(statement, [f"3\t{OTHER}\n"])
        session = next(r for r in records(self.proxy.audit) if world.sha256(statement) in str(r))["session"]

        def trail():
            return [r for r in records(self.proxy.audit) if r.get("session") == session]

        def steps():
            return [(r["type"], r.get("rows"), r.get("sqlstate")) for r in trail()[1:]]

        self.assertTrue(world.eventually(lambda: len(steps()) >= 5), steps())
        self.assertEqual([t for t, _, _ in steps()], ["stmt.intent", "stmt.result", "stmt.intent", "stmt.deny", "stmt.result"])
        self.assertEqual(trail()[2]["rows"], 2)
        self.assertIn("42501", str(trail()[5]))
        self.assertNotIn(OTHER, str(trail()))
