"""Certificate revocation lists, end to end: a chain with an intermediate authority, each authority with its list."""
import pathlib, signal

import psycopg

import world
from throwaway import certificates
from throwaway.process import run
from world import ALDER, Case, here, token

NAMES = f"URI:spiffe://clinics.test/{ALDER.tenant_no}/{ALDER.tenant_id}/"


class Authority:
    """`name`.crt and `name`.key, and what `openssl ca` keeps about them."""

    def __init__(self, home, name):
        self.home, self.name = home, name
        self.book = home / f"{name}.book"
        self.book.mkdir()
        (self.book / "index.txt").touch()
        (self.book / "crlnumber").write_text("01\n")
        self.settings = self.book / "ca.cnf"
        self.settings.write_text(f"[ca]\ndefault_ca = a\n[a]\ndatabase = {self.book}/index.txt\ncrlnumber = {self.book}/crlnumber\n"
                                 f"certificate = {home}/{name}.crt\nprivate_key = {home}/{name}.key\ndefault_md = sha256\n")

    def revoke(self, certificate):
        run(["openssl", "ca", "-config", self.settings, "-revoke", certificate])

    def list(self, *times):
        out = self.book / "list.pem"
        run(["openssl", "ca", "-config", self.settings, "-gencrl", "-out", out, *(times or ("-crldays", "1"))])
        return out.read_text()


def make_intermediate(home):
    extensions = home / "middle.ext"
    extensions.write_text("basicConstraints=critical,CA:TRUE,pathlen:0\n")
    run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", home / "middle.key",
         "-out", home / "middle.csr", "-subj", "/CN=throw-away intermediate"])
    run(["openssl", "x509", "-req", "-in", home / "middle.csr", "-CA", home / "ca.crt", "-CAkey", home / "ca.key", "-CAcreateserial",
         "-days", "2", "-extfile", extensions, "-out", home / "middle.crt"])


class RevokedCertificates(Case):
    @classmethod
    def setUpClass(cls):
        cls.proxy = here().new_proxy()
        cls.home = home = cls.proxy.home
        make_intermediate(home)
        cls.root, cls.middle = Authority(home, "ca"), Authority(home, "middle")
        cls.leaves = {}
        for name in ("kept", "taken"):
            leaf, key = certificates.make_client_certificate(home, name, NAMES + name, ca="middle")
            chain = home / f"{name}.chain"
            chain.write_text(leaf.read_text() + (home / "middle.crt").read_text())
            cls.leaves[name] = {"sslcert": str(chain), "sslkey": str(key)}
        cls.lists(cls.root.list(), cls.middle.list())
        config = cls.proxy.config
        config["auth"]["certificates"] = {"ca": "ca.crt", "crl": "clients.crl", "identities": [
            {"uri": "spiffe://clinics.test/{tenant_no}/{tenant_id}/{app}", "roles": ["clinician"]}]}
        config["authentication"] = [{"user": "by_certificate", "method": "certificate"}, {"connection": "tls", "method": "jwt"}]
        cls.proxy.write_config(config)
        cls.proxy.start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()

    @classmethod
    def lists(cls, *texts):
        pathlib.Path(cls.home / "clients.crl").write_text("".join(texts))

    def connect(self, name):
        return psycopg.connect(**self.proxy.conninfo(None, user="by_certificate"), **self.leaves[name], autocommit=True)

    def let_in(self, name):
        try:
            self.connect(name).close()
            return True
        except psycopg.OperationalError as error:
            self.assertIn("password authentication failed", str(error))
            return False

    def becomes(self, **expected):
        """After SIGHUP, each of them is let in or not; a reload takes its time."""
        self.proxy.process.send_signal(signal.SIGHUP)
        state = world.eventually(lambda: (now := {n: self.let_in(n) for n in expected}) == expected and now)
        self.assertEqual(state, expected)

    def test_lists_are_held_against_every_certificate_of_a_chain(self):
        self.becomes(kept=True, taken=True)
        with self.connect("taken") as inside, psycopg.connect(**self.proxy.conninfo(token(proxy=self.proxy)), autocommit=True) as by_token:
            with self.subTest("a revoked leaf"):
                self.middle.revoke(self.home / "taken.crt")
                self.lists(self.root.list(), self.middle.list())
                self.becomes(kept=True, taken=False)
            with self.subTest("a list that is out of date"):
                self.lists(self.root.list(), self.middle.list("-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z"))
                self.becomes(kept=False, taken=False)
            with self.subTest("a list that is missing"):
                self.lists(self.root.list())
                self.becomes(kept=False, taken=False)
            with self.subTest("and good again"):
                self.lists(self.root.list(), self.middle.list())
                self.becomes(kept=True, taken=False)
            with self.subTest("a file that is none: what was read last counts"):
                self.lists("rubbish\n")
                self.proxy.process.send_signal(signal.SIGHUP)
                self.assertTrue(world.eventually(lambda: "nothing was changed" in self.proxy.log.read_text()))
                self.assertEqual((self.let_in("kept"), self.let_in("taken")), (True, False))
            with self.subTest("a revoked intermediate takes all its leaves with it"):
                self.root.revoke(self.home / "middle.crt")
                self.lists(self.root.list(), self.middle.list())
                self.becomes(kept=False, taken=False)
            with self.subTest("who is in goes on"):
                self.assert_bound(inside)
                self.assert_bound(by_token)
        reasons = {r["reason"] for r in world.records(self.proxy.audit, "auth.fail")}
        self.assertEqual(reasons, {"certificate: chain not verified"})
