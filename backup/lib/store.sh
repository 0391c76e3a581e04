# Sourced by ../backup: what lies where.
#   store/LINEAGE/base/TIME/         a base backup: tar files and its manifest; TIME.facts beside it is what the server held
#   store/LINEAGE/base/TIME.passed   a drill has restored it; TIME.failed: a drill could not
#   store/LINEAGE/wal/               WAL without a gap from before the first of these base backups
#   state/, scratch/                 of the program itself; not worth a copy
# A lineage, SYSTEM-TIMELINE.TIME, ends where its WAL ends: with a new server, a restored one, or a slot that was lost.
# shellcheck shell=bash

prepare_folders() {
  local folder
  # The image's folder is everybody's.
  chmod 0700 "$ROOT" 2>/dev/null || true
  for folder in "$STORE" "$STATE" "$SCRATCH"; do attempt mkdir -p -m 0700 "$folder" || return 1; done
  attempt touch "$STATE/.written" || return 1
  find "$STORE" -maxdepth 1 -name '*.new' -exec rm -rf -- {} +
}

lineage() { cat "$STATE/lineage" 2>/dev/null; }

# The newest of a server and timeline, if there is one.
lineage_of() { newest "$STORE"/"$1".*/; }
newest() {
  local last='' each
  for each; do [[ -e "$each" ]] && last="${each%/}"; done
  [[ -n "$last" ]] && printf '%s' "$last"
}

new_lineage() {
  local last made
  # One that was made and never written to is as good.
  last="$(lineage_of "$1")" && [[ -z "$(ls -A "$last/wal" "$last/base" | grep -v : || true)" ]] && printf '%s' "$last" && return
  made="$STORE/$1.$(date +%Y%m%dT%H%M%SZ)"
  [[ ! -e "$made" ]] || made+="-$RANDOM"
  mkdir -p -m 0700 "$made.new/wal" "$made.new/base" && mv "$made.new" "$made" && printf '%s' "$made"
}

# bases [LINEAGE…] : paths of whole ones, oldest first by their time, of all lineages unless named.
bases() {
  local each
  (($#)) || set -- "$STORE"/*/
  for each in "${@%/}"; do
    find "$each/base" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*Z' 2>/dev/null || true
  done | awk -F/ '{ print $NF, $0 }' | sort | cut -d' ' -f2-
}
good_bases() {
  local base
  while IFS= read -r base; do [[ -e "$base.failed" ]] || printf '%s\n' "$base"; done < <(bases "$@")
}
lineage_of_base() { dirname -- "$(dirname -- "$1")"; }
seconds_of() { date -d "$(sed -E 's/^(....)(..)(..)T(..)(..)(..)Z.*/\1-\2-\3 \4:\5:\6Z/' <<<"${1##*/}")" +%s; }
age_of() { echo $(($(date +%s) - $(seconds_of "$1"))); }

list_bases() {
  local base fate
  while IFS= read -r base; do
    fate='not drilled'
    [[ ! -e "$base.passed" ]] || fate='drill passed'
    [[ ! -e "$base.failed" ]] || fate="drill failed: $(<"$base.failed")"
    printf '%s  %s  %s MB, %s\n' "${base##*/}" "$(basename -- "$(lineage_of_base "$base")")" "$(($(size_of "$base") / 1000000))" "$fate"
  done < <(bases)
}
size_of() { du -sb -- "$1" | cut -f1; }

# Of the current lineage the newest that are good, one that failed, and WAL from the oldest of them on; other lineages until
# all of them are as old as the oldest that is kept.
prune() {
  local current=$1 base kept lineage
  kept="$(good_bases "$current" | tail -n "$KEEP")"
  while IFS= read -r base; do
    [[ -e "$base.failed" || $'\n'"$kept"$'\n' == *$'\n'"$base"$'\n'* ]] || remove_base "$base"
  done < <(bases "$current")
  while IFS= read -r base; do remove_base "$base"; done < <(bases "$current" | while IFS= read -r base; do [[ ! -e "$base.failed" ]] || echo "$base"; done | head -n -1)
  base="$(bases "$current" | head -n 1)"
  [[ -z "$base" ]] || {
    attempt pg_archivecleanup --strip-extension=.gz "$current/wal" "$(sed -n 's/^first_wal|//p' "$base.facts")" || return 1
    forget_kept "$current/wal"
  }
  for lineage in "$STORE"/*/; do
    lineage="${lineage%/}"
    [[ "$lineage" != "$current" ]] || continue
    base="$(bases "$lineage" | tail -n 1)"
    if (($(age_of "${base:-$(sed 's/.*\.//' <<<"$lineage")}") > KEEP * EVERY_HOURS * 3600)); then
      say "$lineage has ended, and is older than what is kept: removed"
      rm -rf -- "$lineage"
    fi
  done
}
remove_base() { rm -rf -- "$1" "$1.facts" "$1.passed" "$1.failed"; }
