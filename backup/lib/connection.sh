# Sourced by ../backup: the way to the running server.
# shellcheck shell=bash

# A connection that died without a word is noticed within a minute.
readonly PATIENCE='keepalives_idle=20 keepalives_interval=10 keepalives_count=3'

# Read anew for each connection: a rotated password takes no restart.
take_password() {
  [[ -r "$PASSWORD_FILE" && -s "$PASSWORD_FILE" ]] || {
    problem "there is no password in $PASSWORD_FILE" "scripts/init-secrets makes secrets/backup/password, of user $(id -u)"
    return 1
  }
  PGPASSWORD="$(<"$PASSWORD_FILE")"
  export PGPASSWORD
}

query() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --no-password --command "$1"; }
query_file() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --no-password --file "$here/sql/$1"; }
# `identifier|timeline|position|`
identify() { psql --no-psqlrc --quiet --no-align --tuples-only --no-password --dbname "replication=true" --command IDENTIFY_SYSTEM; }
slot_status() { query "SELECT coalesce(wal_status, 'lost') FROM pg_replication_slots WHERE slot_name = '$SLOT'"; }
make_slot() { pg_receivewal --no-password --slot="$SLOT" --create-slot --if-not-exists; }
drop_slot() { pg_receivewal --no-password --slot="$SLOT" --drop-slot; }
