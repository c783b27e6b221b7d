"""A policy that wants the keys of every answer: pgward adds them and takes them out again, and nobody can tell.

The same statements go through a pgward with `keys: add` and through one without; what comes back must be the same, byte for byte.
"""
import asyncio, re, struct

import asyncpg
import psycopg2

import clinic
import test_node
import world
from throwaway.wire import message
from world import Case

# Answers in a fixed order; what they change is rolled back.
READS = [
    "SELECT last_name FROM patients ORDER BY last_name, mrn",
    "SELECT last_name, mrn FROM patients ORDER BY 2 DESC LIMIT 5",
    "SELECT * FROM patients ORDER BY id",
    "SELECT mrn, birth_date AS \"pgward:key\" FROM patients ORDER BY mrn",
    "SELECT mrn FROM patients WHERE false",
    "SELECT p.mrn, a.reason FROM patients p LEFT JOIN appointments a ON a.patient_id = p.id AND a.reason IS NULL ORDER BY 1, 2",
    "SELECT a.mrn, b.mrn FROM patients a JOIN patients b ON a.id < b.id ORDER BY 1, 2 LIMIT 7",
    "SELECT l.value, l.test, p.ssn FROM lab_results l JOIN patients p ON p.id = l.patient_id ORDER BY 3, 1, 2 LIMIT 9",
    "SELECT p.mrn, q.mrn FROM patients p FULL JOIN (SELECT mrn FROM patients WHERE id % 2 = 0) q ON q.mrn = p.mrn ORDER BY 1, 2",
    "SELECT mrn, row_number() OVER (ORDER BY mrn) FROM patients ORDER BY 2 FETCH FIRST 3 ROWS ONLY",
    "SELECT mrn, generate_series(1, 2) FROM patients ORDER BY 1, 2 LIMIT 8",
    "SELECT mrn, (SELECT count(*) FROM appointments a WHERE a.patient_id = p.id) FROM patients p ORDER BY 1",
    "SELECT count(*), max(mrn) FROM patients",
    "SELECT DISTINCT birth_date FROM patients ORDER BY 1",
    "SELECT mrn FROM patients UNION SELECT reason FROM appointments ORDER BY 1",
    "SELECT reason FROM booked_appointments ORDER BY 1",
    "SELECT mrn FROM patients ORDER BY mrn FOR UPDATE",
    "SELECT repeat(mrn, 100000) FROM patients ORDER BY mrn LIMIT 4",
    "SELECT 1/(id - id) FROM patients",
    "SELECT mrn FROM patients ORDER BY 5",
    "SELECT nothing FROM patients",
]
CHANGES = [
    "UPDATE patients SET notes = 'x' WHERE mrn LIKE '%1'",
    "UPDATE patients SET notes = 'x' WHERE mrn LIKE '%1' RETURNING mrn, notes",
    "UPDATE patients SET notes = 'x' WHERE false",
    "UPDATE appointments a SET reason = p.mrn FROM patients p WHERE p.id = a.patient_id",
    "DELETE FROM lab_results WHERE id % 2 = 0",
    "DELETE FROM lab_results WHERE id < 20 RETURNING *",
    "INSERT INTO patients (mrn, first_name, last_name, birth_date, ssn) VALUES ('ALD-x', 'A', 'B', '2000-01-01', '914-00-0000')",
    "INSERT INTO patients (mrn, first_name, last_name, birth_date, ssn) VALUES ('ALD-y', 'A', 'B', '2000-01-01', '914-00-0001') RETURNING mrn",
    "INSERT INTO appointments (patient_id, starts_at, reason) SELECT id, now(), mrn FROM patients",
    "INSERT INTO patients (mrn) VALUES (NULL)",
    "UPDATE patients SET clinic_id = '00000000-0000-4000-8000-000000000000'",
]


def cstring(text):
    return text.encode() + b"\0"


