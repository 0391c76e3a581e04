# Sourced by ../backup: WAL as it is written.
# shellcheck shell=bash

receive_forever() {
  local child=''
  trap '[[ -z "$child" ]] || { kill -TERM "$child" 2>/dev/null; wait "$child"; }; exit 0' TERM INT
  while true; do
    receive || true
    rm -f "$RUNTIME/receiver.pid"
    sleep 10 &
    child=$!
    wait "$child" || true
  done
}

# Until the connection ends. Each piece is on the disk before the server is told so.
receive() {
  local current said code=0
  take_password && open_lineage || return 1
  current="$(lineage)"
  said="$(mktemp "$RUNTIME/said.XXXXXX")"
  set_partial_aside "$current/wal"
  pg_receivewal --no-password --no-loop --synchronous --status-interval=5 --compress=gzip:1 --directory="$current/wal" \
    --slot="$SLOT" --dbname="$PATIENCE" 2>"$said" &
  child=$!
  echo "$child" >"$RUNTIME/receiver.pid"
  wait "$child" || code=$?
  child=''
  explain "$said"
  # What the server has no longer cannot be had: there is a gap, and what follows it is another lineage.
  if grep -qE 'has already been removed|can no longer access replication slot|not in this server.s history|ahead of the WAL flush' "$said"; then
    say "the server no longer has the WAL that follows $(basename -- "$current"); beginning anew with a base backup"
    attempt drop_slot || true
  fi
  rm -f "$said"
  return $((code == 0 ? 1 : code))
}

# The lineage that the slot stands for. A slot is not in a base backup: a restored server has none, and begins a new lineage.
open_lineage() {
  local identity system timeline status current
  identity="$(attempt identify)" || return 1
  IFS='|' read -r system timeline _ <<<"$identity"
  status="$(attempt slot_status)" || return 1
  if [[ "$status" == lost ]]; then
    say "the slot $SLOT was given up by the server, which had to keep too much WAL for it"
    attempt drop_slot || return 1
    status=''
  fi
  current="$(lineage_of "$system-$timeline")" || current=''
  if [[ -n "$status" && -z "$current" ]]; then
    say "the slot $SLOT is of a backup that is not here"
    attempt drop_slot || return 1
    status=''
  fi
  if [[ -z "$status" ]]; then
    current="$(attempt new_lineage "$system-$timeline")" && attempt make_slot || return 1
    say "lineage $(basename -- "$current") begins"
  fi
  attempt write_state lineage "$current"
}

write_state() { printf '%s\n' "$2" >"$STATE/.$1.next" && mv -f "$STATE/.$1.next" "$STATE/$1"; }
receives() { [[ -s "$RUNTIME/receiver.pid" ]] && kill -0 "$(<"$RUNTIME/receiver.pid")" 2>/dev/null; }

# A segment that is begun: a new connection begins it again from its start and would write over it, and until it has come as
# far as before, this one knows more.
set_partial_aside() {
  local partial kept
  for partial in "$1"/*.gz.partial; do
    [[ -e "$partial" ]] || continue
    kept="${partial%.partial}.kept"
    if [[ -e "$kept" ]] && (($(readable_bytes "$kept") > $(readable_bytes "$partial"))); then rm -f "$partial"; else mv -f "$partial" "$kept"; fi
  done
}
forget_kept() {
  local kept
  for kept in "$1"/*.gz.kept; do [[ ! -e "${kept%.kept}" ]] || rm -f "$kept"; done
}
# Of one that was cut, as much as can be read.
readable_bytes() { { gzip -dc <"$1" 2>/dev/null || true; } | wc -c; }
