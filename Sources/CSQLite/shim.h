// SQLite for Swift.
#ifndef DD_CSQLITE_SHIM_H
#define DD_CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLITE_TRANSIENT: SQLite copies what is bound. A macro that Swift cannot read.
static inline sqlite3_destructor_type dd_sqlite_copied(void) { return SQLITE_TRANSIENT; }

#endif
