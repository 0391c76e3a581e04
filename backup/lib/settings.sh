# Sourced by ../backup: settings, and how it speaks.
# shellcheck shell=bash

# Of `list` and `restore` these are read, never written.
readonly ROOT=${BACKUP_ROOT:-/var/lib/postgresql}
readonly STORE=$ROOT/store STATE=$ROOT/state SCRATCH=$ROOT/scratch
readonly FIGURES=${BACKUP_FIGURES_DIR:-/run/postgresql} RUNTIME=${BACKUP_RUNTIME_DIR:-/tmp}
readonly SLOT=${BACKUP_SLOT:-fleet_backup} PASSWORD_FILE=${BACKUP_PASSWORD_FILE:-/run/secrets/password}
readonly EVERY_HOURS=${BACKUP_EVERY_HOURS:-24} KEEP=${BACKUP_KEEP:-7} DRILL_EVERY_HOURS=${BACKUP_DRILL_EVERY_HOURS:-24}
# How long a recovery may take, and how soon what failed is tried again.
readonly RECOVERY_SECONDS=14400 RETRY_SECONDS=900 TICK_SECONDS=5
export PGHOST=${PGHOST:-postgres} PGPORT=${PGPORT:-5432} PGUSER=${PGUSER:-fleet_backup} PGDATABASE=${PGDATABASE:-fleet}
export PGAPPNAME=backup PGCONNECT_TIMEOUT=10 LC_ALL=C TZ=UTC

say() { printf 'backup: %s\n' "$*" >&2; }
problem() { printf 'backup: %s\n  what to do: %s\n' "$1" "$2" >&2; }
fail() {
  problem "$1" "$2"
  exit "${3:-1}"
}

check_settings() {
  local name
  for name in EVERY_HOURS KEEP DRILL_EVERY_HOURS; do
    [[ "${!name}" =~ ^[1-9][0-9]{0,3}$ ]] ||
      fail "BACKUP_$name is \"${!name}\", not a number from 1 to 9999" "correct it in .env and run docker compose up -d backup" 78
  done
}

# attempt WORDS… : what it says on its second output is explained when it fails; $EXPLAINED keeps the sentence.
EXPLAINED=''
attempt() {
  local said
  said="$(mktemp "$RUNTIME/said.XXXXXX")"
  if "$@" 2>"$said"; then rm -f "$said" && return; fi
  explain "$said"
  rm -f "$said"
  return 1
}

explain() {
  local text advice
  text="$(grep -aEi 'error|fatal|could not|cannot|invalid|refus|denied|missing|mismatch|no space|not found|different|present on disk|ended before|damaged|is missing' "$1" | tail -n 3 | tr '\n' ';')" || true
  [[ -n "$text" ]] || text="$(tail -n 2 "$1" | tr '\n' ';')"
  text="${text%;}"
  case ${text:=it ended without a word} in
    *'password authentication failed'*) advice='scripts/init-secrets, then docker compose run --rm --no-deps migrate: it gives the role the password in secrets/backup' ;;
    *'no pg_hba.conf entry'* | *'rejects replication'* | *'rejects connection'*) advice='postgres must run with postgres/pg_hba.conf of this version: docker compose up -d postgres' ;;
    *'does not exist'* | *'must be superuser or replication'* | *'REPLICATION attribute'* | *'permission denied to'*) advice='docker compose run --rm --no-deps migrate: it makes the role and gives it what it needs' ;;
    *'No space left'* | *'Disk quota'*) advice='make room on the disk of the volume backup, or lower BACKUP_KEEP in .env; it goes on by itself' ;;
    *'Permission denied'* | *'Read-only file system'*) advice="the folders in $ROOT must belong to user $(id -u) and be writable; docker volume inspect says where they are" ;;
    *'could not translate host name'* | *'Connection refused'* | *'starting up'* | *'shutting down'* | *'server closed'* | *'timeout expired'*) advice='it waits for postgres: docker compose ps postgres' ;;
    *pg_verifybackup* | *'is damaged'* | *'is missing, and'* | *'child process exited'*) advice='what is stored is damaged: docker compose exec backup bash /opt/backup/backup now makes another; docs/runbooks/restore-test-failed.md' ;;
    *) advice='read the message; docs/runbooks/backup-too-old.md goes through the causes' ;;
  esac
  EXPLAINED=$text
  problem "$EXPLAINED" "$advice"
}
