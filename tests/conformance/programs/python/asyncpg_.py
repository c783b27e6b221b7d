import asyncio, io, ssl

import asyncpg

from common import CA, DATABASE, FAILING, HOST, PASSWORD, PORT, STATEMENTS, USER, say, tell


def connect(**more):
    tls = ssl.create_default_context(cafile=CA)
    return asyncpg.connect(**({"host": HOST, "port": PORT, "user": USER, "password": PASSWORD, "database": DATABASE, "ssl": tls} | more))


def dollars(sql):
    for n in range(1, sql.count("%s") + 1):
        sql = sql.replace("%s", f"${n}", 1)
    return sql


async def statements(c):
    say(c.get_server_version()[:2], sorted(c.get_settings()._settings.items()) if hasattr(c.get_settings(), "_settings") else "")
    for sql, parameters in STATEMENTS:
        if "kinds" in sql:
            sql = ("SELECT i2, i4, i8, f4, f8, n, b, t, vc, c, by, d, ti, ts, tstz, iv, u, j, jb, x, ip, cd, mac, bits, vbits, r, rt, p, bx, a, aa, m, pr, po, mo, o, nm "
                   "FROM kinds WHERE i2 > 0")
        s = await c.prepare(dollars(sql))
        say([p.name for p in s.get_parameters()], [(a.name, a.type.name) for a in s.get_attributes()])
        for row in await s.fetch(*parameters):
            say(" ", dict(row))
        say(s.get_statusmsg())
    for sql in FAILING:
        try:
            await c.fetch(sql)
        except asyncpg.PostgresError as e:
            tell(e, e.sqlstate)
            say(getattr(e, "position", None), e.severity_en)
    say(await c.execute("SELECT 1; SELECT 2; SELECT 3"), await c.fetchval("SELECT $1::mood", "ok"))
    await c.executemany("INSERT INTO scratch VALUES ($1, $2)", [(n, str(n)) for n in range(400)])
    await c.set_type_codec("jsonb", encoder=str, decoder=lambda t: ("decoded", t), schema="pg_catalog")
    say(await c.fetchval("SELECT extra FROM items WHERE id = 1"))


async def more(c):
    async with c.transaction(isolation="repeatable_read"):
        say([r[0] async for r in c.cursor("SELECT g FROM generate_series(1, 120) g", prefetch=25)][-1])
        cursor = await c.cursor("SELECT id FROM items ORDER BY id")
        say(await cursor.fetch(3), await cursor.forward(5), await cursor.fetchrow())
        try:
            async with c.transaction():
                await c.execute("SELECT 1/0")
        except asyncpg.PostgresError as e:
            tell(e, e.sqlstate)
        say(await c.fetchval("SELECT 5"))
    out = io.BytesIO()
    say(await c.copy_from_query("SELECT * FROM scratch ORDER BY a", output=out, format="csv"), len(out.getvalue()))
    say(await c.copy_records_to_table("scratch", records=[(n, None) for n in range(300)]))
    say(await c.copy_to_table("scratch", source=io.BytesIO(b"1\tx\n"), format="text"))
    try:
        await c.copy_to_table("scratch", source=io.BytesIO(b"x\tx\n"))
    except asyncpg.PostgresError as e:
        tell(e, e.sqlstate)
    heard = asyncio.Queue()
    await c.add_listener("here", lambda con, pid, channel, text: heard.put_nowait((pid == con.get_server_pid(), channel, text)))
    await c.execute("NOTIFY here, 'x'")
    say(await asyncio.wait_for(heard.get(), 5))
    c.add_log_listener(lambda con, message: say("notice", message.severity_en, message.sqlstate))
    await c.fetch("SELECT tell('x')")
    try:
        await c.fetch("SELECT pg_sleep(20)", timeout=0.3)
    except asyncio.TimeoutError as e:
        say("timed out", type(e).__name__)
    say(await c.fetchval("SELECT 7"))
    await c.execute("ALTER TABLE scratch ADD z int")
    say(len(list((await c.fetch("SELECT * FROM scratch LIMIT 1"))[0].keys())))
    await c.execute("ALTER TABLE scratch DROP z")
    try:
        say(len(await c.fetch("SELECT * FROM scratch LIMIT 1")))
    except asyncpg.PostgresError as e:
        tell(e, e.sqlstate)
    await c.execute("TRUNCATE scratch")
    await c.reset()
    say(await c.fetchval("SHOW application_name"))


async def main():
    c = await connect(server_settings={"application_name": "apg", "search_path": "public", "statement_timeout": "30s"})
    await statements(c)
    await more(c)
    await c.close()
    async with asyncpg.create_pool(min_size=3, max_size=5, host=HOST, port=PORT, user=USER, password=PASSWORD, database=DATABASE,
                                   ssl=ssl.create_default_context(cafile=CA)) as pool:
        say(sorted(await asyncio.gather(*(pool.fetchval("SELECT $1::int", n) for n in range(40)))))
    for wrong in ({"password": "wrong"}, {"server_settings": {"no_such": "1"}}, {"server_settings": {"client_encoding": "latin1"}}):
        try:
            c = await connect(**wrong)
            say(await c.fetchval("SHOW client_encoding"))
            await c.close()
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as e:
            tell(e, getattr(e, "sqlstate", ""))


asyncio.run(main())
