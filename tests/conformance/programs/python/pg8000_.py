import os

import pg8000

from common import DATABASE, FAILING, HOST, PASSWORD, PORT, STATEMENTS, USER, say

c = pg8000.connect(host=HOST, port=int(os.environ["PLAIN_PORT"]), user=USER, password=PASSWORD, database=DATABASE)
c.autocommit = True
cursor = c.cursor()
for sql, parameters in STATEMENTS:
    if "kinds" in sql:
        sql = "SELECT i2, i4, i8, f8, n, b, t, vc, by, d, ti, u FROM kinds WHERE i2 > 0"
    cursor.execute(sql, parameters)
    say(cursor.rowcount, [d[:2] for d in cursor.description or ()])
    for row in cursor.fetchall() if cursor.description else ():
        say(" ", row)
for sql in FAILING:
    try:
        cursor.execute(sql)
    except pg8000.Error as e:
        words = e.args[0] if isinstance(e.args[0], dict) else {}
        say("error", type(e).__name__, words.get("C"), words.get("P"))
c.close()
