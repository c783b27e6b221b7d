// node-postgres with a fresh credential for each connection that its Pool opens.
'use strict';
const { execSync } = require('node:child_process');
const { Pool } = require('pg');

const freshToken = async () => execSync(process.env.TOKEN_COMMAND, { encoding: 'utf8' }).trim();

function newPool(settings, maxLifetimeSeconds) {
  const pool = new Pool({ ...settings, password: freshToken, max: 4, maxLifetimeSeconds });
  // A connection that ends while it lies in the pool says so here; without a listener the program would end with it.
  pool.on('error', () => {});
  return pool;
}

module.exports = { newPool };
