"""A client that sees the protocol's messages one by one, as they arrive: for witnesses and for log-in errors."""
import socket, ssl, struct

SSL_REQUEST = struct.pack("!II", 8, 80877103)


class Closed(Exception):
    """The other side ended the connection."""


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def fields(body):
    """Of an ErrorResponse or NoticeResponse: code -> text."""
    return {chr(f[0]): f[1:].decode("utf-8", "replace") for f in body.split(b"\0") if f}


class Wire:
    def __init__(self, host, port, ca=None, timeout=20, direct=False, alpn=(), context=None):
        """`direct`: TLS at once, without asking."""
        self.buffer, self.key, self.backend_key = b"", None, b""  # key: process and secret of BackendKeyData
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ca and not direct:
            self.socket.sendall(SSL_REQUEST)
            if self.socket.recv(1) != b"S":
                raise Closed("TLS was not offered")
        if ca:
            context = context or ssl.create_default_context(cafile=str(ca))
            if alpn:
                context.set_alpn_protocols(alpn)
            self.socket = context.wrap_socket(self.socket, server_hostname=host)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self):
        """(kind, body) of the next message."""
        while len(self.buffer) < 5 or len(self.buffer) <= int.from_bytes(self.buffer[1:5], "big"):
            try:
                more = self.socket.recv(65536)
            except OSError as error:
                raise Closed(str(error)) from error
            if not more:
                raise Closed("end of stream")
            self.buffer += more
        end = 1 + int.from_bytes(self.buffer[1:5], "big")
        kind, body, self.buffer = self.buffer[:1], self.buffer[5:end], self.buffer[end:]
        return kind, body

    def log_in(self, user, password, database, minor=0, **parameters):
        """None when it worked, else the fields of the error."""
        settings = {"user": user, "database": database} | parameters
        body = struct.pack("!HH", 3, minor) + b"".join(f"{k}\0{v}\0".encode() for k, v in settings.items()) + b"\0"
        self.send(struct.pack("!I", len(body) + 4) + body)
        while True:
            kind, body = self.receive()
            if kind == b"E":
                return fields(body)
            if kind == b"Z":
                return None
            if kind == b"v":
                self.negotiated = body
            if kind == b"K":
                self.backend_key = body
                self.key = struct.unpack("!II", body[:8])
            if kind == b"R" and struct.unpack("!I", body[:4])[0] == 3:  # AuthenticationCleartextPassword
                self.send(message(b"p", password.encode() + b"\0"))

    def query(self, sql):
        """The messages up to and with ReadyForQuery, one by one as they come."""
        self.send(message(b"Q", sql.encode() + b"\0"))
        yield from self.until_ready()

    def extended(self, sql):
        """The same by Parse, Bind, Execute, Sync."""
        self.send(message(b"P", b"\0" + sql.encode() + b"\0\0\0") + message(b"B", b"\0\0" + b"\0" * 6)
                  + message(b"E", b"\0" + b"\0" * 4) + message(b"S"))
        yield from self.until_ready()

    def until_ready(self):
        while True:
            kind, body = self.receive()
            yield kind, body
            if kind == b"Z":
                return
