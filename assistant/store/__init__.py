"""Storage: SQLAlchemy models, repositories, the event log, migrations."""
