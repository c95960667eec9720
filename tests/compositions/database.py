"""How ``main`` opens its database, makes the table, and looks at what is stored."""

from __future__ import annotations

from .fragment import Fragment

ENGINES = (
    Fragment("plain", "engine = create_engine(database_url)"),
    Fragment("echo", "engine = create_engine(database_url, echo=True)"),
    Fragment("ping", "engine = create_engine(database_url, pool_pre_ping=True, hide_parameters=True)"),
    Fragment("null_pool", "engine = create_engine(database_url, poolclass=NullPool)"),
    Fragment("timeout", 'engine = create_engine(make_url(database_url), connect_args={"timeout": 1})'),
    Fragment("serializable", 'engine = create_engine(database_url, isolation_level="SERIALIZABLE")'),
    Fragment(
        "foreign_keys",
        """
        engine = create_engine(database_url)

        @event.listens_for(engine, "connect")
        def switch_on(connection, record):
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()
        """,
    ),
    Fragment(
        "counts_statements",
        """
        engine = create_engine(database_url)
        statements = []
        event.listen(engine, "before_cursor_execute", lambda *details: statements.append(details[2]))
        """,
    ),
)

TABLES = (
    Fragment("create_all", "Base.metadata.create_all(engine)"),
    Fragment("checkfirst", "Base.metadata.create_all(bind=engine, checkfirst=True)"),
    Fragment("on_connection", "with engine.begin() as connection:\n    Base.metadata.create_all(connection)"),
    Fragment("looks_first", 'if not inspect(engine).has_table("products"):\n    Base.metadata.create_all(engine)'),
    Fragment("only_products", "Base.metadata.create_all(engine, tables=[Product.__table__])"),
)

COUNTINGS = (
    Fragment("none"),
    Fragment(
        "count",
        """
        with Session(engine) as session:
            print("stored now:", session.scalar(select(func.count()).select_from(Product)))
        """,
    ),
    Fragment(
        "list",
        """
        with Session(engine) as session:
            for found in session.scalars(select(Product).order_by(Product.id)):
                print(found.id, found.name, found.price)
        """,
    ),
    Fragment(
        "core",
        """
        with engine.connect() as connection:
            print(connection.execute(text("SELECT count(*) FROM products")).scalar_one())
        """,
    ),
)
