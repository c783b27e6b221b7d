"""The sample database: made-up clinics that share one PostgreSQL. Used by the demo, the tests and with-pgward."""
from pathlib import Path

HERE = Path(__file__).parent
POLICY = HERE / "policy.yaml"
DATABASE, UPSTREAM_USER = "ehr", "pgward_app"


class Clinic:
    def __init__(self, place, name):
        self.name, self.tenant_no = name, 100 + place
        self.tenant_id = f"{name[:1].lower() * 8}-0000-4000-8000-{place:012d}"
        self.mark = name[:3].upper()  # begins every MRN of the clinic: what another clinic must never see
        self.claims = {"tenant_id": self.tenant_id, "tenant_no": self.tenant_no}

    def mrn(self, number):
        return f"{self.mark}-{number:05d}"


# Names begin with different letters of a to f: they make the uuid.
CLINICS = ALDER, BIRCH, CEDAR = [Clinic(n, name) for n, name in enumerate(("Alder", "Birch", "Cedar"), 1)]


def load(cluster, password, patients_per_clinic=200, rls=True):
    """Makes the database and the role that pgward logs in with."""
    cluster.run_sql(f"CREATE ROLE {UPSTREAM_USER} LOGIN PASSWORD '{password}'")
    cluster.run_sql(f"CREATE DATABASE {DATABASE}")
    parts = [HERE.joinpath("schema.sql").read_text()]
    parts += [f"INSERT INTO clinics VALUES ('{c.tenant_id}', {c.tenant_no}, '{c.name} Clinic');" for c in CLINICS]
    parts.append(HERE.joinpath("data.sql").read_text().replace(":per_clinic", str(int(patients_per_clinic))))
    if rls:
        parts.append(HERE.joinpath("rls.sql").read_text())
    parts.append(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {UPSTREAM_USER};"
                 f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {UPSTREAM_USER};"
                 f"REVOKE INSERT, UPDATE, DELETE ON icd10_codes, clinics FROM {UPSTREAM_USER}; ANALYZE;")
    cluster.run_sql("\n".join(parts), DATABASE)
