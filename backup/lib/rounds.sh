# Sourced by ../backup: when what is done.
# shellcheck shell=bash

run_forever() {
  local children=() round='' round_began=0
  check_settings
  trap 'kill -TERM "${children[@]}" $round 2>/dev/null || true; wait; exit 0' TERM INT
  until prepare_folders; do pause; done
  rm -f "$RUNTIME/receiver.pid"
  receive_forever &
  children=("$!")
  while true; do
    attempt write_figures || true
    : >"$RUNTIME/heartbeat"
    if [[ -n "$round" ]] && ! kill -0 "$round" 2>/dev/null; then
      wait "$round" || say "the next try is in $((RETRY_SECONDS / 60)) minutes"
      round=''
    fi
    if [[ -z "$round" ]] && is_due && ((SECONDS - round_began >= RETRY_SECONDS || round_began == 0)); then
      round_began=$((SECONDS + 1))
      take_round >&2 &
      round=$!
    fi
    pause
  done
}
# In the background, so that a signal is heard at once.
pause() {
  sleep "$TICK_SECONDS" &
  wait $! || true
}

# There is a lineage whose WAL comes in, and no good base backup of it that is young enough.
is_due() {
  local base
  receives && [[ -n "$(lineage)" ]] || return 1
  base="$(good_bases "$(lineage)" | tail -n 1)"
  [[ -z "$base" ]] || (($(age_of "$base") >= EVERY_HOURS * 3600)) || [[ ! -e "$STATE/last_success" ]]
}
# A lineage of which nothing has been restored has it due at once.
drill_is_due() {
  local last
  compgen -G "$(lineage)/base/*.passed" >/dev/null || return 0
  last="$(known last_restore_test)"
  [[ -z "$last" ]] || (($(date +%s) - last >= DRILL_EVERY_HOURS * 3600 - 3600)) || [[ "$(known restore_test_ok)" != 1 ]]
}

# One at a time; a second one waits. Trade comes first on this host.
alone() {
  renice -n 10 -p "$BASHPID" >/dev/null 2>&1 || true
  exec 8>"$STATE/.lock"
  flock 8
}

# A base backup, its drill when one is due (`drill`: in any case), and away with what is no longer kept.
take_round() {
  local base current
  alone
  # Somebody may have made one meanwhile.
  [[ "${1:-}" == drill ]] || is_due || return 0
  current="$(lineage)" && [[ -n "$current" ]] || { problem 'no WAL has been received yet' 'docker compose logs backup says why' && return 1; }
  base="$(make_base "$current")" || return 1
  if [[ "${1:-}" == drill ]] || drill_is_due; then drill "$base" || { prune "$current" || true; return 1; }; fi
  attempt write_state last_size "$(size_of "$base")" && attempt write_state last_success "$(date +%s)" || return 1
  prune "$current" || return 1
  say "$(basename -- "$base") is whole: $(size_of "$base") bytes"
}

now() {
  check_settings
  receives || fail 'no WAL is received, so a backup would be worth little' 'docker compose logs backup says why'
  take_round drill || exit 1
  write_figures || true
}

drill_again() {
  local base
  base="$(bases | tail -n 1)"
  [[ -n "$base" ]] || fail 'there is no base backup yet' 'docker compose exec backup bash /opt/backup/backup now'
  alone
  drill "$base" || { write_figures || true; exit 1; }
  write_figures || true
}

is_healthy() {
  local beat=0
  [[ ! -e "$RUNTIME/heartbeat" ]] || beat="$(stat -c %Y "$RUNTIME/heartbeat")"
  (($(date +%s) - beat < 60)) || fail 'the program does not go round' 'docker compose restart backup'
  receives || fail 'no WAL is received' 'docker compose logs backup says why'
}
