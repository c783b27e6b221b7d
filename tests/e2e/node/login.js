// Logs in with what the environment says and prints who it is.
'use strict';
const fs = require('node:fs');
const { Client } = require('pg');

async function main() {
  const ssl = { ca: fs.readFileSync(process.env.CA_FILE, 'utf8'), rejectUnauthorized: true };
  if (process.env.CERT_FILE) {
    ssl.cert = fs.readFileSync(process.env.CERT_FILE, 'utf8');
    ssl.key = fs.readFileSync(process.env.KEY_FILE, 'utf8');
  }
  const client = new Client({ ssl });
  try {
    await client.connect();
    console.log((await client.query('SHOW pgward.subject')).rows[0]['pgward.subject']);
    for (const row of (await client.query('SELECT DISTINCT left(mrn, 3) AS mark FROM patients')).rows) console.log(row.mark);
    await client.end();
  } catch (error) {
    console.log(`refused ${error.code}`);
  }
}
main();