def extended(sql, describe, formats, rows=0):
    """The messages of one statement, up to Sync."""
    out = message(b"P", b"s\0" + cstring(sql) + b"\0\0")
    if "S" in describe:
        out += message(b"D", b"Ss\0")
    out += message(b"B", b"p\0s\0" + struct.pack("!HH", 0, 0) + struct.pack(f"!H{len(formats)}H", len(formats), *formats))
    if "P" in describe:
        out += message(b"D", b"Pp\0")
    for _ in range(2 if rows else 1):
        out += message(b"E", b"p\0" + struct.pack("!i", rows))
    return out + message(b"C", b"Ss\0") + message(b"S")


class AddedKeys(Case):
    @classmethod
    def setUpClass(cls):
        here = world.here()
        policy = here.stage.home / "keys.yaml"
        policy.write_text(re.sub(r"(record: id\n)", r"\1    keys: add\n", clinic.POLICY.read_text()))
        cls.keyed = here.new_proxy(policy=policy).start()
        cls.addClassCleanup(cls.keyed.stop)

    def wires(self):
        for proxy in (world.here().proxy, self.keyed):
            wire = world.wire(proxy=proxy)
            wire.log_in("clinician", world.token(proxy=proxy), clinic.DATABASE)
            self.addCleanup(wire.__exit__)
            yield wire

    def answers(self, wire, data):
        wire.send(data)
        return list(wire.until_ready())

    def same(self, wires, data, note, undone=False):
        """The answers to it; `undone`: in a transaction that is rolled back, one after the other."""
        both = []
        for wire in wires:
            if undone:
                self.answers(wire, message(b"Q", b"BEGIN\0"))
            both.append(self.answers(wire, data))
            if undone:
                self.answers(wire, message(b"Q", b"ROLLBACK\0"))
        plain, keyed = both
        self.assertEqual([(k, b[:300]) for k, b in keyed], [(k, b[:300]) for k, b in plain], note)
        self.assertEqual(keyed, plain, note)
        return plain

    def test_they_are_there_on_the_server(self):
        with world.connect(proxy=self.keyed) as c:
            c.execute("SELECT last_name FROM patients")
            self.assertTrue(world.direct_value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT  patients.id AS \"pgward:key\", last_name%'"))

    def test_simple_protocol(self):
        wires = list(self.wires())
        for sql in READS + CHANGES + ["; ".join(READS[:3] + CHANGES[:2] + READS[:1]), "; ".join(READS[:2] + ["SELECT 1/0"] + READS[:1])]:
            self.same(wires, message(b"Q", cstring(sql)), sql, undone=True)

    def test_extended_protocol(self):
        wires = list(self.wires())
        for describe in ("", "S", "P", "SP"):
            for sql in READS + CHANGES:
                for formats in ([], [0], [1]):
                    self.same(wires, extended(sql, describe, formats), (sql, describe, formats), undone=True)

    def test_a_format_for_each_column(self):
        wires = list(self.wires())
        for sql in READS + CHANGES:
            described = self.same(wires, extended(sql, "S", []), sql, undone=True)
            columns = next((int.from_bytes(body[:2], "big") for kind, body in described if kind == b"T"), 0)
            formats = [i % 2 for i in range(columns)]
            self.same(wires, extended(sql, "P", formats), (sql, formats), undone=True)

    def test_some_rows_at_a_time(self):
        wires = list(self.wires())
        for sql in READS:
            self.same(wires, extended(sql, "P", [], rows=2), sql, undone=True)

    def test_portals_and_prepared_statements_by_their_names_in_sql(self):
        wires = list(self.wires())
        self.same(wires, message(b"Q", b"BEGIN\0"), "BEGIN")
        self.same(wires, message(b"P", b"s\0" + cstring(READS[0]) + b"\0\0") + message(b"B", b"p\0s\0" + bytes(6)) + message(b"S"), "Parse, Bind")
        for sql in ("FETCH 3 FROM p", "MOVE 2 FROM p", "FETCH 2 FROM p", "EXECUTE s"):
            self.same(wires, message(b"Q", cstring(sql)), sql)
        self.same(wires, message(b"P", b"f\0" + cstring("FETCH 2 FROM p") + b"\0\0") + message(b"D", b"Sf\0") + message(b"B", b"\0f\0" + bytes(6)) +
                  message(b"D", b"P\0") + message(b"E", b"\0" + bytes(4)) + message(b"S"), "FETCH")
        keyed = self.answers(wires[1], message(b"Q", b"CREATE TEMP TABLE mine AS EXECUTE s\0"))
        self.assertEqual(keyed[0][0], b"E")

    def test_psycopg(self):
        with world.connect(proxy=self.keyed) as keyed, world.connect() as plain:
            for sql in READS[:18]:
                for options in ({}, {"prepare": True}, {"binary": True}):
                    rows = [c.execute(sql, **options).fetchall() for c in (keyed, plain)]
                    self.assertEqual(rows[0], rows[1], sql)
            with keyed.transaction(), keyed.cursor(name="c") as cursor:
                self.assertEqual(len(cursor.execute(READS[0]).fetchmany(3)), 3)
            with keyed.pipeline():
                runs = [keyed.execute(sql) for sql in READS[:3]]
            self.assertEqual([r.fetchone() for r in runs], [plain.execute(sql).fetchone() for sql in READS[:3]])

    def test_psycopg2(self):
        def run(proxy):
            c = psycopg2.connect(**proxy.conninfo(world.token(proxy=proxy), user="clinician"))
            with c.cursor() as cursor:
                out = []
                for sql in READS[:18] + CHANGES[:8]:
                    cursor.execute(sql)
                    out.append((cursor.statusmessage, cursor.rowcount, cursor.description and cursor.fetchall()))
            c.rollback()
            c.close()
            return out
        self.assertEqual(run(self.keyed), run(world.here().proxy))

    def test_asyncpg(self):
        async def run(proxy):
            settings = proxy.conninfo(world.token(proxy=proxy), user="clinician")
            c = await asyncpg.connect(host=settings["host"], port=settings["port"], user="clinician", password=settings["password"],
                                      database=clinic.DATABASE, ssl="require")
            out = []
            transaction = c.transaction()
            await transaction.start()
            for sql in READS[:18]:
                out.append([tuple(row.items()) for row in await c.fetch(sql)])
                statement = await c.prepare(sql)
                out.append([a.name for a in statement.get_attributes()])
                out.append([tuple(row) for row in await statement.fetch()])
                out.append([tuple(row) async for row in c.cursor(sql, prefetch=2)])
            for sql in CHANGES[:8]:
                out.append(await c.execute(sql))
            await transaction.rollback()
            await c.close()
            return out
        self.assertEqual(asyncio.run(run(self.keyed)), asyncio.run(run(world.here().proxy)))

    def test_node_postgres(self):
        test_node.run_file(self, "isolation.js", self.keyed)

    def test_a_large_parameter(self):
        wires = list(self.wires())
        note = b"x" * 3_000_000
        for sql in ("UPDATE patients SET notes = $1 WHERE mrn LIKE '%1' RETURNING mrn, left(notes, 5)", "UPDATE patients SET notes = $1 WHERE mrn LIKE '%1'"):
            for formats in ([], [1], [0, 1]):
                if formats == [0, 1] and "RETURNING" not in sql:
                    continue  # no client says so of a statement without rows
                bind = b"\0s\0" + struct.pack("!HHI", 0, 1, len(note)) + note + struct.pack(f"!H{len(formats)}H", len(formats), *formats)
                self.same(wires, message(b"P", b"s\0" + cstring(sql) + b"\0\0") + message(b"B", bind) + message(b"E", bytes(5)) +
                          message(b"C", b"Ss\0") + message(b"S"), (sql, formats), undone=True)
