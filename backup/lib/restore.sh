# Sourced by ../backup: a cluster for the server to go on with. scripts/restore of the checkout calls it, in a container that
# has the backups (read-only) and the server's volume.
# shellcheck shell=bash

restore_cluster() {
  local name='' time='' aside='' base dir data=${PGDATA:?the folder to restore into} faults until
  while (($#)); do
    case $1 in
      --base) name=${2:?} && shift 2 ;;
      --to-time) time=${2:?} && shift 2 ;;
      --set-aside) aside=1 && shift ;;
      *) fail "unknown argument $1" 'scripts/restore --help' 64 ;;
    esac
  done
  [[ -z "$time" ]] || until="$(date -d "$time" +%s 2>/dev/null)" || fail "$time is no time" "write it as 2026-11-23 14:05:00+00" 64
  base="$(choose_base "$name" "${until:-}")"
  make_way "$data" "$aside"
  say "restoring $(basename -- "$base") of $(basename -- "$(lineage_of_base "$base")")${time:+, to $time}"
  attempt verify_base "$base" || fail 'this base backup is not what was written' 'scripts/restore --list, then another with --base'
  dir="$(mktemp -d "$RUNTIME/restore.XXXXXX")"
  rm -rf -- "$data.restoring"
  recover "$base" "$data.restoring" "$dir" on "${time:+$(date -d "$time" '+%F %T+00')}" || give_up "$data"
  faults="$(faults_of_recovered "$dir" "$([[ -n "$time" ]] || echo "$base")")" || give_up "$data"
  [[ -z "$faults" ]] || {
    problem "the restored books are wrong: $faults" 'restore an older base backup, or to an earlier time; this one is not put in place'
    give_up "$data"
  }
  until="$(ask_recovered "$dir" "SELECT pg_last_xact_replay_timestamp()")"
  set_admin_password "$dir" || give_up "$data"
  stop_recovered "$data.restoring" && attempt mv "$data.restoring" "$data" && sync || give_up "$data"
  printf 'restored %s; the last commit in it is of %s\n' "$(basename -- "$base")" "${until:-the time of the backup}"
}

# The one named, else the newest that a drill did not refuse; of those that were finished by then.
choose_base() {
  local name=$1 until=$2 base found=''
  while IFS= read -r base; do
    [[ -z "$name" || "${base##*/}" == "$name" ]] || continue
    [[ -n "$name" || ! -e "$base.failed" ]] || continue
    [[ -z "$until" ]] || (($(sed -n 's/^finished|//p' "$base.facts") <= until)) || continue
    found=$base
  done < <(bases)
  [[ -n "$found" ]] || fail "there is no base backup${name:+ $name}${until:+ that was finished by that time} in $STORE" 'scripts/restore --list shows what there is'
  printf '%s' "$found"
}

make_way() {
  local data=$1
  mkdir -p "$(dirname -- "$data")" || exit 1
  [[ -n "$(ls -A "$data" 2>/dev/null)" ]] || { rm -rf -- "$data" && return; }
  [[ -n "$2" ]] || fail "the volume holds a database already" '--set-aside keeps it there as docker.before-TIME, beside the restored one; or docker volume rm it'
  mv "$data" "$data.before-$(date +%Y%m%dT%H%M%SZ)"
}

# Of secrets/, which may be younger than the backup; the services' own are set by migrate.
set_admin_password() {
  local file=/run/secrets/postgres_password
  [[ -r "$file" ]] || return 0
  PGHOST=$1 PGPORT=5432 attempt psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-fleet_admin}" \
    --set "name=${POSTGRES_USER:-fleet_admin}" <<'SQL'
\set password `cat /run/secrets/postgres_password`
ALTER ROLE :"name" PASSWORD :'password';
SQL
}

give_up() {
  [[ ! -e "$1.restoring/postmaster.pid" ]] || pg_ctl stop --silent --mode=immediate --pgdata="$1.restoring" >/dev/null 2>&1 || true
  rm -rf -- "$1.restoring"
  fail 'nothing was restored' 'read the message above'
}
