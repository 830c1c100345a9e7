#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sqlite3 builds a table of documents in memory, scans a second one in a file, joins the two and
# updates some rows. Run in an empty folder; $1 is cowalk, $2 the trace to write.
set -eu
cowalk=$1
out=$2

# The second table is made before, in a file that the recorded run maps.
sqlite3 -batch -init /dev/null parts.db >/dev/null <<'SQL'
PRAGMA page_size=4096;
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE part(id INTEGER PRIMARY KEY, doc INTEGER, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000)
INSERT INTO part SELECT i, (i*7919)%700+1, hex(zeroblob(850)) FROM n;
SQL

cat >program.sql <<'SQL'
PRAGMA page_size=4096;
PRAGMA cache_size=-200000;
PRAGMA journal_mode=OFF;
PRAGMA temp_store=MEMORY;
CREATE TABLE doc(id INTEGER PRIMARY KEY, hash INTEGER, name TEXT, body BLOB);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2500)
INSERT INTO doc
SELECT i, (i*2654435761)%4294967296, 'document '||i, zeroblob(3900) FROM n;
ATTACH 'parts.db' AS f;
PRAGMA f.mmap_size=67108864;
SELECT count(*), sum(doc) FROM f.part;
SELECT count(*), sum(hash) FROM f.part
CROSS JOIN doc ON doc.id=(part.id*1259)%2500+1 WHERE part.id%2=1;
UPDATE doc SET hash=hash+1 WHERE id%5=1;
SQL

# Without these, glibc fills large blocks with one instruction that valgrind shows byte by byte.
threshold=glibc.cpu.x86_rep_stosb_threshold=1000000
export GLIBC_TUNABLES=$threshold:glibc.cpu.x86_rep_movsb_threshold=1000000
"$cowalk" trace record --name sqlite3 --skip 36000000 --take 18000000 -o "$out" -- \
  /usr/bin/sqlite3 -batch -init /dev/null :memory: '.read program.sql' >/dev/null
