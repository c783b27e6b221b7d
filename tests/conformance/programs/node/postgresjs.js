'use strict';
const { ssl, where, say, tell, failing, FAILING } = require('./common');
const postgres = require('postgres');

async function main() {
  const sql = postgres({ ...where, username: where.user, ssl, max: 3, onnotice: (n) => say('notice', n.severity, n.code), connection: { application_name: 'postgres.js', statement_timeout: 25000 } });
  say(await sql`SELECT current_setting('application_name') a, current_setting('statement_timeout') b`);
  const rows = await sql`SELECT * FROM kinds WHERE i2 > 0`;
  say(rows, rows.columns.map((c) => [c.name, c.type, c.table, c.number]), rows.command, rows.count);
  say(await sql`SELECT ${1}::int AS a, ${"ä'\\"} AS b, ${sql.json({ x: 1 })} AS c, ${[1, 2]}::int[] AS d, ${Buffer.from([0, 255])}::bytea AS e, ${null} AS f, ${new Date(0)} AS g`);
  say(await sql`INSERT INTO scratch ${sql([{ a: 1, b: 'x' }, { a: 2, b: null }], 'a', 'b')} RETURNING *`);
  say(await sql`SELECT * FROM ${sql('items')} WHERE id IN ${sql([1, 2, 3])} ORDER BY ${sql('id')}`);
  say(await sql`SELECT ${sql('id', 'body')} FROM guarded WHERE id < ${3}`.describe().then((d) => [d.types, d.columns.map((c) => [c.name, c.type])]));
  say(await sql.unsafe('SELECT 1 AS a; SELECT 2 AS b'), await sql.unsafe('SELECT $1::int AS a', [7], { prepare: true }));
  for (const text of FAILING) await failing(() => sql.unsafe(text));
  for (const text of FAILING) await failing(() => sql.unsafe(text, [], { prepare: true }));
  say(await Promise.all([...Array(100).keys()].map((n) => sql`SELECT ${n}::int AS n`.then((r) => r[0].n))));
  await sql`SELECT id FROM items ORDER BY id`.cursor(9, (part) => say(part.map((r) => r.id)));
  let count = 0;
  await sql`SELECT id FROM big`.forEach(() => count++);
  say(count, (await sql`SELECT id, name FROM items WHERE id < 3`.values()), (await sql`SELECT id FROM items WHERE id < 3`.raw()));
  say(await sql.begin('isolation level serializable', async (tx) => {
    await tx`INSERT INTO scratch VALUES (3, 'tx')`;
    await tx.savepoint(async (s) => { await s`SELECT 1/0`; }).catch(tell);
    return tx`SELECT count(*) FROM scratch`;
  }));
  await failing(() => sql.begin(async (tx) => { await tx`DELETE FROM scratch`; await tx`SELECT nothing`; }));
  say(await sql`SELECT count(*) FROM scratch`);
  const into = await sql`COPY scratch FROM STDIN`.writable();
  for (let n = 0; n < 500; n++) into.write(`${n}\tcopied ${n}\n`);
  await new Promise((resolve, reject) => into.on('finish', resolve).on('error', reject).end());
  let size = 0;
  for await (const piece of await sql`COPY (SELECT * FROM scratch ORDER BY a, b) TO STDOUT`.readable()) size += piece.length;
  say(size);
  const heard = new Promise((resolve) => sql.listen('here', resolve).then(() => sql.notify('here', 'hello')));
  say(await heard);
  await sql`SELECT tell('x')`;
  const slow = sql`SELECT pg_sleep(20)`.execute();
  setTimeout(() => slow.cancel(), 300);
  await failing(() => slow);
  await sql`TRUNCATE scratch`;
  await sql.end();
  const wrong = postgres({ ...where, username: where.user, ssl, password: 'wrong', max: 1 });
  await failing(() => wrong`SELECT 1`);
  await wrong.end();
}
main();
