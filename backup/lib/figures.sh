# Sourced by ../backup: what Prometheus is told, by a file for the node exporter, written whole by rename.
# shellcheck shell=bash

# One that has never been measured is left out: absent, not 0.
figure() { # NAME HELP VALUE
  [[ -n "$3" ]] || return 0
  printf '# HELP %s %s\n# TYPE %s gauge\n%s %s\n' "$1" "$2" "$1" "$1" "$3"
}
known() { cat "$STATE/$1" 2>/dev/null || true; }

write_figures() {
  local receiving=0 next="$FIGURES/.backup.prom.next"
  ! receives || receiving=1
  {
    figure backup_last_success_timestamp_seconds 'When the last base backup was finished, verified and, where one was due, restored by a drill.' "$(known last_success)"
    figure backup_last_size_bytes 'Size of that base backup, compressed.' "$(known last_size)"
    figure backup_last_restore_test_timestamp_seconds 'When a drill last restored a backup and found the books sound.' "$(known last_restore_test)"
    figure backup_restore_test_ok '1 when the last drill passed.' "$(known restore_test_ok)"
    figure backup_restore_test_rto_seconds 'From the begin of the last drill that passed until the restored server answered and was checked.' "$(known restore_test_rto)"
    figure backup_restore_test_rpo_seconds 'Age, at the begin of that drill, of the last commit it found; 0 when nothing was missing.' "$(known restore_test_rpo)"
    figure backup_wal_receiver_up '1 while WAL is received.' "$receiving"
    figure backup_written_timestamp_seconds 'When this file was written.' "$(date +%s)"
  } >"$next" && chmod 0644 "$next" && mv -f "$next" "$FIGURES/backup.prom"
}
