# Sourced by ../backup: a backup counts when it was restored.
# shellcheck shell=bash

# drill BASE : restores it and all WAL into a folder of its own, looks at the books, measures, and removes it. True when all is well.
drill() {
  local base=$1 dir code=0
  dir="$(mktemp -d "$RUNTIME/drill.XXXXXX")"
  find "$SCRATCH" -mindepth 1 -maxdepth 1 -exec rm -rf -- {} +
  EXPLAINED=''
  if drill_in "$base" "$SCRATCH/data" "$dir"; then
    rm -f "$base.failed"
    attempt write_state last_restore_test "$(date +%s)" && attempt touch "$base.passed" || code=1
  else
    code=1
    problem "the drill of $(basename -- "$base") failed" 'read the message above; docs/runbooks/restore-test-failed.md goes on'
    rm -f "$base.passed"
    printf '%s\n' "${EXPLAINED:-see the log}" >"$base.failed" || true
  fi
  write_state restore_test_ok $((1 - code)) || true
  [[ ! -e "$SCRATCH/data/postmaster.pid" ]] || pg_ctl stop --silent --mode=immediate --pgdata="$SCRATCH/data" >/dev/null 2>&1 || true
  rm -rf -- "$SCRATCH/data" "$dir"
  return "$code"
}

drill_in() {
  local base=$1 data=$2 dir=$3 began confirmed='' written='' replayed last faults rto rpo
  began="$(date +%s.%N)"
  # What the server was told to be safe must be there; what it has written by now would be.
  if take_password && confirmed="$(server_positions 2>/dev/null)"; then IFS='|' read -r confirmed written <<<"$confirmed"; fi
  attempt verify_base "$base" && recover "$base" "$data" "$dir" off || return 1
  IFS='|' read -r replayed last < <(ask_recovered "$dir" "SELECT pg_last_wal_replay_lsn(), extract(epoch FROM pg_last_xact_replay_timestamp())")
  if [[ "$(basename -- "$(lineage)")" == "$(basename -- "$(lineage_of_base "$base")")" && -n "$confirmed" ]]; then
    [[ "$(ask_recovered "$dir" "SELECT '$replayed'::pg_lsn >= '$confirmed'::pg_lsn")" == t ]] || {
      EXPLAINED="replayed to $replayed only, and $confirmed had been received"
      problem "$EXPLAINED" 'the WAL in the volume is damaged: docker compose exec backup bash /opt/backup/backup now begins with a new base backup'
      return 1
    }
  fi
  faults="$(faults_of_recovered "$dir" "$base")" || { EXPLAINED='the restored books could not be read' && return 1; }
  [[ -z "$faults" ]] || {
    EXPLAINED="the restored books are wrong: $(head -n 3 <<<"$faults" | tr '\n' ';')"
    problem "$EXPLAINED" 'compare with the running server; keep the older backups'
    return 1
  }
  rto="$(ask_recovered "$dir" "SELECT round(extract(epoch FROM clock_timestamp())::numeric - $began, 1)")"
  # Nothing is lost when all that was written by then is there; otherwise what came after the last commit that is.
  rpo="$(ask_recovered "$dir" "SELECT CASE WHEN '$replayed'::pg_lsn >= '${written:-0/0}'::pg_lsn AND '${written:-}' <> '' THEN 0
    ELSE greatest(0, round($began - coalesce(nullif('${last:-}', '')::numeric, $(seconds_of "$base")), 1)) END")"
  stop_recovered "$data" || return 1
  attempt write_state restore_test_rto "$rto" && attempt write_state restore_test_rpo "$rpo" || return 1
  printf 'drill of %s passed: RTO %s s, RPO %s s, replayed to %s\n' "$(basename -- "$base")" "$rto" "$rpo" "$replayed"
}
# `received|written`
server_positions() { query "SELECT coalesce(restart_lsn::text, '0/0'), pg_current_wal_flush_lsn() FROM pg_replication_slots WHERE slot_name = '$SLOT'"; }
