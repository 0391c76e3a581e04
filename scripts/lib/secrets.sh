# Sourced by scripts/init-secrets and scripts/rotate-secret: what the secrets are, and how they get into the folders of the
# containers. Needs root (of the checkout) and dir (the secrets' folder).
# shellcheck shell=bash
#
# Files of dir itself are the truth; people put them in and look them up. A folder below it is one container's, made of
# them and mounted as /run/secrets there: whoever changes a secret changes the truth and renders. During a rotation
# NAME.next is accepted and not yet used, NAME.previous no longer used and still accepted.

readonly PEOPLE_FILE_MODE=0400
# Folder and the numeric user in its container.
readonly FOLDERS='redis:999 postgres:999 migrate:1000 render:1000 exchange-simulator:1000 oauth2-proxy:65532 prometheus:65534
  grafana:472 alertmanager:65534 redis-exporter:59000 postgres-exporter:65534 backup:999 slack-mcp-server:65532 development:1000'
readonly SERVICE_UID=1000
# Who asks whom without a person: CALLER>SERVICE:ROLE; * is every other service.
readonly CALLERS='mcp-hub-controller>*:viewer parameter-optimizer>market-analyst:viewer'
readonly DATABASE_ADMIN=${FLEET_DATABASE_ADMIN:-fleet_admin} MONITOR_ROLE_SUFFIX=monitor BACKUP_ROLE_SUFFIX=backup
readonly POSTGRES_ADDRESS=${FLEET_POSTGRES_ADDRESS:-postgres:5432/fleet} REDIS_ADDRESS=${FLEET_REDIS_ADDRESS:-redis:6379/0}
# Roles belong to a whole Postgres server: fleets that share one need names of their own.
readonly ROLE_PREFIX=${FLEET_ROLE_PREFIX:-fleet}

program="$(basename -- "$0")"
say() { printf '%s: %s\n' "$program" "$*" >&2; }
fail() {
  say "$1"
  printf '  what to do: %s\n' "$2" >&2
  exit 1
}

