'use strict';
// Prisma 7: its client is generated for a schema, and works through the driver `pg`. Only its migrations want an
// engine that does not come from npm, so the tables are made by hand, and its command line is told that it is there.
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { ssl, where, say, failing } = require('./common');

const home = process.env.SCRATCH;
fs.copyFileSync(path.join(process.env.HERE, 'node', 'schema.prisma'), path.join(home, 'schema.prisma'));
// It looks for its own packages from the schema upwards.
fs.symlinkSync(process.env.NODE_PATH, path.join(home, 'node_modules'));
fs.writeFileSync(path.join(home, 'prisma.config.js'), `module.exports = { schema: '${home}/schema.prisma' };`);
execFileSync(process.execPath, [require.resolve('prisma/build/index.js'), 'generate', '--config', path.join(home, 'prisma.config.js')],
  { cwd: home, env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' }, stdio: ['ignore', 'ignore', 'pipe'] });

const { PrismaClient, Prisma } = require(path.join(home, 'client'));
const { PrismaPg } = require('@prisma/adapter-pg');

const TABLES = [
  `CREATE TYPE "PrMood" AS ENUM ('sad', 'happy')`,
  `CREATE TABLE "PrUser" (id serial PRIMARY KEY, name text NOT NULL UNIQUE, mood "PrMood" NOT NULL DEFAULT 'sad', extra jsonb, tags text[],
     born date, made timestamptz(6) NOT NULL DEFAULT '2026-01-02 03:04:05+00', owed numeric(12,2), count bigint NOT NULL DEFAULT 0, photo bytea)`,
  `CREATE TABLE "PrTask" (id serial PRIMARY KEY, title text NOT NULL, "userId" int NOT NULL REFERENCES "PrUser" ON DELETE CASCADE)`,
];
const plain = (value) => JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)));

async function main() {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ ...where, ssl }) });
  for (const sql of TABLES) await prisma.$executeRawUnsafe(sql);
  const users = prisma.prUser;
  for (let n = 0; n < 5; ++n) {
    say(plain(await users.create({ data: { name: `user ${n}`, extra: { n }, tags: [`t${n}`], born: new Date('1980-02-29'), owed: new Prisma.Decimal('12.30'),
      count: 9007199254740993n, photo: Buffer.from([0, 1, n]), tasks: { create: [{ title: `task ${n}` }, { title: 'again' }] } }, include: { tasks: true } })));
  }
  say(plain(await users.createMany({ data: [{ name: 'user 1' }, { name: 'many' }], skipDuplicates: true })));
  say(plain(await users.findMany({ where: { name: { startsWith: 'user' }, tasks: { some: { title: 'again' } } }, include: { tasks: { orderBy: { id: 'asc' } } }, orderBy: { id: 'desc' }, take: 2, skip: 1 })));
  say(plain(await users.findUnique({ where: { name: 'user 3' } })), await users.findFirst({ where: { OR: [{ mood: 'happy' }, { extra: { path: ['n'], equals: 77 } }] } }));
  say(plain(await users.groupBy({ by: ['mood'], _count: true, _sum: { owed: true } })), plain(await users.aggregate({ _max: { count: true }, _avg: { id: true } })));
  say(plain(await users.update({ where: { id: 1 }, data: { mood: 'happy', count: { increment: 1 }, tags: { push: 'new' } } })));
  say(plain(await users.upsert({ where: { name: 'user 9' }, create: { name: 'user 9' }, update: { mood: 'sad' } })));
  say(await users.updateMany({ where: { id: { in: [2, 3] } }, data: { mood: 'happy' } }), await users.deleteMany({ where: { name: 'many' } }), await prisma.prTask.count());
  await failing(() => users.create({ data: { name: 'user 1' } }));
  await failing(() => prisma.$transaction([users.deleteMany({}), prisma.$queryRaw`SELECT 1/0`]));
  await failing(() => prisma.$transaction(async (t) => { await t.prUser.deleteMany({}); throw new Error('undone'); }, { isolationLevel: 'Serializable' }));
  say(await users.count(), plain(await prisma.$queryRaw`SELECT ${5}::int AS a, ${'x'}::text AS b, ${new Date(0)}::timestamptz AS c`));
  await prisma.$executeRawUnsafe('DROP TABLE "PrTask", "PrUser"');
  await prisma.$executeRawUnsafe('DROP TYPE "PrMood"');
  await prisma.$disconnect();
}
main();
