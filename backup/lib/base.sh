# Sourced by ../backup: a copy of the whole cluster, roles included.
# shellcheck shell=bash

# Makes one of the lineage, verifies it against its manifest, and prints its path. Whole or not at all.
make_base() {
  local current=$1 name work facts
  name="$(date +%Y%m%dT%H%M%SZ)"
  work="$current/base/.making-$name"
  find "$current/base" -maxdepth 1 -name '.making-*' -exec rm -rf -- {} + || true
  take_password || return 1
  facts="$(attempt query_file counts.sql)" || return 1
  attempt pg_basebackup --no-password --pgdata="$work" --format=tar --compress=client-gzip:1 --checkpoint=fast \
    --wal-method=stream --manifest-checksums=SHA256 --label="$name" >&2 || { rm -rf -- "$work"; return 1; }
  if compgen -G "$work/[0-9]*.tar.gz" >/dev/null; then
    problem 'the cluster has tablespaces, which are not restored' 'move what is in them into the default one'
    rm -rf -- "$work" && return 1
  fi
  attempt verify_base "$work" || { rm -rf -- "$work"; return 1; }
  facts+=$'\n'"first_wal|$(tar -xzOf "$work/base.tar.gz" backup_label | sed -nE 's/^START WAL LOCATION: .*\(file ([0-9A-F]{24})\).*/\1/p')"
  facts+=$'\n'"finished|$(date +%s)"
  attempt keep_base "$work" "$current/base/$name" "$facts" || { rm -rf -- "$work"; return 1; }
  printf '%s' "$current/base/$name"
}
# WAL in the tar files is read by the drill.
verify_base() { pg_verifybackup --quiet --no-parse-wal "$1"; }
keep_base() {
  printf '%s\n' "$3" >"$2.facts" && sync "$2.facts" && mv "$1" "$2" && sync "$(dirname -- "$2")"
}
