'use strict';
const { ssl, where, say, failing } = require('./common');
const { DataSource, EntitySchema, In, Like } = require('typeorm');

const User = new EntitySchema({ name: 'ToUser', columns: { id: { type: Number, primary: true, generated: true }, name: { type: String, unique: true }, extra: { type: 'jsonb', nullable: true },
  mood: { type: 'enum', enum: ['sad', 'happy'], default: 'sad' }, tags: { type: 'text', array: true, default: '{}' } }, relations: { tasks: { type: 'one-to-many', target: 'ToTask', inverseSide: 'user', cascade: true } } });
const Task = new EntitySchema({ name: 'ToTask', columns: { id: { type: Number, primary: true, generated: true }, title: { type: 'text' } },
  relations: { user: { type: 'many-to-one', target: 'ToUser', inverseSide: 'tasks', onDelete: 'CASCADE' } } });

async function main() {
  const source = await new DataSource({ type: 'postgres', host: where.host, port: where.port, username: where.user, password: where.password, database: where.database, ssl, entities: [User, Task], synchronize: true, logging: false }).initialize();
  await source.synchronize();
  const users = source.getRepository('ToUser');
  say(await users.save([...Array(6).keys()].map((n) => ({ name: `user ${n}`, extra: { n }, tags: [`t${n}`], tasks: [{ title: `task ${n}` }, { title: 'again' }] }))));
  say(await users.find({ where: { name: Like('user %'), id: In([1, 2, 3]) }, relations: { tasks: true }, order: { id: 'ASC', tasks: { id: 'ASC' } } }));
  say(await users.createQueryBuilder('u').leftJoin('u.tasks', 't').select('u.name', 'name').addSelect('count(t.id)', 'n').groupBy('u.id').orderBy('u.id').getRawMany());
  say(await users.findAndCount({ take: 2, skip: 1, order: { id: 'DESC' } }), (await users.update({ name: 'user 1' }, { mood: 'happy' })).affected, (await users.upsert({ name: 'user 1', extra: {} }, ['name'])).identifiers);
  await failing(() => users.insert({ name: 'user 1' }));
  await failing(() => source.transaction(async (m) => { await m.delete('ToTask', {}).catch(() => m.query('DELETE FROM to_task')); await m.query('SELECT 1/0'); }));
  say(await source.getRepository('ToTask').count(), await source.query('SELECT $1::int AS a', [5]), (await users.remove(await users.findOneBy({ id: 2 }))).name);
  await source.query('DROP TABLE to_task, to_user; DROP TYPE to_user_mood_enum');
  await source.destroy();
}
main();
