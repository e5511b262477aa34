"""The table adapter of a session's engine."""

from engine.session import Session
from engine.tables import Tables


def open_tables(session: Session) -> Tables:
    if session.engine == "sail":
        from engine.tables_laptop import LaptopTables

        return LaptopTables(session)
    from engine.tables_spark import SparkTables

    return SparkTables(session)
