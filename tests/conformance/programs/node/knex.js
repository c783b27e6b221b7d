'use strict';
const { ssl, where, say, failing } = require('./common');
const knex = require('knex')({ client: 'pg', connection: { ...where, ssl }, pool: { min: 1, max: 3 } });

async function main() {
  await knex.schema.createTable('knex_user', (t) => { t.increments('id'); t.string('name').unique().notNullable(); t.jsonb('extra'); t.timestamp('at', { useTz: true }).defaultTo('2024-01-01T00:00:00Z'); });
  await knex.schema.createTable('knex_post', (t) => { t.increments('id'); t.integer('user_id').references('knex_user.id').onDelete('CASCADE'); t.text('title').index(); });
  await knex.schema.alterTable('knex_post', (t) => { t.boolean('done').defaultTo(false); });
  say(await knex.schema.hasTable('knex_user'), await knex('knex_user').columnInfo());
  say(await knex('knex_user').insert([...Array(10).keys()].map((n) => ({ name: `user ${n}`, extra: JSON.stringify({ n }) }))).returning(['id', 'name']));
  await knex.batchInsert('knex_post', [...Array(60).keys()].map((n) => ({ user_id: 1 + (n % 10), title: `post ${n}` })), 13);
  say(await knex('knex_user as u').leftJoin('knex_post as p', 'p.user_id', 'u.id').groupBy('u.id').count('p.id as n').select('u.name').orderBy('u.id').limit(4));
  say(await knex('knex_user').where('extra', '@>', JSON.stringify({ n: 3 })).orWhere('name', 'like', '%7').orderBy('id'), await knex('knex_user').whereIn('id', [1, 2]).pluck('name'));
  say(await knex('knex_user').insert({ name: 'user 1', extra: '{}' }).onConflict('name').merge().returning('id'), await knex('knex_post').where({ user_id: 2 }).update({ done: true }));
  await failing(() => knex('knex_user').insert({ name: 'user 1' }));
  await failing(() => knex.transaction(async (trx) => { await trx('knex_post').del(); await trx.raw('SELECT 1/0'); }));
  say(await knex.transaction(async (trx) => trx('knex_post').count().forUpdate ? (await trx('knex_user').where('id', 1).forUpdate()).length : 0), await knex('knex_post').count());
  let n = 0;
  for await (const row of knex('knex_post').select('id').stream()) n += row.id;
  say(n, await knex.raw('SELECT ?::int + ? AS sum', [1, 2]).then((r) => r.rows));
  await knex.schema.dropTable('knex_post').dropTable('knex_user');
  await knex.destroy();
}
main();
