"""Plays a case against one side and writes down every message that comes back."""
import contextlib, hashlib, select, ssl, struct

import frontend
from sides import DATABASE, USER
from throwaway.wire import Closed, Wire, fields

TIMEOUT_S = 6
BIG = 100_000  # bodies above this are kept as their length and hash


class Listener(Wire):
    """Reads whole messages from an inbox, which also sending fills: who never reads while it writes may wait for ever."""

    def receive(self):
        while len(self.inbox) < 5 or len(self.inbox) <= int.from_bytes(self.inbox[1:5], "big"):
            try:
                more = self.socket.recv(1 << 20)
            except OSError as error:
                raise Closed(str(error)) from error
            if not more:
                raise Closed("end of stream")
            self.inbox.extend(more)
        end = 1 + int.from_bytes(self.inbox[1:5], "big")
        kind, body = bytes(self.inbox[:1]), bytes(self.inbox[5:end])
        del self.inbox[:end]
        return kind, body

    @property
    def inbox(self):
        return self.__dict__.setdefault("_inbox", bytearray())

    def send_much(self, data):
        left = memoryview(data)
        self.socket.setblocking(False)
        try:
            while left:
                select.select([self.socket], [self.socket], [], TIMEOUT_S)
                with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    self.inbox.extend(self.socket.recv(1 << 20))
                with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    left = left[self.socket.send(left[:65536]):]
        except OSError as error:
            raise Closed(str(error)) from error
        finally:
            self.socket.settimeout(TIMEOUT_S)


class Session:
    """A logged-in session; `heard` is what the server said, as (kind, body) with what must differ taken out."""

    def __init__(self, side, **parameters):
        host, port, password, ca = side.where()
        self.side, self.heard = side, []
        self.wire = Listener(host, port, ca, timeout=TIMEOUT_S)
        self.error = self.wire.log_in(USER, password, DATABASE, **parameters)
        self.process = self.wire.key[0] if self.wire.key else None

    def close(self):
        self.wire.socket.close()

    def note(self, kind, body):
        kind = kind.decode("latin-1")
        if kind == "K":
            body = b"(%d bytes)" % len(body)
        elif kind == "A":
            # The process that notified: the server's own number, as BackendKeyData gave it.
            sender = struct.unpack("!I", body[:4])[0]
            body = (b"self" if sender == self.process else b"other") + body[4:]
        elif kind in "EN":
            body = fields(body)
        elif len(body) > BIG:
            body = b"%d bytes, %s" % (len(body), hashlib.sha256(body).hexdigest().encode())
        self.heard.append((kind, body))

    def until(self, kind, count):
        """False when the case is over: the end of the stream, or an error where something else was due."""
        try:
            while count:
                if kind not in "ZE" and self.refused():
                    return False
                got, body = self.wire.receive()
                self.note(got, body)
                count -= got == kind.encode()
        except Closed as end:
            self.heard.append(("end", b"timed out" if "timed out" in str(end) else b""))
            return False
        return True

    def refused(self):
        """Whether an error has come and the server waits again: what was to follow it will not come."""
        errors = [body for kind, body in self.heard if kind == "E"]
        return any(body["S"] == "ERROR" for body in errors) and self.heard[-1][0] in "EZ"

    def send(self, data, bytewise):
        with contextlib.suppress(Closed):  # what the other side still said is read all the same
            for piece in pieces(data, bytewise):
                if len(piece) < 20_000:
                    self.wire.send(piece)
                else:
                    self.wire.send_much(piece)


def pieces(data, bytewise):
    return [data[i:i + 1] for i in range(len(data))] if bytewise and len(data) < 3000 else [data]


def play(side, case, bytewise=False):
    """What the session heard."""
    side.fresh()
    session, others = Session(side), contextlib.ExitStack()
    try:
        session.heard.clear()
        for step in case.steps:
            if isinstance(step, bytes):
                session.send(step, bytewise)
            elif isinstance(step, frontend.Until):
                if not session.until(step.kind, step.count):
                    break
            elif isinstance(step, frontend.Other):
                with side.cluster.connect(DATABASE) as connection:
                    connection.execute(step.sql)
            elif isinstance(step, frontend.OpenOther):
                others.enter_context(side.cluster.connect(DATABASE)).execute(step.sql)
            elif isinstance(step, frontend.Cancel):
                cancel(side, session)
        return session.heard
    finally:
        others.close()
        session.close()


def cancel(side, session):
    """As libpq does it: once the statement runs, on a connection of its own, which the server closes."""
    if session.process:
        wait_until_busy(side, session.process)
    host, _, _, _ = side.where()
    other = Listener(host, side.plain_port(), timeout=TIMEOUT_S)
    try:
        other.send(struct.pack("!IIII", 16, 80877102, *session.wire.key))
        with contextlib.suppress(Closed):
            while True:
                session.note(*other.receive())  # nothing may come
    finally:
        other.socket.close()


def wait_until_busy(side, process):
    """Until it sleeps, or is idle: a cancel that comes before its statement hits nothing."""
    with side.cluster.connect() as connection:
        for _ in range(2000):
            row = connection.execute("SELECT state, wait_event FROM pg_stat_activity WHERE pid = %s", [process]).fetchone()
            if row is None or row[1] in ("PgSleep", "ClientRead", "CopyIn"):
                return


def log_in(side, parameters, version=196608, password=None, user=USER, database=DATABASE):
    """The conversation of a log-in, from the start-up packet to ReadyForQuery or the end."""
    host, port, own, ca = side.where()
    wire = Listener(host, port, ca, timeout=TIMEOUT_S)
    session = Session.__new__(Session)
    session.wire, session.heard, session.process, session.side = wire, [], None, side
    try:
        named = {"user": user, "database": database} | parameters
        body = struct.pack("!I", version) + b"".join(f"{k}\0{v}\0".encode() for k, v in named.items() if v is not None) + b"\0"
        wire.send(struct.pack("!I", len(body) + 4) + body)
        while True:
            kind, body = wire.receive()
            session.note(kind, body)
            if kind == b"R" and body == b"\0\0\0\3":
                wire.send(frontend.message(b"p", (password or own).encode() + b"\0"))
            if kind == b"Z":
                wire.send(frontend.Query(ASK))
                session.until("Z", 1)
                return session.heard
    except Closed:
        session.heard.append(("end", b""))
        return session.heard
    finally:
        wire.socket.close()


# After a log-in: what the start-up parameters became.
ASK = "".join(f"SHOW {name};" for name in (
    "application_name", "client_encoding", "DateStyle", "TimeZone", "IntervalStyle", "extra_float_digits", "statement_timeout",
    "search_path", "work_mem", "client_min_messages", "default_transaction_isolation", "geqo"))
