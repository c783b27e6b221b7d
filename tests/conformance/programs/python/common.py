"""What the Python programs share. They print what they get; the harness compares the two prints."""
import os, sys

HOST, PORT, USER, PASSWORD, DATABASE = (os.environ["PG" + n] for n in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE"))
CA = os.environ["PGSSLROOTCERT"]


def say(*values):
    print(*values)
    sys.stdout.flush()


def tell(error, state, words=""):
    """An error on two lines: what programs branch on, and the words, which may lose data values."""
    say("error", type(error).__name__, state)
    for line in str(words or error).splitlines():
        say("error-text:", line)


# Statements that each driver runs in its own way: (sql with one %s a parameter, parameters).
STATEMENTS = [
    ("SELECT * FROM kinds WHERE i2 > 0", ()),
    ("SELECT id, name, price, made, tags, extra, seen FROM items WHERE id < %s ORDER BY id", (4,)),
    ("INSERT INTO scratch VALUES (%s, %s) RETURNING a, b", (1, "ä \\ ' \" 漢")),
    ("INSERT INTO scratch VALUES (%s, %s) RETURNING *", (None, None)),
    ("UPDATE scratch SET a = 2 WHERE a = %s", (1,)),
    ("SELECT %s::int8 + 1, %s::float8, %s::text", (2**40, 0.1, "x" * 3000)),
    ("SELECT * FROM guarded WHERE id = %s", (3,)),
    ("DELETE FROM scratch", ()),
    ("SELECT 1 WHERE false", ()),
]
FAILING = [
    "SELECT 1/0", "SELECT nothing_there FROM items", "SELECT * FROM no_such_table", "SELEC", "INSERT INTO items (id, name) VALUES (1, 'double')",
    "INSERT INTO items (id) VALUES (999)", "INSERT INTO orders (item_id, amount) VALUES (9999, 1)", "INSERT INTO orders (item_id, amount) VALUES (1, 0)",
    "SELECT 'x'::int", "INSERT INTO orders (item_id, amount, note) VALUES (1, 1, repeat('x', 21))",
]
