// What the JavaScript programs share: they print what they get, and the harness compares the two prints.
'use strict';
const fs = require('fs');
const util = require('util');
const ssl = { ca: fs.readFileSync(process.env.PGSSLROOTCERT, 'utf8'), rejectUnauthorized: true };
// PGSSLMODE and PGSSLROOTCERT mean other things to some of these drivers.
delete process.env.PGSSLMODE;
delete process.env.PGSSLROOTCERT;
const where = { host: process.env.PGHOST, port: +process.env.PGPORT, user: process.env.PGUSER, password: process.env.PGPASSWORD, database: process.env.PGDATABASE };
const say = (...values) => console.log(...values.map((v) => (typeof v === 'string' ? v : util.inspect(v, { depth: 8, maxArrayLength: 200, breakLength: 200, maxStringLength: 300 }))));
// What programs branch on, then the words, which may lose data values.
function tell(error) {
  const e = error.original || error.driverError || error;
  say('error', error.name, e.code, e.severity || e.severity_local, e.position, e.routine);
  for (const line of String(e.message).split('\n')) say('error-text:', line);
}
async function failing(what) {
  try {
    say('did not fail', await what());
  } catch (error) {
    tell(error);
  }
}
const FAILING = ['SELECT 1/0', 'SELECT nothing_there FROM items', 'SELECT * FROM no_such_table', 'SELEC', "INSERT INTO items (id, name) VALUES (1, 'double')",
  'INSERT INTO items (id) VALUES (999)', 'INSERT INTO orders (item_id, amount) VALUES (9999, 1)', 'INSERT INTO orders (item_id, amount) VALUES (1, 0)', "SELECT 'x'::int"];
// A driver of its own end: an unhandled rejection must not look like success.
process.on('unhandledRejection', (error) => { console.log(error); process.exit(3); });
module.exports = { ssl, where, say, tell, failing, FAILING };
