#!/bin/sh
# Copies the database and the master key of a running server. Usage: backup.sh DATA_DIR BACKUP_DIR. Needs sqlite3.
set -eu
umask 077
mkdir -p "$2"
sqlite3 "$1/soketify.db" ".timeout 5000" ".backup '$2/soketify.db'"
cp -p "$1/master.key" "$2/"
