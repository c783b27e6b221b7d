// node-postgres with its cursors, streams and copies.
'use strict';
const { ssl, where, say, tell, failing, FAILING } = require('./common');
const { Client, Pool } = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const copy = require('pg-copy-streams');
const { pipeline } = require('stream/promises');
const { Readable } = require('stream');

async function statements(c) {
  for (const q of ['SELECT * FROM kinds', 'SELECT * FROM items WHERE id < 4 ORDER BY id', '', 'SELECT 1; SELECT 2, 3', 'SELECT FROM items LIMIT 2']) {
    const r = await c.query(q);
    for (const one of [].concat(r)) say(one.command, one.rowCount, one.fields.map((f) => [f.name, f.dataTypeID, f.tableID, f.columnID, f.format]), one.rows);
  }
  say((await c.query('SELECT $1::int AS a, $2::text AS b, $3::jsonb AS c, $4::int[] AS d, $5::bytea AS e, $6::timestamptz AS f', [1, "ä'\\", { x: [1] }, [1, null], Buffer.from([0, 255]), new Date(0)])).rows);
  for (let n = 0; n < 3; n++) say((await c.query({ name: 'named', text: 'SELECT name FROM items WHERE id = $1', values: [n + 1] })).rows);
  say((await c.query({ text: 'SELECT i4, f8, t, d, a FROM kinds WHERE i2 > $1', values: [0], binary: true, rowMode: 'array' })).rows);
  say((await c.query('INSERT INTO scratch VALUES ($1, $2), ($3, NULL) RETURNING *', [1, 'x', null])).rows);
  say((await c.query('SELECT * FROM guarded WHERE id = ANY($1) ORDER BY id', [[1, 2]])).rows);
  for (const sql of FAILING) await failing(() => c.query(sql));
  for (const sql of FAILING) await failing(() => c.query({ text: sql, values: [] , queryMode: 'extended' }));
  await failing(() => c.query('SELECT $1::int', ['x']));
  await failing(() => c.query({ name: 'other', text: 'SELECT $1::no_such_type', values: [1] }));
  say(await Promise.all([...Array(30).keys()].map((n) => c.query('SELECT $1::int AS n', [n]).then((r) => r.rows[0].n))));
  say(await Promise.allSettled(['SELECT 1 AS a', 'SELECT 1/0', 'SELECT 3 AS a'].map((q) => c.query(q).then((r) => r.rows))).then((l) => l.map((r) => [r.status, r.value, r.reason && r.reason.code])));
  say((await c.query('SELECT repeat($1, 3000000) AS long', ['ab'])).rows[0].long.length);
}

async function streams(c) {
  const cursor = c.query(new Cursor('SELECT g FROM generate_series(1, 100) g WHERE g > $1', [10]));
  say(await cursor.read(3), (await cursor.read(50)).length, (await cursor.read(50)).length, (await cursor.read(5)).length);
  await cursor.close();
  const early = c.query(new Cursor('SELECT * FROM big'));
  say((await early.read(2)).length);
  await early.close();
  const bad = c.query(new Cursor('SELECT 1/(5 - g) FROM generate_series(1, 10) g'));
  await failing(async () => { for (;;) if (!(await bad.read(2)).length) return; });
  let sum = 0;
  for await (const row of c.query(new QueryStream('SELECT id, payload FROM big ORDER BY id', [], { batchSize: 17 }))) sum += row.payload.length + row.id;
  say(sum);
  await pipeline(Readable.from([...Array(2000).keys()].map((n) => `${n}\tline ${n}\n`)), c.query(copy.from('COPY scratch FROM STDIN')));
  let size = 0;
  for await (const piece of c.query(copy.to('COPY (SELECT * FROM scratch ORDER BY a) TO STDOUT CSV'))) size += piece.length;
  say(size);
  await failing(() => pipeline(Readable.from(['x\ty\n']), c.query(copy.from('COPY scratch FROM STDIN'))));
  await failing(() => pipeline(Readable.from((function* () { yield '1\tx\n'; throw new Error('given up'); })()), c.query(copy.from('COPY scratch FROM STDIN'))));
  say((await c.query('SELECT count(*) FROM scratch')).rows);
  await c.query('TRUNCATE scratch');
}

async function asynchronous(c) {
  c.on('notice', (n) => say('notice', n.severity, n.code));
  const heard = new Promise((resolve) => c.once('notification', (n) => resolve([n.channel, n.payload, n.processId === c.processID])));
  await c.query("LISTEN here; NOTIFY here, 'x'");
  say(await heard);
  await c.query("SELECT tell('x')");
  say((await c.query('SELECT pg_backend_pid() = $1 AS same', [c.processID])).rows);
  const sleeping = failing(() => c.query('SELECT pg_sleep(20)'));
  const other = new Client({ ...where, ssl });
  await other.connect();
  while (!(await other.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", [c.processID])).rowCount);
  const done = (await other.query('SELECT pg_cancel_backend($1)', [c.processID])).rows;
  await sleeping;
  say(done);
  const dying = new Promise((resolve) => c.on('error', (e) => resolve(e)));
  await other.query('SELECT pg_terminate_backend($1)', [c.processID]);
  tell(await dying);
  await other.end();
}

async function main() {
  const c = new Client({ ...where, ssl, application_name: 'node', statement_timeout: 25000, idle_in_transaction_session_timeout: 20000, options: '-c geqo=off' });
  await c.connect();
  say((await c.query("SELECT current_setting('application_name') a, current_setting('statement_timeout') b, current_setting('idle_in_transaction_session_timeout') c, current_setting('geqo') d")).rows);
  await statements(c);
  await streams(c);
  await asynchronous(c);
  const pool = new Pool({ ...where, ssl, max: 4 });
  say(await Promise.all([...Array(50).keys()].map((n) => pool.query('SELECT $1::int AS n', [n]).then((r) => r.rows[0].n))));
  await pool.end();
  for (const wrong of [{ password: 'wrong' }, { options: '-c no_such=1' }, { statement_timeout: 'x' }]) {
    const w = new Client({ ...where, ssl, ...wrong });
    await failing(async () => { await w.connect(); await w.end(); });
  }
}
main();
