"""Who gets in, and how: TLS, tokens, roles, start-up parameters."""
import json, socket, ssl, struct, subprocess

import psycopg

import forge, world
from world import ALDER, BIRCH, Case, connect, here, token

SSL_REQUEST = struct.pack("!II", 8, 80877103)
GSSENC_REQUEST = struct.pack("!II", 8, 80877104)


def raw():
    return socket.create_connection((here().proxy.host, here().proxy.port), timeout=10)


class Tls(Case):
    def test_verified_connection_works(self):
        with connect() as c:
            self.assertEqual(c.execute("SELECT 1").fetchone(), (1,))
            self.assertTrue(c.pgconn.ssl_in_use)

    def test_plaintext_is_refused_where_tls_is_required(self):
        self.log_in_refused("28", "08", tls=False)

    def test_plaintext_is_refused_before_a_password_is_asked_for(self):
        startup = struct.pack("!I", 196608) + b"user\0clinician\0database\0ehr\0\0"
        with raw() as s:
            s.sendall(struct.pack("!I", len(startup) + 4) + startup)
            self.assertEqual(s.recv(1), b"E")

    def test_plaintext_works_where_it_is_configured(self):
        with connect(port=here().proxy.plain_port, sslmode="disable") as c:
            self.assert_bound(c)

    def test_gss_encryption_is_declined_and_tls_still_offered(self):
        with raw() as s:
            s.sendall(GSSENC_REQUEST)
            self.assertEqual(s.recv(1), b"N")
            s.sendall(SSL_REQUEST)
            self.assertEqual(s.recv(1), b"S")

    def test_bytes_sent_ahead_of_the_handshake_end_the_connection(self):
        # CVE-2021-23214: what came in before TLS must not be taken for what came through it.
        with raw() as s:
            s.sendall(SSL_REQUEST + b"\0\0\0\x08ABCD")
            answer = s.recv(1)
            if answer == b"S":
                self.assertEqual(self._rest(s), b"")

    def _rest(self, s):
        try:
            return s.recv(100)
        except ConnectionError:
            return b""

    def test_old_tls_is_refused(self):
        context = ssl._create_unverified_context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with raw() as s:
            s.sendall(SSL_REQUEST)
            self.assertEqual(s.recv(1), b"S")
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                context.wrap_socket(s)


class Tokens(Case):
    def test_what_does_not_verify_is_refused_with_one_answer(self):
        key, good = here().proxy.key, token()
        header = forge.header_of(good)
        other = here().stage.home / "other.key"
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", other],
                       check=True, capture_output=True)
        body = forge.claims(ALDER)
        head, middle, signature = good.split(".")
        rows = {
            "not a token": "Qwerylozarn", "empty": "", "only dots": "..", "signature cut": f"{head}.{middle}.",
            "signature changed": f"{head}.{middle}.{'A' * len(signature)}",
            "claims of another clinic": f"{head}.{token(BIRCH).split('.')[1]}.{signature}",
            "alg none": forge.sign(key, {**header, "alg": "none"}, body),
            "alg HS256": forge.sign(key, {**header, "alg": "HS256"}, body),
            "someone else's key": forge.sign(key, header, body, sign_with=other),
            "unknown key id": forge.sign(key, {**header, "kid": "nobody"}, body),
            "expired": forge.sign(key, header, forge.claims(ALDER, issued_ago=3600, lives=600)),
            "from the future": forge.sign(key, header, forge.claims(ALDER, issued_ago=-3600)),
            "lives too long": forge.sign(key, header, forge.claims(ALDER, lives=48 * 3600)),
            "wrong issuer": token(issuer="https://elsewhere.test"), "wrong audience": token(audience="billing"),
            "no subject": forge.sign(key, header, forge.claims(ALDER, sub=None)),
            "no expiry": forge.sign(key, header, forge.claims(ALDER, exp=None)),
            "no roles": forge.sign(key, header, forge.claims(ALDER, roles=None)),
        }
        answers = set()
        for name, password in rows.items():
            with self.subTest(name):
                answers.add(answer := self.log_in_refused("28", password=password))
                self.assertNotIn(password or "\0", answer)
        # An attacker must not learn how far they came.
        self.assertEqual(len(answers), 1, answers)

    def test_forging_as_such_works(self):
        # Otherwise the test above would pass for the wrong reason.
        good = forge.sign(here().proxy.key, forge.header_of(token()), forge.claims(ALDER))
        with connect(password=good) as c:
            self.assert_bound(c)

    def test_tenant_must_be_there_and_of_its_type(self):
        key, header = here().proxy.key, forge.header_of(token())
        for name, change in {"missing": {"tenant_id": None}, "not a uuid": {"tenant_id": "x' OR true --"},
                             "not a number": {"tenant_no": "1 OR 1=1"}, "list": {"tenant_id": [ALDER.tenant_id]}}.items():
            with self.subTest(name):
                self.log_in_refused("28", password=forge.sign(key, header, forge.claims(ALDER, **change)))

    def test_failed_log_ins_are_recorded_without_what_was_sent(self):
        before = len(world.records(type="auth.fail"))
        self.log_in_refused("28", password="Qwerylozarn-secret")
        self.assertTrue(world.eventually(lambda: len(world.records(type="auth.fail")) > before))
        self.assertNotIn("Qwerylozarn", json.dumps(world.records()))


class Roles(Case):
    def test_start_up_user_chooses_among_the_roles_of_the_token(self):
        both = token(role=("clinician", "reader"))
        with connect(role="reader", password=both) as c:
            self.assert_bound(c)
            with self.refused("42501"):
                c.execute("UPDATE patients SET notes = NULL WHERE id = -1")
        with connect(role="clinician", password=both) as c:
            self.assertEqual(c.execute("UPDATE patients SET notes = NULL WHERE id = -1").rowcount, 0)
        self.log_in_refused("28", user="somebody", password=both)

    def test_a_single_role_does_for_any_user_name(self):
        with connect(user="app_main", password=token(role="reader")) as c:
            with self.refused("42501"):
                c.execute("DELETE FROM patients WHERE id = -1")

    def test_roles_that_the_policy_does_not_know_are_refused(self):
        self.log_in_refused("28", password=token(role="emperor"))


class StartUp(Case):
    def test_other_databases_are_refused(self):
        self.log_in_refused("3D000", "28", database="postgres")

    def test_options_may_not_touch_the_binding(self):
        for options in (f"-c app.tenant_id={BIRCH.tenant_id}", f"--app.tenant_id={BIRCH.tenant_id}",
                        "-c row_security=off", "-c role=postgres", "-c session_preload_libraries=x"):
            with self.subTest(options):
                self.log_in_refused("42501", "28", "0A000", options=options)

    def test_harmless_options_work(self):
        with connect(options="-c statement_timeout=54321", application_name="billing app") as c:
            self.assertEqual(c.execute("SHOW statement_timeout").fetchone()[0], "54321ms")
            self.assertEqual(c.execute("SHOW application_name").fetchone()[0], "billing app")

    def test_what_drivers_ask_the_server_is_answered(self):
        with connect() as c:
            self.assertEqual(c.info.server_version // 10000, 15)
            self.assertEqual(c.info.parameter_status("server_encoding"), "UTF8")
            self.assertEqual(c.info.encoding, "utf-8")

    def test_replication_connections_are_refused(self):
        self.log_in_refused("0A000", "28", "42501", replication="database")

    def test_a_driver_reports_a_refused_log_in(self):
        with self.assertRaises(psycopg.OperationalError) as caught:
            connect(password="Qwerylozarn")
        self.assertNotIn("Qwerylozarn", str(caught.exception))
