#!/bin/sh
# Puts a backup in place of a data folder. Stop the server first. Usage: restore.sh BACKUP_DIR DATA_DIR
set -eu
umask 077
mkdir -p "$2"
rm -f "$2/soketify.db-wal" "$2/soketify.db-shm"
cp -p "$1/soketify.db" "$1/master.key" "$2/"
