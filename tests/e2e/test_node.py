"""node-postgres, as an application would use it: the checks are JavaScript, one file a topic."""
import os, pathlib, shutil, subprocess

import world
from world import ALDER, BIRCH, Case, here

FOLDER = pathlib.Path(__file__).parent / "node"


def run_file(case, name, proxy=None):
    proxy = proxy or here().proxy
    case.assertTrue(shutil.which("node"), "scripts/bootstrap installs Node")
    # From node_modules beside the files (npm ci, as scripts/test does it), else Debian's package node-pg.
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
        "PGHOST": proxy.host, "PGPORT": str(proxy.port), "PGUSER": "clinician", "PGDATABASE": "ehr",
        "NODE_PATH": "/usr/share/nodejs", "CA_FILE": str(proxy.ca), "TOKEN": world.token(ALDER, proxy=proxy), "MARK": ALDER.mark,
        "OTHER_TOKEN": world.token(BIRCH, proxy=proxy), "OTHER_MARK": BIRCH.mark, "OTHER_TENANT": BIRCH.tenant_id,
        "PER_CLINIC": str(world.PER_CLINIC)}
    done = subprocess.run(["node", FOLDER / name], env=env, capture_output=True, text=True, timeout=120)
    case.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class NodePostgres(Case):
    def test_isolation(self):
        run_file(self, "isolation.js")

    def test_errors(self):
        run_file(self, "errors.js")
