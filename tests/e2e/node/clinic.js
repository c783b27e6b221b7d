// Connections of two clinics, and a tiny way to name checks.
'use strict';
const fs = require('node:fs');
const { Client, Pool } = require('pg');

const settings = (token) => ({
  password: token,
  ssl: { ca: fs.readFileSync(process.env.CA_FILE, 'utf8'), rejectUnauthorized: true },
});
const { TOKEN, OTHER_TOKEN, MARK, OTHER_MARK, OTHER_TENANT, PER_CLINIC } = process.env;

async function withClient(token, action) {
  const client = new Client(settings(token));
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}

// Runs the checks one after the other; the first that fails ends the program with its name.
async function run(checks) {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
    } catch (error) {
      console.error(`${name}: ${error.stack}`);
      process.exit(1);
    }
  }
}

module.exports = { Pool, settings, withClient, run, TOKEN, OTHER_TOKEN, MARK, OTHER_MARK, OTHER_TENANT, PER_CLINIC: Number(PER_CLINIC) };
