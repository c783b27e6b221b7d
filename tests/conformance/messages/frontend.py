"""Messages that a client sends, and the steps of a case (PostgreSQL manual, "Message Formats").

A case is a list of steps: bytes to send, and what to wait for. Bytes that stand next to each other are sent at
once, so that a pipeline is one.
"""
import struct
from collections import namedtuple

from throwaway.wire import message

Until = namedtuple("Until", "kind count")      # wait for this many messages of a kind; also ends at an end of stream
Other = namedtuple("Other", "sql")             # another session runs this and is done with it
Cancel = namedtuple("Cancel", "")              # a CancelRequest for this session
OpenOther = namedtuple("OpenOther", "sql")     # another session runs this, and stays
Case = namedtuple("Case", "name steps")
# As psql and libpq would wait.
READY = Until("Z", 1)


def ready(count):
    return Until("Z", count)


def text(value):
    return value.encode() + b"\0"


def Query(sql):
    return message(b"Q", text(sql))


def Parse(sql, name="", types=()):
    return message(b"P", text(name) + text(sql) + struct.pack("!H", len(types)) + b"".join(struct.pack("!I", t) for t in types))


def Bind(params=(), portal="", name="", formats=(), results=()):
    body = text(portal) + text(name) + _codes(formats) + struct.pack("!H", len(params))
    for value in params:
        value = value.encode() if isinstance(value, str) else value
        body += struct.pack("!i", -1) if value is None else struct.pack("!I", len(value)) + value
    return message(b"B", body + _codes(results))


def _codes(codes):
    return struct.pack("!H", len(codes)) + b"".join(struct.pack("!H", c) for c in codes)


def DescribeStatement(name=""):
    return message(b"D", b"S" + text(name))


def DescribePortal(name=""):
    return message(b"D", b"P" + text(name))


def Execute(portal="", rows=0):
    return message(b"E", text(portal) + struct.pack("!I", rows))


def CloseStatement(name=""):
    return message(b"C", b"S" + text(name))


def ClosePortal(name=""):
    return message(b"C", b"P" + text(name))


def FunctionCall(oid, args=(), formats=(), result=0):
    body = struct.pack("!I", oid) + _codes(formats) + struct.pack("!H", len(args))
    for value in args:
        body += struct.pack("!i", -1) if value is None else struct.pack("!I", len(value)) + value
    return message(b"F", body + struct.pack("!H", result))


def CopyData(data):
    return message(b"d", data)


def CopyFail(reason):
    return message(b"f", text(reason))


CopyDone, Flush, Sync, Terminate = message(b"c"), message(b"H"), message(b"S"), message(b"X")


def once(sql, params=(), **options):
    """The extended protocol as most drivers speak it, with its Sync."""
    return unsynced(sql, params, **options) + Sync


def unsynced(sql, params=(), rows=0, formats=(), results=(), types=()):
    return (Parse(sql, types=types) + Bind(params, formats=formats, results=results) + DescribePortal()
            + Execute(rows=rows))
