import sys

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from common import CA, DATABASE, HOST, PASSWORD, PORT, USER, say, tell

driver = sys.argv[1]
engine = sa.create_engine(sa.engine.URL.create(f"postgresql+{driver}", USER, PASSWORD, HOST, int(PORT), DATABASE), pool_size=3, pool_pre_ping=True)
Base = orm.declarative_base()


class Author(Base):
    __tablename__ = "sa_author"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(40), unique=True, nullable=False)
    tags = sa.Column(ARRAY(sa.Text))
    extra = sa.Column(JSONB)
    born = sa.Column(sa.DateTime(timezone=True), server_default=sa.text("'2024-02-29 12:00+00'"))
    books = orm.relationship("Book", back_populates="author", cascade="all, delete-orphan", order_by="Book.id")


class Book(Base):
    __tablename__ = "sa_book"
    id = sa.Column(sa.Integer, primary_key=True)
    title = sa.Column(sa.Text)
    author_id = sa.Column(sa.ForeignKey("sa_author.id"))
    author = orm.relationship("Author", back_populates="books")


def schema():
    inspector = sa.inspect(engine)
    say(inspector.get_table_names(), inspector.get_view_names(), inspector.get_schema_names(), inspector.get_enums())
    for table in ("items", "orders", "kinds", "measured"):
        say([(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)])
        say(inspector.get_pk_constraint(table), inspector.get_foreign_keys(table), inspector.get_indexes(table), inspector.get_unique_constraints(table),
            inspector.get_check_constraints(table), inspector.get_table_comment(table))
    meta = sa.MetaData()
    meta.reflect(engine, only=["items", "orders"])
    say(sorted(meta.tables))


def work():
    with orm.Session(engine) as s:
        s.add_all(Author(name=f"author {n}", tags=["a", str(n)], extra={"n": n}, books=[Book(title=f"book {n}.{m}") for m in range(3)]) for n in range(10))
        s.commit()
        say([(a.name, a.tags, a.extra, a.born.isoformat(), len(a.books)) for a in s.execute(sa.select(Author).options(orm.selectinload(Author.books)).order_by(Author.id)).scalars()])
        say(s.execute(sa.select(Author.name, sa.func.count(Book.id)).join(Book).group_by(Author.id).having(sa.func.count() > 1).order_by(Author.id).limit(3)).all())
        say(s.execute(sa.select(sa.func.row_number().over(order_by=Book.id), Book.title).where(Book.title.like("%.1")).limit(4)).all())
        say(s.execute(sa.select(Author.extra["n"].astext).where(Author.tags.contains(["3"]))).all())
        first = s.get(Author, 1)
        first.books.pop()
        first.name = "renamed"
        s.flush()
        try:
            with s.begin_nested():
                s.add(Author(name="renamed"))
                s.flush()
        except sa.exc.IntegrityError as e:
            tell(e, e.orig.pgcode if hasattr(e.orig, "pgcode") else "", e.orig)
        s.commit()
        say(s.execute(insert(Author).values(name="renamed").on_conflict_do_update(index_elements=["name"], set_={"extra": {"again": 1}}).returning(Author.id, Author.extra)).all())
        say(s.execute(sa.update(Book).where(Book.id < 4).values(title=Book.title + "!")).rowcount)
        s.commit()
        say(len(s.execute(sa.select(Book).execution_options(yield_per=5)).scalars().all()))
        s.delete(s.get(Author, 2))
        s.commit()


say(driver, engine.dialect.name)
schema()
Base.metadata.create_all(engine)
try:
    work()
    for level in engine.dialect.get_isolation_level_values(None) if hasattr(engine.dialect, "get_isolation_level_values") else ["SERIALIZABLE"]:
        with engine.connect().execution_options(isolation_level=level) as c:
            say(level, c.execute(sa.text("SHOW transaction_isolation")).scalar())
finally:
    Base.metadata.drop_all(engine)
