"""Ephemeral credentials over SCRAM, and client certificates, with the drivers that people use."""
import json, os, pathlib, shutil, struct, subprocess, sys

import psycopg

import world
from throwaway import certificates
from throwaway.process import run
from throwaway.proxy import ISSUER, binary
from throwaway.wire import Wire, fields, message
from world import ALDER, BIRCH, Case, here, token

FOLDER = pathlib.Path(__file__).parent
sys.path.append(str(FOLDER.parent / "conformance" / "lib"))
import cache  # noqa: E402
JDBC = "/usr/share/java/postgresql.jar"


class Base(Case):
    """One pgward with: certificates for those who show one, SCRAM for minted names, tokens for the rest."""

    @classmethod
    def setUpClass(cls):
        cls.proxy = here().new_proxy()
        home = cls.proxy.home
        run([binary(), "token", "--new-ephemeral-key", home / "ephemeral.key"])
        run([binary(), "token", "--new-ephemeral-key", home / "other.key"])
        config = cls.proxy.config
        config["auth"] |= {
            "ephemeral": {"keys": [{"id": "k1", "file": "ephemeral.key"}], "lifetime_max": "10m"},
            "certificates": {"ca": "ca.crt", "identities": [
                {"uri": "spiffe://clinics.test/{tenant_no}/{tenant_id}/{app}", "roles": ["clinician"]}]}}
        config["authentication"] = [{"user": "pgward1.*", "database": "ehr", "method": "scram-sha-256"},
                                    {"user": "bound.*", "method": "scram-sha-256-plus"},
                                    {"user": "by_certificate", "method": "certificate"}, {"user": "by_oauth", "method": "oauth"},
                                    {"user": "nobody", "method": "reject"}, {"connection": "tls", "method": "jwt"}]
        cls.proxy.write_config(config)
        cls.proxy.start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()

    def minted(self, of=ALDER, key="ephemeral.key", key_id="k1", ttl="5m"):
        argv = [binary(), "token", "--ephemeral-key", self.proxy.home / key, "--key-id", key_id, "--role", "clinician",
                "--subject", f"batch@{of.name.lower()}.test", "--ttl", ttl]
        for name, value in of.claims.items():
            argv += ["--claim", f"{name}={value}"]
        lines = dict(line.split("=", 1) for line in run(argv).split())
        return lines["PGUSER"], lines["PGPASSWORD"]

    def connect(self, user, password=None, **more):
        return psycopg.connect(**(self.proxy.conninfo(password, user=user) | more), autocommit=True)

    def node(self, user, password=None, certificate=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "PGHOST": self.proxy.host, "PGPORT": str(self.proxy.port), "PGUSER": user, "PGDATABASE": "ehr",
            "NODE_PATH": "/usr/share/nodejs", "CA_FILE": str(self.proxy.ca)}
        if password:
            env["PGPASSWORD"] = password
        if certificate:
            env |= {"CERT_FILE": str(certificate[0]), "KEY_FILE": str(certificate[1])}
        done = subprocess.run(["node", FOLDER / "node" / "login.js"], env=env, capture_output=True, text=True, timeout=60)
        return (done.stdout + done.stderr).split()

    def jdbc(self, user, password=None, certificate=None):
        if not shutil.which("java") or not os.path.exists(JDBC):
            self.skipTest("Java or JDBC is not installed")
        url = (f"jdbc:postgresql://{self.proxy.host}:{self.proxy.port}/ehr?sslmode=verify-full&sslrootcert={self.proxy.ca}")
        if certificate:
            key = certificate[1].with_suffix(".pk8")  # the one form that the driver reads
            run(["openssl", "pkcs8", "-topk8", "-inform", "PEM", "-outform", "DER", "-nocrypt", "-in", certificate[1], "-out", key])
            url += f"&sslcert={certificate[0]}&sslkey={key}"
        env = os.environ | {"JDBC_USER": user} | ({"JDBC_PASSWORD": password} if password else {})
        done = subprocess.run(["java", "-cp", JDBC, FOLDER / "java" / "LogIn.java", url], env=env, capture_output=True,
                              text=True, timeout=120)
        return (done.stdout + done.stderr).split()


