# Sourced by ../backup: from a base backup and its WAL to a server that answers; the same for drills and in earnest.
# shellcheck shell=bash

readonly NO_MORE=1
# Above 125: Postgres ends the recovery, and does not take it for the end of the WAL.
readonly DAMAGED=200

# fetch_wal FOLDER NAME TARGET : restore_command of a recovery; runs in the data folder.
fetch_wal() {
  local whole="$1/$2.gz" best='' bytes=0 each size
  if [[ ! -e "$whole" ]]; then
    for each in "$whole.partial" "$whole.kept"; do
      [[ -e "$each" ]] || continue
      size="$(readable_bytes "$each")"
      ((size <= bytes)) || best=$each bytes=$size
    done
  fi
  # The one that was being written may have been finished meanwhile.
  if [[ -e "$whole" ]]; then
    gzip -dc <"$whole" >"$3.reading" || fail "$2.gz is damaged" 'restore to a time before it, or with a newer base backup' "$DAMAGED"
    mv -f "$3.reading" "$3"
  elif [[ -n "$best" ]]; then
    { gzip -dc <"$best" 2>/dev/null || true; } >"$3.reading"
    truncate --size="$(pg_controldata . | sed -n 's/^Bytes per WAL segment: *//p')" "$3.reading"
    mv -f "$3.reading" "$3"
  else
    [[ ! "$2" =~ ^[0-9A-F]{24}$ || -e "pg_wal/$2" ]] || is_last "$1" "$2" ||
      fail "$2 is missing, and WAL behind it is there" 'restore to a time before it, or with a newer base backup' "$DAMAGED"
    exit "$NO_MORE"
  fi
}
# Nothing of the same timeline comes after it.
is_last() {
  local last
  last="$(find "$1" -name "${2:0:8}????????????????.gz*" -printf '%f\n' | cut -c1-24 | sort | tail -n 1)"
  [[ -z "$last" || ! "$last" > "$2" ]]
}

unpack_base() {
  attempt mkdir -m 0700 "$2" && attempt tar -xzf "$1/base.tar.gz" -C "$2" && attempt tar -xzf "$1/pg_wal.tar.gz" -C "$2/pg_wal" &&
    attempt touch "$2/recovery.signal"
}

# recover BASE DATA DIR FSYNC [TIME] : DIR holds socket, settings and log. Returns when the server answers, as one of its own.
recover() {
  local base=$1 data=$2 dir=$3 fsync=$4 time=${5:-}
  unpack_base "$base" "$data" || return 1
  echo 'local all all trust' >"$dir/pg_hba.conf"
  cat >"$dir/postgresql.conf" <<EOF
data_directory = '$data'
hba_file = '$dir/pg_hba.conf'
listen_addresses = ''
unix_socket_directories = '$dir'
restore_command = 'bash $here/backup fetch-wal $(lineage_of_base "$base")/wal %f "%p"'
recovery_target_timeline = 'current'
recovery_target_time = '$time'
recovery_target_action = 'promote'
hot_standby = off
fsync = $fsync
full_page_writes = on
wal_level = replica
shared_buffers = 32MB
max_connections = 20
autovacuum = off
log_timezone = 'UTC'
EOF
  pg_ctl start --wait --silent --timeout="$RECOVERY_SECONDS" --pgdata="$data" --log="$dir/log" \
    --options="-c config_file=$dir/postgresql.conf" >/dev/null 2>&1 && until_open "$dir" "$data" && return
  explain_recovery "$dir/log" "$time"
  return 1
}
# For pg_ctl a server that still recovers is one that runs.
until_open() {
  local end=$((SECONDS + RECOVERY_SECONDS))
  while ((SECONDS < end)) && kill -0 "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" 2>/dev/null; do
    [[ "$(ask_recovered "$1" 'SELECT pg_is_in_recovery()' 2>/dev/null)" != f ]] || return 0
    sleep 0.2
  done
  return 1
}
explain_recovery() {
  if grep -q 'before configured recovery target was reached' "$1"; then
    EXPLAINED="the WAL ends before $2"
    problem "$EXPLAINED: $(grep -o 'last completed transaction was at log time.*' "$1" | tail -n 1)" 'take an earlier time, or none: then everything is restored'
  else
    # Not what it answered to those who asked whether it is open.
    grep -vE 'the database system is|Hot standby mode' "$1" >"$1.said" || true
    explain "$1.said"
  fi
}
# Only as far as its role may read.
ask_recovered() { PGHOST=$1 PGPORT=5432 query "$2"; }
stop_recovered() { attempt pg_ctl stop --wait --silent --mode=fast --timeout=300 --pgdata="$1" >&2; }

# Says on its output what is wrong with the restored books; nothing when they are sound and hold what the base held.
faults_of_recovered() {
  local dir=$1 base=$2
  PGHOST=$dir PGPORT=5432 query_file faults.sql || return 1
  [[ -r "$base.facts" ]] || return 0
  PGHOST=$dir PGPORT=5432 query_file counts.sql | awk -F'|' '
    FILENAME == "-" { now[$1] = $2; next }
    $1 != "first_wal" && $1 != "finished" && now[$1] + 0 < $2 + 0 { print $1 ": " now[$1] + 0 " restored, " $2 " at the time of the backup" }
  ' - "$base.facts"
}
