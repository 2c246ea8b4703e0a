#!/usr/bin/env bash
# Put a dump into the empty database of DATABASE_URL: restore.sh FILE. All of it or nothing.
set -euo pipefail

file=${1:?usage: restore.sh FILE}
: "${DATABASE_URL:?set DATABASE_URL, as in /etc/weiquan/weiquan.env}"

if [ -e "$file.sha256" ]; then
    (cd "$(dirname "$file")" && sha256sum --check --quiet "$(basename "$file").sha256")
else
    echo "There is no $file.sha256 to compare with." >&2
fi

tables=$(psql "$DATABASE_URL" --no-psqlrc --tuples-only --no-align --command \
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'")
if [ "$tables" != 0 ]; then
    echo "That database holds $tables tables. Restore into an empty one: createdb --owner weiquan --template template0 NAME" >&2
    exit 1
fi

pg_restore --dbname="$DATABASE_URL" --no-owner --no-privileges --exit-on-error --single-transaction "$file"
# Catalogues that only a superuser may analyse are of no interest here.
PGOPTIONS='-c client_min_messages=error' psql "$DATABASE_URL" --no-psqlrc --quiet --command 'ANALYZE'
echo "Restored. Next, with the key ring of the time of the dump in place: python manage.py migrate, then verify_chain."
