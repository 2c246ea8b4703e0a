#!/usr/bin/env bash
# Dump the database of DATABASE_URL into a folder: backup.sh FOLDER. Old dumps go after BACKUP_DAYS (30) days.
# Names and stories are sealed in the dump; the key ring that opens them is not part of it. Keep it elsewhere.
set -euo pipefail
umask 077

folder=${1:?usage: backup.sh FOLDER}
: "${DATABASE_URL:?set DATABASE_URL, as in /etc/weiquan/weiquan.env}"
days=${BACKUP_DAYS:-30}

mkdir -p "$folder"
exec 9>"$folder/.lock"
flock -n 9 || { echo "Another backup is at work in $folder." >&2; exit 1; }

name="weiquan-$(date +%Y%m%d-%H%M%S).dump"
half="$folder/.$name.half"
trap 'rm -f "$half"' EXIT
pg_dump --dbname="$DATABASE_URL" --format=custom --no-owner --no-privileges --file="$half"
pg_restore --list "$half" >/dev/null # a dump that cannot be read is no backup
sync "$half"
mv "$half" "$folder/$name"
(cd "$folder" && sha256sum "$name" >"$name.sha256")

# Only after a good new one.
find "$folder" -maxdepth 1 -name 'weiquan-*.dump*' -type f -mtime "+$days" -delete
echo "$folder/$name"
