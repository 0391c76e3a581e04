# Sourced by the shell entry points. Puts the pinned Node and pnpm into .local/toolchain and the packages into
# node_modules, for root and for a user without root, from any folder, as often as one likes. Nothing is installed
# globally. Defines: root, bootstrap_toolchain, bootstrap_packages, bootstrap (both).
# shellcheck shell=bash

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)"
node_major_min=20
toolchain="$root/.local/toolchain"

say() { printf '%s\n' "bootstrap: $*" >&2; }

fail() {
  printf '%s\n' "bootstrap: $1" "  what to do: $2" >&2
  exit 1
}

bootstrap() {
  bootstrap_toolchain
  bootstrap_packages
}

bootstrap_toolchain() {
  own_folders
  local wanted
  wanted="$(platform) $(hash_of "$root/scripts/toolchain/package-lock.json")"
  if [[ "$(cat "$toolchain/.complete" 2>/dev/null)" != "$wanted" ]] || ! tools_run; then
    (
      hold_lock
      # Another start may have done it while this one waited.
      [[ "$(cat "$toolchain/.complete" 2>/dev/null)" == "$wanted" ]] && tools_run && exit 0
      install_toolchain "$wanted"
    ) || exit 1
  fi
  export PATH="$toolchain/node_modules/.bin:$PATH"
}

bootstrap_packages() {
  local stamp="$root/node_modules/.installed" wanted
  wanted="$(hash_of "$root"/{pnpm-lock.yaml,pnpm-workspace.yaml,package.json} \
    "$root"/packages/*/package.json "$root"/services/*/package.json) $root"
  if [[ "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]]; then return; fi
  (
    hold_lock
    [[ "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]] && exit 0
    install_packages
    printf '%s\n' "$wanted" >"$stamp"
  ) || exit 1
}

# A home that cannot be written (a service account, a bare container) must not stop npm and pnpm from caching.
own_folders() {
  if ! mkdir -p "$root/.local" 2>/dev/null || [[ ! -w "$root/.local" ]]; then
    fail "$root/.local cannot be written by $(id -un)" \
      "give yourself the folder (it may stem from an earlier run as root), or use a checkout of your own"
  fi
  if [[ -z "${HOME:-}" || ! -w "$HOME" ]]; then
    export HOME="$root/.local/home"
    mkdir -p "$HOME"
  fi
}

# Two starts at once take turns.
hold_lock() {
  exec 9>"$root/.local/bootstrap.lock"
  if ! flock -n 9; then
    say "another start is installing: waiting for it"
    flock 9
  fi
}

platform() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo x64 ;;
    Linux-aarch64 | Linux-arm64) echo arm64 ;;
    *) fail "$(uname -s) on $(uname -m) is not supported" "use a Debian or Ubuntu machine (x64 or arm64), or docker compose" ;;
  esac
}

hash_of() { cat -- "$@" | sha256sum | cut -d' ' -f1; }

tools_run() {
  "$toolchain/node_modules/.bin/node" -e 0 2>/dev/null && [[ -x "$toolchain/node_modules/.bin/pnpm" ]]
}

check_npm() {
  command -v node >/dev/null || fail "node is not installed" "install Node $node_major_min or newer (with npm)"
  command -v npm >/dev/null || fail "npm is not installed" "install npm (Debian and Ubuntu: the package npm, or nodejs from nodesource.com)"
  local version
  version="$(node -p 'process.versions.node')" || fail "node does not run" "install Node $node_major_min or newer"
  [[ "${version%%.*}" -ge "$node_major_min" ]] || fail "Node $version is too old" "install Node $node_major_min or newer"
}

# Made beside the old one and moved into place whole: a cut leaves the old one or none.
install_toolchain() {
  check_npm
  local arch="${1%% *}" new="$root/.local/toolchain.new" log="$root/.local/toolchain.log"
  say "installing the pinned Node and pnpm into .local/toolchain (about 80 MB)"
  rm -rf "$new" && mkdir -p "$new"
  cp "$root/scripts/toolchain/"package{,-lock}.json "$new/"
  (cd "$new" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --include=optional \
    --fetch-retries=3 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000) >"$log" 2>&1 \
    || failed_install npm "$log"
  # npm passes over an optional package that it could not fetch, and is content.
  [[ -x "$new/node_modules/node-linux-$arch/bin/node" && -x "$new/node_modules/@pnpm/exe.linux-$arch/pnpm" ]] \
    || failed_fetch npm "$log"
  ln -sfn "../node-linux-$arch/bin/node" "$new/node_modules/.bin/node"
  ln -sfn "../@pnpm/exe.linux-$arch/pnpm" "$new/node_modules/.bin/pnpm"
  printf '%s\n' "$1" >"$new/.complete"
  rm -rf "$toolchain.old"
  [[ ! -e "$toolchain" ]] || mv "$toolchain" "$toolchain.old"
  mv "$new" "$toolchain"
  rm -rf "$toolchain.old" "$log"
  tools_run || fail "the pinned Node does not run on this machine" "use a glibc-based Debian or Ubuntu, or docker compose"
  say "Node $("$toolchain/node_modules/.bin/node" -p process.versions.node), pnpm $(cd / && "$toolchain/node_modules/.bin/pnpm" -v)"
}

install_packages() {
  local log="$root/.local/packages.log"
  say "installing the packages of the lockfile"
  # CI=1: no questions, also when node_modules stems from other settings.
  (cd "$root" && CI=1 pnpm_config_fetch_retry_mintimeout=1000 pnpm_config_fetch_retry_maxtimeout=5000 \
    pnpm install --frozen-lockfile --reporter=append-only) 2>&1 | tee "$log" | progress_of_pnpm
  [[ "${PIPESTATUS[0]}" == 0 ]] || failed_install pnpm "$log"
  rm -f "$log"
  say "packages are in place"
}

progress_of_pnpm() {
  grep --line-buffered -E '^(Progress|Done|\[WARN\] GET)' | sed -u -E 's/^(.{0,110}).*/bootstrap:   \1/' >&2 || true
}

failed_install() {
  tail -n 15 "$2" >&2
  if grep -qE 'ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONN|ENETUNREACH|CERT|dns error|error sending request' "$2"; then
    failed_fetch "$1" "$2"
  fi
  fail "$1 could not install (all its words are in $2)" "mend what it names and start again: nothing is half done"
}

failed_fetch() {
  fail "$1 could not fetch the packages from $(cd / && npm config get registry 2>/dev/null)" \
    "check the network (npm ping; behind a proxy: npm config set proxy) and start again: nothing is half done"
}
