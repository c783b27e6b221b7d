'use strict';
const { ssl, where, say, failing } = require('./common');
const { Sequelize, DataTypes, Op } = require('sequelize');

async function main() {
  const sequelize = new Sequelize(where.database, where.user, where.password, { host: where.host, port: where.port, dialect: 'postgres', dialectOptions: { ssl }, logging: false, pool: { max: 3 } });
  await sequelize.authenticate();
  const User = sequelize.define('SqUser', { name: { type: DataTypes.STRING, unique: true, allowNull: false }, mood: DataTypes.ENUM('sad', 'happy'), tags: DataTypes.ARRAY(DataTypes.TEXT), extra: DataTypes.JSONB }, { timestamps: false });
  const Task = sequelize.define('SqTask', { title: DataTypes.TEXT, due: DataTypes.DATEONLY, hours: DataTypes.DECIMAL(8, 2) }, { timestamps: false, indexes: [{ fields: ['title'] }] });
  User.hasMany(Task);
  Task.belongsTo(User);
  await sequelize.sync({ force: true });
  await sequelize.sync({ alter: true });
  say(await sequelize.getQueryInterface().describeTable('SqUsers'), (await sequelize.getQueryInterface().showAllTables()).map((t) => t.tableName || t).sort());
  const users = await User.bulkCreate([...Array(8).keys()].map((n) => ({ name: `user ${n}`, mood: n % 2 ? 'sad' : 'happy', tags: [`t${n}`], extra: { n } })), { returning: true });
  for (const user of users) await user.createSqTask({ title: `of ${user.name}`, due: '2024-02-29', hours: 1.5 });
  say((await User.findAll({ include: Task, where: { mood: 'happy', [Op.or]: [{ tags: { [Op.contains]: ['t2'] } }, { extra: { n: 4 } }] }, order: ['id'] })).map((u) => u.toJSON()));
  say(await User.findAndCountAll({ limit: 2, offset: 1, order: [['id', 'DESC']], raw: true }), await Task.sum('hours'), await User.count({ group: ['mood'] }).then((l) => l.map((r) => [r.mood, +r.count]).sort()));
  await failing(() => User.create({ name: 'user 1' }));
  await failing(() => Task.create({ title: 'x', SqUserId: 9999 }));
  say((await User.findOrCreate({ where: { name: 'user 1' } }))[1], await User.update({ mood: 'sad' }, { where: { id: { [Op.lt]: 4 } } }), (await User.upsert({ id: 1, name: 'upserted' }))[0].toJSON());
  await failing(() => sequelize.transaction(async (transaction) => { await Task.destroy({ where: {}, transaction }); await sequelize.query('SELECT 1/0', { transaction }); }));
  say(await Task.count(), await sequelize.query('SELECT :a::int AS a, $b AS b', { replacements: { a: 5 } }).catch((e) => e.name), (await sequelize.query('SELECT $a::int AS a', { bind: { a: 5 } }))[0]);
  await sequelize.query('DROP TABLE "SqTasks", "SqUsers"; DROP TYPE "enum_SqUsers_mood"');
  await sequelize.close();
}
main();
