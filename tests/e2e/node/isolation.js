// Reads and writes stay within the clinic: text, parameters, named statements, a pool, a transaction.
'use strict';
const assert = require('node:assert');
const c = require('./clinic.js');

const marks = (rows) => [...new Set(rows.map((row) => row.mrn.slice(0, 3)))];

c.run({
  'simple protocol': () => c.withClient(c.TOKEN, async (client) => {
    const { rows } = await client.query('SELECT mrn FROM patients');
    assert.strictEqual(rows.length, c.PER_CLINIC);
    assert.deepStrictEqual(marks(rows), [c.MARK]);
  }),
  'parameters': () => c.withClient(c.TOKEN, async (client) => {
    const { rows } = await client.query('SELECT mrn FROM patients WHERE id > $1 OR $2', [0, true]);
    assert.deepStrictEqual(marks(rows), [c.MARK]);
  }),
  'named statement, again and again': () => c.withClient(c.TOKEN, async (client) => {
    for (let n = 1; n <= 5; ++n) {
      const { rows } = await client.query({
        name: 'by-number', text: 'SELECT mrn, birth_date FROM patients WHERE mrn = $1', values: [`${c.MARK}-0000${n}`] });
      assert.strictEqual(rows.length, 1);
    }
  }),
  'the same text for two clinics': async () => {
    for (const [token, mark] of [[c.TOKEN, c.MARK], [c.OTHER_TOKEN, c.OTHER_MARK]]) {
      const { rows } = await c.withClient(token, (client) => client.query('SELECT p.mrn FROM patients p'));
      assert.deepStrictEqual(marks(rows), [mark]);
    }
  },
  'a pool under load': async () => {
    const pool = new c.Pool({ ...c.settings(c.TOKEN), max: 4 });
    const all = await Promise.all(Array.from({ length: 40 }, (_, n) =>
      pool.query('SELECT mrn FROM patients WHERE id % 7 = $1', [n % 7])));
    for (const { rows } of all) assert.deepStrictEqual(marks(rows), [c.MARK]);
    await pool.end();
  },
  'a transaction that is rolled back': () => c.withClient(c.TOKEN, async (client) => {
    await client.query('BEGIN');
    const { rowCount } = await client.query('UPDATE patients SET notes = $1', ['seen']);
    assert.strictEqual(rowCount, c.PER_CLINIC);
    await client.query('ROLLBACK');
  }),
  'a row of another clinic is not written': () => c.withClient(c.TOKEN, async (client) => {
    await assert.rejects(client.query('UPDATE patients SET clinic_id = $1', [c.OTHER_TENANT]), { code: '42501' });
    const { rows } = await client.query('SELECT mrn FROM patients');
    assert.deepStrictEqual(marks(rows), [c.MARK]);
  }),
});
