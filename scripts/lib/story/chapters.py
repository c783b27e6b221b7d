"""The chapters about isolation and errors. Each takes the story to tell and the scene to tell it in."""
import psycopg

from clinic import ALDER, BIRCH, CEDAR, CLINICS
from story.scene import PATIENTS_PER_CLINIC

COUNT = "SELECT count(*), min(mrn), max(mrn) FROM patients"


def the_database(story, scene):
    story.chapter("One database, three clinics", "A throw-away PostgreSQL holds the patients of three made-up clinics "
                  "in the same tables. Its superuser sees them all:")
    rows = scene.direct_rows("SELECT c.name, count(*), min(mrn), max(mrn) FROM patients JOIN clinics c USING (clinic_id)"
                             " GROUP BY 1 ORDER BY 1")
    story.show("superuser, straight to the server", "\n".join(f"{n:14} {k:6} patients  {a} … {z}" for n, k, a, z in rows))
    story.promise("three clinics, thousands of rows", len(rows) == 3 and sum(r[1] for r in rows) >= 3000)


def each_sees_itself(story, scene):
    story.chapter("Each clinic sees itself", "The same question through pgward. Which clinic asks is what a short-lived, "
                  "signed token says; nothing in the question does.")
    for of in (ALDER, BIRCH):
        status, text = scene.psql(of, COUNT)
        story.show(f"psql, {of.name}: {COUNT}", text)
        others = [c.mark for c in CLINICS if c is not of]
        story.promise(f"{of.name} sees its {PATIENTS_PER_CLINIC} patients and nobody else's", status == 0
                      and str(PATIENTS_PER_CLINIC) in text and of.mrn(1) in text and not any(m in text for m in others))
    with scene.connect(CEDAR) as c:
        row = c.execute(COUNT, prepare=True).fetchone()
    story.show(f"a driver (psycopg {psycopg.__version__}), Cedar, prepared statement", str(row))
    story.promise("Cedar sees its own through a driver", row == (PATIENTS_PER_CLINIC, CEDAR.mrn(1), CEDAR.mrn(PATIENTS_PER_CLINIC)))


def a_forgotten_where(story, scene):
    story.chapter("The application forgot its WHERE clause", "A bug that would have written into every chart of every clinic.")
    with scene.connect(ALDER) as c, c.transaction(force_rollback=True):
        seen = c.execute("SELECT mrn FROM patients").fetchall()
        changed = c.execute("UPDATE patients SET notes = 'call back'").rowcount
        story.show("driver, Alder: SELECT mrn FROM patients", f"{len(seen)} rows, all of them {seen[0][0][:4]}…")
        story.show("driver, Alder: UPDATE patients SET notes = 'call back'", f"{changed} rows (rolled back here)")
    story.promise("the SELECT gave Alder's rows only", {m[:3] for m, in seen} == {ALDER.mark})
    story.promise("the UPDATE reached Alder's rows only", changed == PATIENTS_PER_CLINIC)
    sql = "SELECT last_name, ssn FROM patients p LEFT JOIN appointments a ON a.patient_id = p.id"
    text = scene.explain(ALDER, sql)
    story.tell("What pgward made of such a statement, and which line of the policy made it do so:")
    story.show(f"pgward explain '{sql}'", text, shown=40)
    story.promise("explain shows the predicate and the policy's line", ALDER.tenant_id in text and "policy.yaml:" in text)


ATTEMPTS = {
    "reads Birch's rows by clinic": (f"SELECT mrn FROM patients WHERE clinic_id = '{BIRCH.tenant_id}'", None),
    "reads one of Birch's patients by number": (f"SELECT last_name FROM patients WHERE mrn = '{BIRCH.mrn(7)}'", None),
    "reads them with OR true": ("SELECT mrn FROM patients WHERE mrn LIKE 'BIR%' AND (false OR true)", None),
    "writes a row into Birch": (f"UPDATE patients SET clinic_id = '{BIRCH.tenant_id}' WHERE mrn = '{ALDER.mrn(1)}'", "42501"),
    "moves the tenant setting": (f"SET app.tenant_id = '{BIRCH.tenant_id}'", "42501"),
    "moves it by a function": (f"SELECT set_config('app.tenant_id', '{BIRCH.tenant_id}', false)", "42501"),
    "switches row-level security off": ("SET row_security = off", "42501"),
    "runs SQL out of a text": ("SELECT query_to_xml('SELECT * FROM patients', true, true, '')", "42501"),
}


def an_attempt_on_others(story, scene):
    story.chapter("Alder reaches for Birch", "With psql and a valid token of Alder, one attempt after the other.")
    for name, (sql, refused_with) in ATTEMPTS.items():
        status, text = scene.psql(ALDER, sql)
        story.show(f"psql, Alder: {sql[:110]}", text, shown=4)
        if refused_with:
            story.promise(f"refused: {name}", status != 0 and refused_with in text)
        else:
            story.promise(f"finds nothing: {name}", status == 0 and BIRCH.mark not in text.replace(sql, ""))
    head, _, signature = scene.tokens["Alder"].split(".")
    forged = ".".join((head, scene.tokens["Birch"].split(".")[1], signature))
    try:
        psycopg.connect(**scene.proxy.conninfo(forged)).close()
        text = "let in"
    except psycopg.OperationalError as error:
        text = str(error).strip()
    story.show("a token with Birch's claims under Alder's signature", text)
    story.promise("refused: a forged token", "FATAL" in text)


def an_error(story, scene):
    story.chapter("A constraint violation", "A faulty INSERT, straight to the server and through pgward.")
    sql = ("INSERT INTO patients (clinic_id, mrn, first_name, last_name, birth_date, ssn) VALUES ("
           f"'{ALDER.tenant_id}', '{ALDER.mrn(1)}', 'Ysolde', 'Brackwyn', '1961-07-08', '987-65-4321')")
    bad = "INSERT INTO appointments (clinic_id, patient_id, starts_at, reason) VALUES (" \
          f"'{ALDER.tenant_id}', 1, 'Ysolde Brackwyn', 'x')"
    for name, statement, state, value in (("duplicate number", sql, "23505", ALDER.mrn(1)), ("bad date", bad, "22007", "Brackwyn")):
        without, through = scene.psql_direct(statement)[1], scene.psql(ALDER, statement)[1]
        # psql itself repeats the line of the statement that the error points to: the user's own input, on their own screen.
        without, through = (t.partition("\nLINE 1:")[0] for t in (without, through))
        story.show(f"{name}: PostgreSQL says", without)
        story.show(f"{name}: pgward says", through)
        story.promise(f"{name}: the value is gone, SQLSTATE {state} is there",
                      value in without and value not in through and state in through)
    story.promise("names that an application branches on survive", "patients_mrn_key" in scene.psql(ALDER, sql)[1])
