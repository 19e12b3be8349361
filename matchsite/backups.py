"""Restoring SQLite as it must be done: through SQLite, which knows what its write-ahead log still holds."""

import sqlite3
import tempfile
from shutil import copyfileobj
from typing import IO

from dbbackup.db.sqlite import SqliteBackupConnector


class SqliteConnector(SqliteBackupConnector):  # type: ignore[misc]
    """Backs up like its parent; overwriting the file would leave a log beside it that belongs to the former one."""

    def restore_dump(self, dump: IO[bytes]) -> None:
        """Put a backup in the place of the database, all of it or nothing.

        Raises
        ------
        sqlite3.DatabaseError
            When the file is no database, or a damaged one; the site's own is untouched then.
        """
        with tempfile.NamedTemporaryFile(prefix="kindred-restore-") as file:
            copyfileobj(dump, file)
            file.flush()
            source = sqlite3.connect(file.name)
            try:
                if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    raise sqlite3.DatabaseError("The backup is damaged.")
                self.connection.ensure_connection()
                source.backup(self.connection.connection)
            finally:
                source.close()
