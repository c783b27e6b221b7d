"""Whether a tenant's own rows explain an error that came only through pgward.

Which rows TABLESAMPLE and a bare LIMIT take, and so whether an expression meets one that it fails on, is up to the plan.
Such an error is harmless when it can be had where nobody else's rows exist at all: a third database, of the same tables with this
tenant's rows only and without pgward, asked with several plans. What cannot be had there is not explained, and fails the run.
"""
import contextlib, re, subprocess, sys

import psycopg2, psycopg2.extensions
import yaml

DATABASE = "ehr_alone"
# Each makes the planner take another way; a sample is drawn anew each time.
PLANS = ["", "", "", "SET LOCAL enable_hashjoin = off", "SET LOCAL enable_nestloop = off", "SET LOCAL enable_seqscan = off",
         "SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1", "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
         "SET LOCAL enable_material = off; SET LOCAL enable_hashagg = off", "SET LOCAL cursor_tuple_fraction = 1; SET LOCAL enable_sort = off"]


class Alone:
    """`find` finds files of the suite, `admin` is a connection string without a database."""

    def __init__(self, find, admin, python, env, tenant="a"):
        subprocess.run([python, find("setup.py"), "--admin", f"{admin} dbname=postgres", "--db", DATABASE], check=True, env=env, stdout=subprocess.DEVNULL)
        values = yaml.safe_load(find("tenants.yaml").read_text())["tenants"][tenant]
        self._keep_only(f"{admin} dbname={DATABASE}", yaml.safe_load(find("protected.yaml").read_text())["tables"], values)
        settings = " ".join(f"-c app.{name}={values[name]}" for name in ("tenant_id", "tenant_no", "org_code"))
        self.dsn = psycopg2.extensions.make_dsn(re.sub(r"\b(user|password)=\S+", "", admin), dbname=DATABASE, user="ehr_proxy", password="ehr_proxy-pw", options=settings)

    @staticmethod
    def _keep_only(dsn, tables, values):
        with contextlib.closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
            for t in tables:
                cursor.execute(f'DELETE FROM "{t["schema"]}"."{t["table"]}" WHERE "{t["tenant_column"]}" IS DISTINCT FROM %s', (values[t["attribute"]],))
            cursor.execute("REFRESH MATERIALIZED VIEW mv_clinic_stats; REFRESH MATERIALIZED VIEW mv_top_reasons")
            connection.commit()
            connection.autocommit = True
            cursor.execute("VACUUM FULL")
            cursor.execute("ANALYZE")

    def explains(self, sqlstate, query):
        # Of a small sample ten tries may take nothing: whatever it may take is in the whole.
        samples = re.sub(r"\btablesample\s+\w+\s*\([^)]*\)", "", query, flags=re.IGNORECASE)
        limits = re.sub(r"\blimit\s+\d+", "", samples, flags=re.IGNORECASE)
        if any(self._fails(sqlstate, text) for text in dict.fromkeys((query, samples, limits))):
            return True
        print(f"corpus: not explained by the tenant's own rows: {sqlstate}: {query}", file=sys.stderr)
        return False

    def _fails(self, sqlstate, query):
        for plan in PLANS:
            with contextlib.closing(psycopg2.connect(self.dsn)) as connection, connection.cursor() as cursor:
                with contextlib.suppress(psycopg2.Error):
                    cursor.execute(f"SET LOCAL statement_timeout = '4s'; {plan}")
                    try:
                        cursor.execute(query)
                    except psycopg2.Error as error:
                        if error.pgcode == sqlstate:
                            return True
        return False
