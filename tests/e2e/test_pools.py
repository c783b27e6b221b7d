"""The recipes of docs/clients, run with credentials that live for seconds: pools go on across the ends of many."""
import os, pathlib, shutil, subprocess, sys, time, unittest

import psycopg

from throwaway.proxy import AUDIENCE, ISSUER, binary
from world import ALDER, Case, here

RECIPES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "clients"
JARS = ["/usr/share/java/postgresql.jar", "/usr/share/java/HikariCP.jar", "/usr/share/java/slf4j-api.jar", "/usr/share/java/slf4j-nop.jar"]
SECONDS, LIVES = 8, 3


class Pools(Case):
    @classmethod
    def setUpClass(cls):
        cls.proxy = here().new_proxy().start()
        claims = " ".join(f"--claim {name}={value}" for name, value in ALDER.claims.items())
        os.environ["TOKEN_COMMAND"] = (f"{binary()} token --key {cls.proxy.key} --issuer {ISSUER} --audience {AUDIENCE} --role clinician "
                                       f"--subject pool@alder.test {claims} --ttl {LIVES}s")

    @classmethod
    def tearDownClass(cls):
        del os.environ["TOKEN_COMMAND"]
        cls.proxy.stop()

    def go_on(self, ask, lost):
        """Asks for a while; who meets the end of a connection asks again, as an application does."""
        answers = again = 0
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                self.assertEqual(ask(), 60)
                answers += 1
            except lost:
                again += 1
            time.sleep(0.05)
        self.assertGreater(answers, 20)
        self.assertLessEqual(again, 2 * SECONDS // LIVES)

    def recipe(self, module):
        sys.path.insert(0, str(RECIPES))
        self.addCleanup(sys.path.remove, str(RECIPES))
        try:
            return __import__(module)
        except ImportError as missing:
            raise unittest.SkipTest(f"{missing.name} is not installed") from None

    def test_psycopg_pool(self):
        recipe = self.recipe("psycopg_pool_example")
        settings = self.proxy.conninfo(None)
        conninfo = psycopg.conninfo.make_conninfo(**{k: v for k, v in settings.items() if v is not None})
        with recipe.new_pool(conninfo, max_lifetime=LIVES - 1) as pool:
            def ask():
                with pool.connection() as c:
                    return c.execute("SELECT count(*) FROM patients").fetchone()[0]
            self.go_on(ask, psycopg.OperationalError)

    def test_sqlalchemy(self):
        recipe = self.recipe("sqlalchemy_example")
        import sqlalchemy
        engine = recipe.new_engine(f"postgresql+psycopg2://clinician@{self.proxy.host}:{self.proxy.port}/ehr?sslmode=verify-full"
                                   f"&sslrootcert={self.proxy.ca}", max_lifetime=LIVES - 1)

        def ask():
            with engine.connect() as c:
                return c.execute(sqlalchemy.text("SELECT count(*) FROM patients")).scalar()
        self.go_on(ask, sqlalchemy.exc.OperationalError)
        engine.dispose()

    def test_node_postgres(self):
        program = f"""
            const {{ newPool }} = require('{RECIPES}/node_pool_example.js');
            const ssl = {{ ca: require('node:fs').readFileSync('{self.proxy.ca}', 'utf8') }};
            const pool = newPool({{ host: '{self.proxy.host}', port: {self.proxy.port}, user: 'clinician', database: 'ehr', ssl }}, {LIVES - 1});
            (async () => {{
              let answers = 0, lost = 0;
              for (const end = Date.now() + {SECONDS}000; Date.now() < end; await new Promise((done) => setTimeout(done, 50)))
                try {{ await pool.query('SELECT count(*) FROM patients'); answers++; }} catch (error) {{ if (error.code !== '57P01') throw error; lost++; }}
              console.log(`answers ${{answers}} lost ${{lost}}`);
              await pool.end();
            }})();"""
        self.counted(["node", "-e", program], NODE_PATH=f"{pathlib.Path(__file__).parent / 'node' / 'node_modules'}:/usr/share/nodejs")

    def test_hikaricp(self):
        if not shutil.which("javac") or not all(os.path.exists(jar) for jar in JARS):
            self.skipTest("Java, JDBC or HikariCP is not installed")
        url = f"jdbc:postgresql://{self.proxy.host}:{self.proxy.port}/ehr?sslmode=verify-full&sslrootcert={self.proxy.ca}"
        # Compiled, not launched from its source: the driver looks for the plugin with its own class loader.
        classes = self.proxy.home / "classes"
        subprocess.run(["javac", "-cp", ":".join(JARS), "-d", classes, RECIPES / "HikariExample.java"], check=True, capture_output=True)
        self.counted(["java", "-cp", ":".join([str(classes), *JARS]), "HikariExample", url, str(SECONDS)])

    def counted(self, command, **more):
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG") or k == "PGWARD_BIN"} | more
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
        words = done.stdout.split()
        self.assertEqual(words[:1], ["answers"], done.stdout + done.stderr)
        self.assertGreater(int(words[1]), 20)
        self.assertLessEqual(int(words[3]), 2 * SECONDS // LIVES)