class Scram(Base):
    def test_libpq_with_and_without_channel_binding(self):
        user, password = self.minted()
        for binding in ("require", "disable", "prefer"):
            with self.subTest(binding), self.connect(user, password, channel_binding=binding) as c:
                self.assertEqual(c.execute("SHOW pgward.subject").fetchone()[0], "batch@alder.test")
                self.assert_bound(c)

    def test_over_plaintext_there_is_nothing_to_bind_to(self):
        user, password = self.minted()
        with self.connect(user, password, port=self.proxy.plain_port, sslmode="disable") as c:
            self.assert_bound(c)
        with self.assertRaises(psycopg.OperationalError):
            self.connect(user, password, port=self.proxy.plain_port, sslmode="disable", channel_binding="require")

    def test_node_postgres(self):
        self.assertEqual(self.node(*self.minted(BIRCH)), ["batch@birch.test", BIRCH.mark])

    def test_jdbc(self):
        self.assertEqual(self.jdbc(*self.minted()), ["batch@alder.test", ALDER.mark])

    def test_what_is_wrong_is_refused_with_one_answer(self):
        user, password = self.minted()
        other_user, other_password = self.minted(BIRCH)
        expired = self.minted(ttl="1s")
        payload = user.split(".")[2]
        rows = {"wrong password": (user, password[:-2] + "AA"), "no password": (user, "x"), "of somebody else": (user, other_password),
                "changed name": (user[:20] + ("A" if user[20] != "A" else "B") + user[21:], password), "unknown key": (f"pgward1.k9.{payload}", password),
                "another key": self.minted(key="other.key"), "no payload": ("pgward1.k1.", password),
                "nobody": ("pgward1.", password), "lives too long": self.minted(ttl="11m"), "a token": (user, token(proxy=self.proxy))}
        self.assertTrue(world.eventually(lambda: self.answer(*expired)), "one second")
        answers = {name: self.answer(*row) for name, row in rows.items()} | {"expired": self.answer(*expired)}
        self.assertEqual(len(set(answers.values())), 1, answers)
        self.assertIn("password authentication failed", answers["expired"])

    def answer(self, user, password):
        try:
            self.connect(user, password).close()
        except psycopg.OperationalError as error:
            return str(error).partition("FATAL:")[2]
        return None

    def test_a_session_ends_with_it(self):
        user, password = self.minted(ttl="2s")
        with self.connect(user, password) as c:
            with self.assertRaisesRegex(psycopg.OperationalError, "has expired"):
                while True:
                    c.execute("SELECT 1")

    def test_it_can_be_revoked_by_key(self):
        # Its file is named in the configuration of another proxy: tests/e2e/test_session_life.py; here only the record.
        self.connect(*self.minted()).close()
        opened = world.records(self.proxy.audit, "session.open")[-1]
        self.assertEqual(opened["actor"]["cred"]["type"], "ephemeral")
        self.assertTrue(opened["actor"]["cred"]["id"])


class Entries(Base):
    def test_the_first_that_fits_counts(self):
        with self.connect("clinician", token(proxy=self.proxy)) as c:
            self.assert_bound(c)
        for row in ({"user": "nobody"}, {"user": "clinician", "port": self.proxy.plain_port, "sslmode": "disable"}):
            with self.subTest(row), self.assertRaisesRegex(psycopg.OperationalError, "no entry"):
                self.connect(**({"password": token(proxy=self.proxy)} | row))

    def test_where_binding_is_asked_for_it_is_not_done_without(self):
        with self.assertRaisesRegex(psycopg.OperationalError, "SASL|authentication"):
            self.connect("bound.x", "x", channel_binding="disable")


class Certificates(Base):
    def certificate(self, name, of=ALDER, names=None, **more):
        names = f"URI:spiffe://clinics.test/{of.tenant_no}/{of.tenant_id}/{name}" if names is None else names
        return certificates.make_client_certificate(self.proxy.home, name, names, **more)

    def by_libpq(self, certificate):
        with self.connect("by_certificate", sslcert=str(certificate[0]), sslkey=str(certificate[1])) as c:
            return c.execute("SHOW pgward.subject").fetchone()[0], {r[0][:3] for r in c.execute("SELECT mrn FROM patients")}

    def test_a_spiffe_id_is_an_identity(self):
        made = self.certificate("billing")
        subject = f"spiffe://clinics.test/{ALDER.tenant_no}/{ALDER.tenant_id}/billing"
        self.assertEqual(self.by_libpq(made), (subject, {ALDER.mark}))
        self.assertEqual(self.node("by_certificate", certificate=made), [subject, ALDER.mark])
        self.assertEqual(self.jdbc("by_certificate", certificate=made), [subject, ALDER.mark])

    def test_what_is_wrong_with_a_certificate_is_told_to_the_trail_only(self):
        home = self.proxy.home
        other = home / "elsewhere"
        other.mkdir()
        certificates.make_authority(other)
        for name in ("crt", "key"):
            shutil.copy(other / f"ca.{name}", home / f"stranger.{name}")
        rows = {"for servers": self.certificate("server", usage="serverAuth"), "for nothing": self.certificate("nothing", usage=None),
                "lives too long": self.certificate("long", days="2"), "no name": self.certificate("nameless", names=""),
                "another name": self.certificate("foreign", names="URI:spiffe://elsewhere.test/x"),
                "two names": self.certificate("two", names=f"URI:spiffe://clinics.test/1/{ALDER.tenant_id}/a,URI:spiffe://clinics.test/1/{ALDER.tenant_id}/b"),
                "another authority": self.certificate("stray", ca="stranger"), "none": None}
        answers = set()
        for name, made in rows.items():
            with self.subTest(name), self.assertRaises(psycopg.OperationalError) as caught:
                files = {"sslcert": str(made[0]), "sslkey": str(made[1])} if made else {}
                self.connect("by_certificate", **files)
            answers.add(str(caught.exception).partition("FATAL:")[2])
        self.assertEqual(len(answers), 1, answers)
        reasons = {f"certificate: {why}" for why in ("not for clients", "lifetime too long", "unknown name", "ambiguous name",
                                                     "chain not verified", "none shown")}
        self.assertTrue(world.eventually(lambda: reasons <= {r["reason"] for r in world.records(self.proxy.audit, "auth.fail")}))

    def test_a_certificate_does_not_disturb_who_logs_in_by_token(self):
        made = self.certificate("bystander", usage="serverAuth")
        with self.connect("clinician", token(proxy=self.proxy), sslcert=str(made[0]), sslkey=str(made[1])) as c:
            self.assert_bound(c)


