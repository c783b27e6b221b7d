// What an application branches on survives; values do not; a refused log-in says so.
'use strict';
const assert = require('node:assert');
const c = require('./clinic.js');

const insert = 'INSERT INTO patients (mrn, first_name, last_name, birth_date, ssn) VALUES ($1, $2, $3, $4, $5)';

c.run({
  'unique violation': () => c.withClient(c.TOKEN, async (client) => {
    const error = await client.query(insert, [`${c.MARK}-00001`, 'Xquilopawyck', 'Fjolivawyck', '1961-07-08', '987-65-4321'])
      .then(() => assert.fail('was inserted'), (e) => e);
    assert.strictEqual(error.code, '23505');
    assert.strictEqual(error.constraint, 'patients_mrn_key');
    assert.strictEqual(error.table, 'patients');
    const text = JSON.stringify({ ...error, message: error.message });
    for (const value of [`${c.MARK}-00001`, 'Xquilopawyck', '987-65-4321']) assert.ok(!text.includes(value), text);
  }),
  'refused setting': () => c.withClient(c.TOKEN, async (client) => {
    await assert.rejects(client.query(`SET app.tenant_id = '${c.OTHER_TENANT}'`), { code: '42501' });
    const { rows } = await client.query('SELECT count(*)::int AS n FROM patients');
    assert.strictEqual(rows[0].n, c.PER_CLINIC);
  }),
  'bad token': async () => {
    await assert.rejects(c.withClient(`${c.TOKEN}x`, () => assert.fail('was let in')), (e) => /^28/.test(e.code));
  },
});