# Name and schema of each service stand in one place.
declare -A SCHEMA=()
read_services() {
  local name schema
  while read -r name schema; do SCHEMA[$name]=$schema; done < <(
    sed -nE "s/.*name: '([a-z-]+)', schema: '([a-z_]+)'.*/\1 \2/p" "$root/scripts/fleet/services.ts"
  )
  ((${#SCHEMA[@]})) || fail "scripts/fleet/services.ts names no service" "take it from the repository again"
  mapfile -t SERVICES < <(printf '%s\n' "${!SCHEMA[@]}" | sort)
}

# Starting a program costs more than all else here: many tokens by one, and no shell of its own for what only reads.
TOKENS=''
token() {
  [[ -n "$TOKENS" ]] || TOKENS="$(od -An -v -N1536 -tx1 /dev/urandom | tr -d ' \n')"
  printf '%s' "${TOKENS:0:48}"
  TOKENS="${TOKENS:48}"
}

# hash_of VALUE… : their SHA-256 into HASHED, by one process for all of them.
declare -A HASHED=()
hash_of() {
  local one hash file files=() values=()
  for one; do
    [[ -z "${HASHED[=$one]:-}" ]] || continue
    file="$staging/.hashed.${#files[@]}"
    printf '%s' "$one" >"$file" && files+=("$file") values+=("$one")
  done
  ((${#files[@]})) || return 0
  one=0
  while read -r hash file; do HASHED[=${values[one++]}]=$hash; done < <(sha256sum "${files[@]}")
  ((one == ${#files[@]})) || fail "sha256sum does not work" "read the message above"
}

# Sets text: the value of a file as people make them, without byte order mark, carriage returns and white space around it.
read_value() {
  { ! IFS= read -r -d '' text || fail "$1 is no plain text" "save it as UTF-8 into $dir/$1"; } <"$dir/$1" || return
  text="${text//$'\r'/}"
  text="${text#$'\xef\xbb\xbf'}"
  text="${text#"${text%%[![:space:]]*}"}"
  text="${text%"${text##*[![:space:]]}"}"
  [[ "$text" != *[[:space:]]* ]] ||
    fail "$1 has more than one word or line" "write the value alone into $dir/$1"
}
value() {
  local text
  read_value "$1" || return
  printf '%s' "$text"
}

# Sets encoded: VALUE as a part of an address.
encode() {
  local text=$1 out='' char
  encoded=$1
  [[ ! "$text" =~ ^[A-Za-z0-9._~-]*$ ]] || return 0
  local LC_ALL=C
  while [[ -n "$text" ]]; do
    char="${text:0:1}" text="${text:1}"
    case $char in
      [A-Za-z0-9._~-]) out+=$char ;;
      *) printf -v char '%%%02X' "'$char" && out+=$char ;;
    esac
  done
  encoded=$out
}

present() { [[ -s "$dir/$1" ]]; }

# Sets counting: the values of a secret that count, during a rotation the next or the previous one too.
read_counting() {
  local name text
  counting=()
  for name in "$1" "$1.next" "$1.previous"; do
    [[ -e "$dir/$name" ]] || continue
    read_value "$name" || return
    [[ -z "$text" ]] || counting+=("$text")
  done
}
# Lines of their SHA-256.
hashes() {
  local one counting
  read_counting "$1" || return
  hash_of "${counting[@]}"
  for one in "${counting[@]}"; do printf '%s%s\n' "${HASHED[=$one]}" "${2:-}"; done
}
hash_all() {
  local name counting all=()
  for name in admin_token alerts_token mcp_token edge_admin_secret redis_operator_password "${SERVICES[@]/#/edge_secret_}" \
    $(callers | sed 's/^/service_secret_/') $(redis_names | sed '/^operator$/d; s/^/redis_password_/'); do
    read_counting "$name" || return
    all+=("${counting[@]}")
  done
  hash_of "${all[@]}"
}

signing_key() {
  if command -v openssl >/dev/null; then openssl genpkey -algorithm ed25519; else
    node -p 'require("crypto").generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).trim()'
  fi
}
public_key() {
  if command -v openssl >/dev/null; then openssl pkey -in "$dir/$1" -pubout; else
    node -p 'require("crypto").createPublicKey(require("fs").readFileSync(process.argv[1])).export({ type: "spki", format: "pem" }).trim()' \
      "$dir/$1"
  fi
}
# The first 16 hexadecimal digits of the SHA-256 of the key itself: the last 32 bytes of its DER form.
key_id() { sed '/-----/d' <<<"$1" | base64 -d | tail -c 32 | sha256sum | cut -c1-16; }

# oauth2-proxy takes 16, 24 or 32 bytes, raw or in base64's URL alphabet; what `openssl rand -base64 32` prints is neither.
cookie_secret() {
  local text bytes
  read_value oauth2_cookie_secret || return
  bytes="$(tr -- '-_' '+/' <<<"${text%%=*}" | padded | base64 -d 2>/dev/null | wc -c)" || bytes=0
  case $bytes in
    16 | 24 | 32) tr -- '+/' '-_' <<<"$text" | tr -d '\n' ;;
    *)
      case ${#text} in
        16 | 24 | 32) printf '%s' "$text" ;;
        *) fail "oauth2_cookie_secret has ${#text} characters, which are not 16, 24 or 32 bytes, raw or in base64" \
          "openssl rand -base64 32 >$dir/oauth2_cookie_secret (or remove it: one is made)" ;;
      esac
      ;;
  esac
}
padded() {
  local text
  read -r text
  while ((${#text} % 4)); do text+='='; done
  printf '%s' "$text"
}

postgres_url() {
  local encoded
  encode "$2"
  printf 'postgres://%s:%s@%s' "$1" "$encoded" "$POSTGRES_ADDRESS"
}
# database_login_SERVICE says which of the two the service comes in as.
login_of() {
  local text
  read_value "database_login_$1" || return
  login=$text
  [[ "$login" == a || "$login" == b ]] || fail "database_login_$1 says neither a nor b" "write a into it"
  if [[ "$login" == a ]]; then other=b; else other=a; fi
}
service_database_url() {
  local login other
  login_of "$1" || return
  login_url "$1" "$login"
}
login_url() {
  local text
  read_value "database_password_$1_$2" || return
  postgres_url "${ROLE_PREFIX}_${SCHEMA[$1]}_$2" "$text"
}
render_logins() {
  local login other
  login_of "$1"
  put "migrate/$1_database_url" login_url "$1" "$login"
  [[ ! -e "$dir/database_password_$1_$other" ]] || put "migrate/$1_database_url_other" login_url "$1" "$other"
}
admin_url() {
  local text
  read_value postgres_password || return
  postgres_url "$DATABASE_ADMIN" "$text"
}
monitor_url() {
  local text
  read_value database_password_monitor || return
  postgres_url "${ROLE_PREFIX}_$MONITOR_ROLE_SUFFIX" "$text"
}
backup_url() {
  local text
  read_value database_password_backup || return
  postgres_url "${ROLE_PREFIX}_$BACKUP_ROLE_SUFFIX" "$text"
}
redis_url() {
  local text encoded
  read_value "redis_password_$1" || return
  encode "$text"
  printf 'redis://%s:%s@%s' "$1" "$encoded" "$REDIS_ADDRESS"
}

# As the exporter reads them: the password of each address.
redis_passwords() {
  local text
  read_value redis_password_redis-exporter || return
  printf '{"redis://redis-exporter@%s":"%s"}\n' "${REDIS_ADDRESS%%/*}" "$text"
}

# The lines of redis/users.acl, each user with the hashes of its passwords.
redis_users() {
  local line user one file counting passwords
  while IFS= read -r line || [[ -n "$line" ]]; do
    [[ "$line" != '#'* && -n "$line" ]] || continue
    # Processes without containers: none of these two is among them, and their Redis may be older than CLIENT SETINFO.
    [[ -z "${FLEET_REDIS_DEFAULT_USER:-}" || "$line" != 'user '@(oauth2-proxy|redis-exporter)' '* ]] || continue
    [[ "$line" != 'user default '* || -z "${FLEET_REDIS_DEFAULT_USER:-}" ]] || line="user default $FLEET_REDIS_DEFAULT_USER"
    if [[ "$line" == *' PASSWORD '* ]]; then
      user="${line#user }" user="${user%% *}" passwords=''
      redis_password_file "$user"
      read_counting "$file" || return
      ((${#counting[@]})) || fail "$file is empty" "remove it: one is made"
      hash_of "${counting[@]}"
      for one in "${counting[@]}"; do passwords+="#${HASHED[=$one]} "; done
      line="${line/ PASSWORD / $passwords}"
    fi
    printf '%s\n' "$line"
  done <"$root/redis/users.acl"
}
# Sets file.
redis_password_file() { if [[ "$1" == operator ]]; then file=redis_operator_password; else file="redis_password_$1"; fi; }
redis_names() { sed -nE 's/^user ([a-z0-9-]+) on PASSWORD .*/\1/p' "$root/redis/users.acl"; }

# put FILE COMMAND… : what COMMAND prints, into the staging folder. A command that fails ends the program.
put() {
  local file="$staging/$1"
  shift
  "$@" >"$file" || fail "${file#"$staging"/} cannot be made" "read the message above"
}

render_service() {
  local service=$1
  put "$service/database_url" service_database_url "$service"
  put "$service/redis_url" redis_url "$service"
  put "$service/admin_token_hashes" hashes admin_token
  put "$service/edge_secret_hashes" hashes "edge_secret_$service"
  put "$service/edge_admin_secret_hashes" hashes edge_admin_secret
  put "$service/service_secret_hashes" service_secret_hashes "$service"
}

service_secret_hashes() {
  local rules rule caller to
  read -ra rules <<<"$CALLERS"
  for rule in "${rules[@]}"; do
    caller="${rule%%>*}" to="${rule#*>}"
    [[ "$caller" != "$1" && ("${to%:*}" == '*' || "${to%:*}" == "$1") ]] || continue
    hashes "service_secret_$caller" " $caller ${to#*:}" || return
  done
}
callers() {
  local rules
  read -ra rules <<<"$CALLERS"
  printf '%s\n' "${rules[@]%%>*}"
}

render_public_keys() {
  local name pem
  for name in risk_signing_key risk_signing_key.next risk_signing_key.previous; do
    [[ -e "$dir/$name" ]] || continue
    pem="$(public_key "$name")" || fail "$name is no Ed25519 key in PEM" "put the key back, or remove it: one is made"
    put "trade-executor/risk_public_keys/$(key_id "$pem").pem" printf '%s\n' "$pem"
  done
}

# Everything that a container is given, below $staging.
render_all() {
  local service name folders
  mapfile -t folders < <(owners)
  folders=("${folders[@]%%:*}" trade-executor/risk_public_keys)
  mkdir -p "${folders[@]/#/"$staging/"}"
  hash_all
  for service in "${SERVICES[@]}"; do render_service "$service"; done
  put risk-manager/risk_signing_key cat "$dir/risk_signing_key"
  render_public_keys
  local venue=paper_venue
  if [[ "$(setting TRADING_MODE)" == live ]]; then
    venue=venue
    present venue_api_key && present venue_api_secret ||
      fail "TRADING_MODE=live needs the exchange's own key" "write venue_api_key and venue_api_secret into $dir"
  fi
  put trade-executor/venue_api_key value "${venue}_api_key"
  put trade-executor/venue_api_secret value "${venue}_api_secret"
  put exchange-simulator/api_key value paper_venue_api_key
  put exchange-simulator/api_secret value paper_venue_api_secret
  for name in slack_bot_token slack_signing_secret alertmanager_password; do put "notification-manager/$name" value "$name"; done
  put notification-manager/alerts_token_hashes hashes alerts_token
  put mcp-hub-controller/mcp_token value mcp_token
  put mcp-hub-controller/mcp_token_hashes hashes mcp_token
  for name in $(callers); do put "$name/service_secret" value "service_secret_$name"; done
  put redis/users.acl redis_users
  put redis/operator_password value redis_operator_password
  put postgres/postgres_password value postgres_password
  put migrate/admin_url admin_url
  put migrate/monitor_url monitor_url
  put migrate/backup_url backup_url
  for service in "${SERVICES[@]}"; do render_logins "$service"; done
  for service in "${SERVICES[@]}"; do put "render/edge_secret_$service" value "edge_secret_$service"; done
  for name in edge_admin_secret prometheus_password alertmanager_password alerts_token slack_alerts_webhook deadman_url \
    oauth2_client_id oauth2_client_secret; do put "render/$name" value "$name"; done
  put render/oauth2_cookie_secret cookie_secret
  put render/oauth2_redis_url redis_url oauth2-proxy
  put oauth2-proxy/client_id value oauth2_client_id
  put oauth2-proxy/client_secret value oauth2_client_secret
  put oauth2-proxy/cookie_secret cat "$staging/render/oauth2_cookie_secret"
  put oauth2-proxy/redis_url redis_url oauth2-proxy
  put prometheus/prometheus_password value prometheus_password
  put prometheus/alertmanager_password value alertmanager_password
  put grafana/prometheus_password value prometheus_password
  put grafana/secret_key value grafana_secret_key
  for name in alerts_token slack_alerts_webhook deadman_url; do put "alertmanager/$name" value "$name"; done
  put redis-exporter/redis_passwords.json redis_passwords
  put slack-mcp-server/slack_bot_token value slack_bot_token
  put slack-mcp-server/api_key value slack_mcp_api_key
  # Of docker-compose.override.yml alone, which knows no other way in.
  is_production || for name in admin_token alerts_token; do put "development/$name" value "$name"; done
  put alertmanager/alertmanager_password value alertmanager_password
  put postgres-exporter/database_url monitor_url
  put postgres-exporter/password value database_password_monitor
  put backup/password value database_password_backup
}

# Of the environment, or of the .env beside the compose file.
setting() {
  if [[ -n "${!1:-}" ]]; then echo "${!1}" && return; fi
  [[ ! -r "$root/.env" ]] || sed -nE "s/^(export +)?$1=[\"']?([^\"' #]*).*/\2/p" "$root/.env" | tr -d '\r' | tail -n 1
}

# --dir of the scripts says otherwise; a relative folder of .env begins at the checkout, as for Compose.
secrets_dir() {
  local folder
  folder="$(setting SECRETS_DIR)"
  if [[ -n "${SECRETS_DIR:-}" || "$folder" == /* ]]; then echo "$folder"; else echo "$root/${folder:-secrets}"; fi
}

# A host whose .env leaves the override out.
is_production() {
  local files
  files="$(setting COMPOSE_FILE)"
  [[ -n "$files" && "$files" != *override* ]]
}

owners() {
  local service
  # shellcheck disable=SC2086  # words
  printf '%s\n' $FOLDERS
  for service in "${SERVICES[@]}"; do printf '%s:%s\n' "$service" "$SERVICE_UID"; done
}

# Puts the staging folder over the containers' folders: whole files by rename (the folders stay, for a container that runs
# has them mounted), what no longer belongs there goes. Prints what changed. As root it gives each its owner; KEEP does not.
# A folder belongs to a user of this host too, the one whose number its container has: while root writes there the folder
# is root's (still readable, for a container that runs), and no link that lies in it is followed.
readonly INSTALL='
  from=$1 to=$2 mode=$3; shift 3
  sync() ( # FROM TO OWNER, in a shell of its own for its variables
    here=$1 there=$2 owner=$3 next=$2/.next
    [ ! -L "$there" ] || rm -f "$there"
    { [ -d "$there" ] || mkdir -p "$there"; } && hold "$there" || exit 1
    if [ -e "$next" ] || [ -L "$next" ]; then rm -rf "$next" || exit 1; fi
    set --
    for new in "$here"/*; do
      [ -e "$new" ] || continue
      file="$there/${new##*/}"
      if [ -d "$new" ]; then sync "$new" "$file" "$owner" || exit 1; continue; fi
      if [ -f "$file" ] && [ ! -L "$file" ] && cmp -s "$new" "$file"; then continue; fi
      if [ -L "$file" ] || [ -d "$file" ]; then rm -rf "$file" || exit 1; fi
      set -- "$@" "$new"
      echo "${file#"$to"/}"
    done
    if [ $# -gt 0 ]; then
      mkdir "$next" && cp "$@" "$next/" && chmod 0400 "$next"/* && own "$owner" "$next"/* && mv -f "$next"/* "$there/" && rm -r "$next" || exit 1
    fi
    set --
    for file in "$there"/*; do
      [ -e "$file" ] || [ -L "$file" ] || continue
      if [ ! -e "$here/${file##*/}" ]; then rm -rf "$file" && echo "${file#"$to"/} (removed)" || exit 1
      elif [ ! -d "$file" ]; then set -- "$@" "$file"; fi
    done
    [ $# = 0 ] || { own "$owner" "$@" && chmod 0400 "$@"; } || exit 1
    [ "$mode" = keep ] || { chmod 0700 "$there" && own "$owner" "$there"; } || exit 1
  )
  hold() { if [ "$mode" = keep ]; then chmod 0700 "$1"; else chown -h 0:0 "$1" && chmod 0755 "$1"; fi; }
  own() { # OWNER FILE…
    [ "$mode" != keep ] || return 0
    owner=$1; shift
    [ "$owner" = "" ] || chown -h "$owner:$owner" "$@"
  }
  for pair; do sync "$from/${pair%%:*}" "$to/${pair%%:*}" "${pair##*:}" || exit 1; done
'

# Here, where bash is, files are compared without starting a program for each.
readonly CMP_OF_BASH='
  cmp() { # -s ONE OTHER
    { IFS= read -r -d "" one <"$2"; IFS= read -r -d "" other <"$3"; } 2>/dev/null
    [ -r "$3" ] && [ "$one" = "$other" ]
  }
'

# As root, here or in a container, which also is right for an engine that runs as a user of its own.
in_container() {
  local image
  image="$(sed -nE 's/^ *image: *"?(redis:[^ "]+).*/\1/p' "$root/docker-compose.yml" | head -n 1)"
  docker run --rm --network none --user 0:0 --entrypoint sh "$@" "$image" -c "$script" sh "${arguments[@]}"
}

may_use_docker() { command -v docker >/dev/null && docker info >/dev/null 2>&1; }
