"""GET /metrics: which rule took what out of errors, and never a value."""
import contextlib, socket

import world
from world import Case, connect, here

NAME = "Xquilopawyck"


def ask(path, request=b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(str(path))
        s.sendall(request)
        answer = b""
        while piece := s.recv(65536):
            answer += piece
    head, _, body = answer.decode().partition("\r\n\r\n")
    return head, body


class Metrics(Case):
    def setUp(self):
        self.socket = here().stage.home / "metrics"
        self.proxy = here().new_proxy()
        self.proxy.config["metrics"] = f"unix:{self.socket}"
        self.proxy.write_config(self.proxy.config)
        self.proxy.start()
        self.addCleanup(self.proxy.stop)

    def test_rules_are_counted_and_values_are_not_shown(self):
        with connect(proxy=self.proxy) as c:
            for _ in range(3):
                with self.refused("22P02"):
                    c.execute(f"SELECT mrn FROM patients WHERE id = '{NAME}'")
        head, body = ask(self.socket)
        self.assertTrue(head.startswith("HTTP/1.1 200 OK\r\n"), head)
        self.assertIn(f"Content-Length: {len(body)}", head)
        counted = [line for line in body.splitlines() if line.startswith("pgward_scrub_values_removed_total{") and "bigint" not in line]
        self.assertTrue(any('kind="data"} 3' in line for line in counted), counted)
        self.assertIn("\npgward_scrub_messages_total 3\n", "\n" + body)
        self.assertNotIn(NAME, body)

    def test_anything_else_is_no_request(self):
        self.assertIn(" 404 ", ask(self.socket, b"GET /etc/passwd HTTP/1.1\r\n\r\n")[0])
        self.assertIn(" 400 ", ask(self.socket, b"POST /metrics HTTP/1.1\r\n\r\n")[0])
        self.assertIn(" 400 ", ask(self.socket, b"\0\xff\r\n\r\n")[0])
        with contextlib.suppress(ConnectionError):  # cut off before it had said all
            self.assertEqual(ask(self.socket, b"GET /metrics HTTP/1.1\r\n" + b"x" * 20000), ("", ""))
        silent = socket.socket(socket.AF_UNIX)
        self.addCleanup(silent.close)
        silent.connect(str(self.socket))  # waits in vain, and is cut off: the next is served
        self.assertIn(" 200 ", ask(self.socket)[0])

    def test_only_where_nobody_else_listens(self):
        proxy = here().new_proxy()
        proxy.config["metrics"] = "0.0.0.0:0"
        proxy.write_config(proxy.config)
        with self.assertRaises(Exception):
            proxy.start()
        self.assertIn("metrics have no TLS", proxy.log.read_text())
