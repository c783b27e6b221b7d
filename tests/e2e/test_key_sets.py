"""Key sets by HTTPS: fetched at start, rotated when somebody comes with a new key, and missed without falling over."""
import http.server, ssl, threading, time

import psycopg

import world
from throwaway import certificates
from throwaway.process import run
from throwaway.proxy import AUDIENCE, ISSUER, binary
from world import ALDER, Case, connect, here


class Provider:
    """An identity provider's document, by HTTPS on a port of its own."""

    def __init__(self, home):
        certificate, key = certificates.make_certificate(home, "idp")
        provider = self
        self.document, self.asked = b"{}", 0

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                provider.asked += 1
                self.send_response(200 if provider.document else 503)
                self.send_header("Content-Length", str(len(provider.document)))
                self.end_headers()
                self.wfile.write(provider.document)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{self.server.server_address[1]}/keys"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class KeySets(Case):
    def setUp(self):
        self.proxy = here().new_proxy()
        self.addCleanup(self.proxy.stop)
        self.provider = Provider(self.proxy.home)
        self.addCleanup(self.provider.stop)

    def start(self, **issuer):
        config = self.proxy.config
        config["auth"] = {"issuers": [{"issuer": ISSUER, "audience": AUDIENCE, "jwks": self.provider.url, "jwks_ca": "ca.crt"} | issuer],
                          "strength": {"reader": {"amr": ["mfa"]}}}
        self.proxy.write_config(config)
        self.proxy.start()

    def new_key(self, name):
        key, public = self.proxy.home / f"{name}.key", self.proxy.home / f"{name}.json"
        run([binary(), "token", "--new-key", key, "--jwks", public])
        return key, public.read_bytes()

    def gets_in(self, key, **more):
        try:
            with connect(proxy=self.proxy, password=self.proxy.token(ALDER.claims, key=key, **more)) as c:
                self.assert_bound(c)
            return True
        except psycopg.OperationalError:
            return False

    def test_keys_are_rotated_without_a_reload(self):
        (old, document), (new, newer) = self.new_key("old"), self.new_key("new")
        self.provider.document = document
        self.start()
        self.assertTrue(self.gets_in(old))
        self.assertFalse(self.gets_in(new))
        self.provider.document = newer
        self.assertTrue(world.eventually(lambda: self.gets_in(new), seconds=30))
        self.assertFalse(self.gets_in(old))
        self.assertLess(self.provider.asked, 8, "whoever comes with unknown keys must not keep the provider busy")

    def test_a_provider_that_is_down_lets_nobody_in_until_it_is_back(self):
        key, document = self.new_key("key")
        self.provider.document = b""
        self.start()
        self.assertFalse(self.gets_in(key))
        self.provider.document = document
        self.assertTrue(world.eventually(lambda: self.gets_in(key), seconds=30))

    def test_a_role_asks_for_a_second_factor(self):
        key, document = self.new_key("key")
        self.provider.document = document
        self.start()
        self.assertTrue(self.gets_in(key))
        with self.assertRaisesRegex(psycopg.OperationalError, "stronger log-in"):
            connect(proxy=self.proxy, role="reader", password=self.proxy.token(ALDER.claims, key=key, role="reader"))


class Failures(Case):
    def test_answers_to_failures_wait_and_good_log_ins_do_not(self):
        proxy = here().new_proxy(base={"limits": {"failed_login_delay": "1s", "failed_login_delay_max": "2s"}}).start()
        self.addCleanup(proxy.stop)
        took = []
        for password in ("rubbish", "eyJhbGciOiJub25lIn0.e30."):
            began = time.monotonic()
            self.log_in_refused("28P01", password=password, proxy=proxy)
            took.append(time.monotonic() - began)
        self.assertGreater(took[0], 0.9)
        self.assertGreater(took[1], took[0] - 1.1)
        began = time.monotonic()
        connect(proxy=proxy).close()
        self.assertLess(time.monotonic() - began, 0.9)