class OAuth(Base):
    """What libpq 18 says for oauth_issuer=.., message by message."""

    def start(self, first):
        wire = Wire(self.proxy.host, self.proxy.port, self.proxy.ca)
        self.addCleanup(wire.socket.close)
        body = struct.pack("!HH", 3, 0) + b"user\0by_oauth\0database\0ehr\0\0"
        wire.send(struct.pack("!I", len(body) + 4) + body)
        self.assertEqual(wire.receive(), (b"R", struct.pack("!I", 10) + b"OAUTHBEARER\0\0"))
        wire.send(message(b"p", b"OAUTHBEARER\0" + struct.pack("!I", len(first)) + first))
        return wire

    def test_a_token_lets_in(self):
        wire = self.start(b"n,,\x01auth=Bearer " + token(proxy=self.proxy).encode() + b"\x01\x01")
        self.assertEqual(wire.receive(), (b"R", struct.pack("!I", 0)))
        for kind, _ in wire.until_ready():
            self.assertNotEqual(kind, b"E")
        self.assertIn(b"dev@alder.test", b"".join(b for _, b in wire.query("SHOW pgward.subject")))

    def test_without_one_the_client_hears_where_to_get_it(self):
        for first in (b"n,,\x01auth=\x01\x01", b"n,,\x01auth=Bearer eyJ.a.b\x01\x01"):
            with self.subTest(first):
                wire = self.start(first)
                kind, body = wire.receive()
                self.assertEqual((kind, body[:4]), (b"R", struct.pack("!I", 11)))
                self.assertEqual(json.loads(body[4:])["openid-configuration"], f"{ISSUER}/.well-known/openid-configuration")
                wire.send(message(b"p", b"\x01"))
                self.assertEqual(fields(wire.receive()[1])["C"], "28P01")

    def libpq_18(self, password, **more):
        library = next((cache.PLACE / f"postgresql-{cache.SERVERS['18']}").glob("package/native/lib/libpq.so.5.*"), None)
        if library is None:
            self.skipTest(f"no libpq 18 in {cache.PLACE}: scripts/conformance --server-version 18 puts it there")
        settings = self.proxy.conninfo(None, user="by_oauth") | {"require_auth": "oauth", "oauth_client_id": "app", "oauth_issuer": ISSUER} | more
        conninfo = psycopg.conninfo.make_conninfo(**{k: v for k, v in settings.items() if v is not None and "oauth" not in k and k != "require_auth"})
        conninfo += "".join(f" {k}={v}" for k, v in settings.items() if "oauth" in k or k == "require_auth")
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"OAUTH_TOKEN": password, "LD_LIBRARY_PATH": str(library.parent)}
        done = subprocess.run([sys.executable, FOLDER / "libpq_oauth.py", library, conninfo], env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_libpq_18_finds_its_way_and_gets_in(self):
        said = self.libpq_18(token(proxy=self.proxy))
        self.assertEqual((said.get("subject"), said["libpq"] // 10000), ("dev@alder.test", 18), said)
        self.assertEqual(said["asked"], [[f"{ISSUER}/.well-known/openid-configuration", "openid"]])

    def test_libpq_18_is_told_when_its_token_is_no_good(self):
        said = self.libpq_18("eyJ.a.b")
        self.assertNotIn("subject", said)
        self.assertRegex(said["error"], "password authentication failed|rejected OAuth bearer token")
        said = self.libpq_18(token(proxy=self.proxy), oauth_issuer="https://elsewhere.test")
        self.assertIn("incompatible with oauth_issuer", said["error"])
