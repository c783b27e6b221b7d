"""Stands where the server would: answers idle clients itself, and passes the others on to a real PostgreSQL.

  python3 -m soak.router LISTEN_PORT SERVER_PORT

Five thousand sessions of a real server would need some 20 GB. A session whose application_name is soak-idle gets a
log-in without a password and nothing more; every other one is relayed byte by byte, its start-up packet first.
"""
import resource, selectors, socket, struct, sys

IDLE = b"application_name\0soak-idle\0"
PIECE = 65536


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


SETTINGS = {"server_version": "15.0", "server_encoding": "UTF8", "client_encoding": "UTF8", "DateStyle": "ISO, MDY",
            "TimeZone": "UTC", "integer_datetimes": "on", "standard_conforming_strings": "on", "is_superuser": "off",
            "application_name": "soak-idle", "session_authorization": "pgward_app", "IntervalStyle": "postgres"}


def welcome(number):
    settings = b"".join(message(b"S", f"{k}\0{v}\0".encode()) for k, v in SETTINGS.items())
    return message(b"R", bytes(4)) + settings + message(b"K", struct.pack("!II", number, number)) + message(b"Z", b"I")


class Router:
    def __init__(self, port, server_port):
        self.server_port, self.sessions = server_port, 0
        self.poll = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.poll.register(self.listener, selectors.EVENT_READ, self.accept)

    def run(self):
        while True:
            for key, _ in self.poll.select():
                key.data(key.fileobj)

    def accept(self, listener):
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.watch(client, self.start)

    def watch(self, side, call):
        self.poll.register(side, selectors.EVENT_READ, call)

    def start(self, client):
        """Start-up packets are small and come from the same machine: they arrive in one piece."""
        first = receive(client)
        if not first:
            return self.drop(client)
        self.poll.unregister(client)
        if IDLE in first:
            self.sessions += 1
            client.sendall(welcome(self.sessions))
            self.watch(client, lambda side: receive(side) or self.drop(side))
            return
        server = socket.create_connection(("127.0.0.1", self.server_port))
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.sendall(first)
        self.watch(client, lambda side: self.relay(side, server))
        self.watch(server, lambda side: self.relay(side, client))

    def relay(self, side, other):
        if other.fileno() < 0:
            return self.drop(side)
        piece = receive(side)
        try:
            if piece:
                return other.sendall(piece)
        except OSError:
            pass
        self.drop(side)
        self.drop(other)

    def drop(self, side):
        if side.fileno() >= 0:
            self.poll.unregister(side)
            side.close()


def receive(side):
    try:
        return side.recv(PIECE)
    except OSError:
        return b""


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Router(int(sys.argv[1]), int(sys.argv[2])).run()


if __name__ == "__main__":
    main()
