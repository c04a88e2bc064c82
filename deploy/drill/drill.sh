#!/bin/bash
# The exercise for each quarter: lose a node under load, then lose a server and restore it from its backup, then lose the disk of an edge.
# Measures all three and writes a report. Uses a folder and loopback addresses of its own, and does not touch services that run on this machine.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: drill.sh [--program FOLDER] [--backup FILE --identity-file FILE] [--clients N] [--seconds N] [--report FILE]
  --program FOLDER       what deploy/publish.sh has made (default: /opt/network-protocol/current)
  --backup FILE          bring a server back from this backup of yours; without it, from one that the drill makes
  --identity-file FILE   the private key that reads it
  --clients N            clients at once (default: 60)
  --seconds N            how long they work (default: 15)
  --report FILE          where to write the report (default: standard output)
It needs haproxy, openssl and curl. The exit code is 1 if a target is missed: 99 % of clients have an answer again within 6 s of the
loss of a node through HAProxy, killed or frozen, and within 1 s of a killed one if they know several addresses; what was restored is
what was saved, and serves; an edge that has lost its disk goes on, and its hub has every other message once.
TEXT
}

fail() {
  echo "drill.sh: $1" >&2
  exit "${2:-1}"
}

program=/opt/network-protocol/current backup='' identity='' clients=60 seconds=15 report=/dev/stdout
while [ $# -gt 0 ]; do
  case $1 in
    --program) program=${2:?--program needs a folder}; shift ;;
    --backup) backup=${2:?--backup needs a file}; shift ;;
    --identity-file) identity=${2:?--identity-file needs a file}; shift ;;
    --clients) clients=${2:?--clients needs a number}; shift ;;
    --seconds) seconds=${2:?--seconds needs a number}; shift ;;
    --report) report=${2:?--report needs a file}; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "no such option: $1" 2 ;;
  esac
  shift
done
[[ $clients =~ ^[1-9][0-9]{0,3}$ ]] || fail "--clients $clients: must be 1 to 9999" 2
[[ $seconds =~ ^[1-9][0-9]{0,2}$ && $seconds -ge 8 ]] || fail "--seconds $seconds: must be 8 to 999, as a loss may cost 6 s" 2
program=$(cd "$program" 2>/dev/null && pwd) || fail "--program: there is no such folder" 2 # in full, as a content root has to be
server=$program/NetworkProtocol.Web netproto=$program/netproto/netproto
for file in "$server" "$netproto"; do
  [ -x "$file" ] || fail "there is no $file: see deploy/publish.sh" 2
done
[ -z "$backup" ] || [ -n "$identity" ] || fail '--backup needs --identity-file' 2
for tool in haproxy openssl curl; do
  command -v "$tool" >/dev/null || fail "$tool is not installed" 2
done
here=$(cd "$(dirname "$0")/.." && pwd)

work=$(mktemp -d)
jobs_started=()
clean_up() {
  kill -KILL "${jobs_started[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say() { echo "drill: $1" >&2; }
now() { date +%s%N; }
since() { echo $((($(now) - $1) / 1000000)); } # milliseconds
field() { sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$1" | head -n 1; }
free_port() {
  local port
  while port=$((RANDOM % 20000 + 12000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}
serial() { # of the certificate at an address
  openssl s_client -connect "$1" </dev/null 2>/dev/null | openssl x509 -noout -serial
}
ready() { # a URL, and how many tenths of a second to wait for it
  local i
  for ((i = 0; i < $2; i++)); do
    [ "$(curl --silent --max-time 1 "$1/ready")" = READY ] && return
    sleep 0.1
  done
  return 1
}
start() { # the name of its log, the folder of its configuration, that of its state, its address, and more settings
  local ca=()
  if [ -f "$2/tls/ca.crt" ]; then
    ca=(--NetworkProtocol:Server:Tls:ClientCaPath="$2/tls/ca.crt")
  fi
  CONFIGURATION_DIRECTORY=$2 "$server" --contentRoot "$program" --NetworkProtocol:Admin:DataPath="$3" --NetworkProtocol:Log:File= \
    --NetworkProtocol:Server:Tls:CertificatePath="$2/tls/fullchain.pem" --NetworkProtocol:Server:Tls:KeyPath="$2/tls/privkey.pem" \
    --NetworkProtocol:Server:LocalSocket= --NetworkProtocol:Server:Listen="$4:$port" --NetworkProtocol:Http:Listen="$4:$health" \
    --NetworkProtocol:Http:Tls:CertificatePath= --NetworkProtocol:Http:Tls:KeyPath= --NetworkProtocol:Http:ChallengeListen= "${ca[@]}" "${@:5}" >"$work/$1.log" 2>&1 &
  started=$!
  jobs_started+=("$started")
  disown "$started" # its end is wanted, and bash need not tell of it
}

# 1. Three nodes, each with configuration and state of its own, one certificate, and HAProxy in front of them.
port=$(free_port) health=$(free_port) entry=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=drill -keyout "$work/key" -out "$work/crt" \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.1.1,IP:127.0.1.2,IP:127.0.1.3,IP:127.0.1.4,IP:127.0.1.5' 2>/dev/null
for node in 1 2 3; do
  mkdir -p "$work/etc$node/tls" "$work/state$node"
  cp "$work/crt" "$work/etc$node/tls/fullchain.pem"
  cp "$work/key" "$work/etc$node/tls/privkey.pem"
  echo '{ "NetworkProtocol": { "Server": { "MaxConnections": 12345, "TrustedProxies": [ "127.0.0.0/8" ] } } }' >"$work/etc$node/appsettings.json"
  start "node$node" "$work/etc$node" "$work/state$node" "127.0.1.$node"
  pids[node]=$started
done
for node in 1 2 3; do
  ready "http://127.0.1.$node:$health" 600 || fail "node $node does not get ready: $(tail -n 3 "$work/node$node.log")"
done
HAPROXY_SOCKET=$work/haproxy.sock HAPROXY_MAXCONN=$((clients * 2 + 100)) NODE_MAXCONN=$((clients * 2)) PROTOCOL_BIND=127.0.0.1:$entry METRICS_BIND=127.0.0.1:$(free_port) \
  NODE1=127.0.1.1 NODE2=127.0.1.2 NODE3=127.0.1.3 NODE_PORT=$port HEALTH_PORT=$health \
  haproxy -db -f "$here/haproxy/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
jobs_started+=("$!")

# 2. A node is lost under load.
load() { # the name of its result, and addresses
  local name=$1 also=()
  for address in "${@:3}"; do
    also+=(--also "$address")
  done
  "$netproto" bench "$2" "${also[@]}" --ca "$work/crt" --reconnect --connections "$clients" --duration "$(printf %02d:%02d:%02d $((seconds / 3600)) $((seconds / 60 % 60)) $((seconds % 60)))" --json \
    >"$work/$name.json" 2>"$work/$name.err" &
  jobs_started+=("$!")
  loads+=("$!")
}
working() {
  for ((i = 0; i < 300; i++)); do
    grep -qs 'clients are connected' "$work/$1.err" && return
    sleep 0.1
  done
  fail "the clients do not get connected: $(tail -n 3 "$work/$1.err")"
}
loads=()
load proxied "127.0.0.1:$entry"
load several "127.0.1.1:$port" "127.0.1.2:$port" "127.0.1.3:$port"
working proxied
working several
say "$clients clients work through HAProxy, $clients know all addresses; node 1 is killed"
kill -KILL "${pids[1]}"
for load in "${loads[@]}"; do
  wait "$load" || fail "the clients have failed: $(cat "$work"/*.err)"
done
proxied=$(field "$work/proxied.json" silenceP99) several=$(field "$work/several.json" silenceP99)
say "99 % of them had an answer again within ${proxied%.*} ms and ${several%.*} ms"

# A node is frozen: its kernel accepts connections, and the program does not answer.
loads=()
load frozen "127.0.0.1:$entry"
working frozen
say 'node 3 is frozen'
kill -STOP "${pids[3]}"
wait "${loads[0]}" || fail "the clients have failed: $(cat "$work/frozen.err")"
frozen=$(field "$work/frozen.json" silenceP99)
say "99 % of them had an answer again within ${frozen%.*} ms"
kill -CONT "${pids[3]}"

# 3. A server is lost with all its state, and restored from its backup.
if [ -z "$backup" ]; then
  "$netproto" backup-key --to "$work/backup.key" >"$work/recipient"
  identity=$work/backup.key
  began=$(now)
  "$netproto" backup --to "$work/backups" --configuration "$work/etc2" --state "$work/state2" --recipient-file "$work/recipient" --json >"$work/backup.json"
  backing_up=$(since "$began")
  backup=$(field "$work/backup.json" path)
  origin='made by the drill'
  before=$(serial "127.0.1.2:$port") || fail 'node 2 does not speak TLS'
  audited=$(stat --format %s "$work/state2/audit.jsonl")
  kill -KILL "${pids[2]}"
  mkdir "$work/lost"
  mv "$work/etc2" "$work/lost/etc"
  mv "$work/state2" "$work/lost/state"
else
  origin='given'
  backing_up=''
fi
say "a server is lost; $backup is restored"
lost=$(now)
"$netproto" restore "$backup" --identity-file "$identity" --into "$work/new" --json >"$work/restore.json" || fail "the backup was not restored"
restoring=$(since "$lost")
created=$(field "$work/restore.json" created)
for file in fullchain.pem privkey.pem; do
  [ -f "$work/new/configuration/tls/$file" ] || fail "the backup holds no tls/$file"
done
start restored "$work/new/configuration" "$work/new/state" 127.0.1.4
ready "http://127.0.1.4:$health" 600 || fail "the restored server does not get ready: $(tail -n 3 "$work/restored.log")"
answer=$("$netproto" echo "127.0.1.4:$port" back --insecure 2>"$work/echo.err") || true
recovery=$(since "$lost")

# 4. The restored server is compared with the lost one.
wrong=()
differs() { wrong+=("$1"); }
[ "$answer" = back ] || differs "the restored server does not answer: $(tail -n 1 "$work/echo.err")"
serving=$(serial "127.0.1.4:$port") || serving='none, as it does not speak TLS'
[ "$serving" = "$(openssl x509 -in "$work/new/configuration/tls/fullchain.pem" -noout -serial)" ] || differs 'another certificate is served than the restored one'
if [ "$origin" = 'made by the drill' ]; then
  [ "$serving" = "$before" ] || differs 'another certificate is served than before the loss'
  diff -r "$work/lost/etc" "$work/new/configuration" >"$work/diff" || differs "the configuration differs: $(head -n 1 "$work/diff")"
  cmp --silent --bytes "$audited" "$work/lost/state/audit.jsonl" "$work/new/state/audit.jsonl" || differs 'the audit log differs'
  curl --silent "http://127.0.1.4:$health/metrics" >"$work/metrics" || true
  grep -qx 'connections_limit 12345' "$work/metrics" || differs 'the settings are not those that were saved'
fi
[ "${proxied%.*}" -le 6000 ] || differs "through HAProxy 99 % of the clients had an answer again after ${proxied%.*} ms, not within 6000"
[ "${frozen%.*}" -le 6000 ] || differs "with a node frozen 99 % of the clients had an answer again after ${frozen%.*} ms, not within 6000"
[ "${several%.*}" -le 1000 ] || differs "with several addresses 99 % of the clients had an answer again after ${several%.*} ms, not within 1000"

# 5. An edge loses its disk while its hub is away: what the hub has not stored yet is gone with it, and nothing else.
metric() { curl --silent --max-time 2 "http://$1:$health/metrics" | sed -n "s/^$2 //p"; }
has() { # an address, a metric, its value, and how many tenths of a second to wait for it
  local i
  for ((i = 0; i < $4; i++)); do
    [ "$(metric "$1" "$2")" != "$3" ] || return 0
    sleep 0.1
  done
  return 1
}
start_hub() {
  start hub "$work/etc-edge" "$work/state-hub" 127.0.1.5 --NetworkProtocol:Hub:Store=Sqlite --NetworkProtocol:Hub:AllowUnauthenticatedSources=true
  hub=$started
}
start_edge() {
  start edge "$work/etc-edge" "$work/state-edge" 127.0.1.6 --NetworkProtocol:Edge:HubAddress="127.0.1.5:$port" --NetworkProtocol:Edge:CaPath="$work/crt" \
    --NetworkProtocol:Edge:Source=drill --NetworkProtocol:Edge:LocalSocket="$work/sensor.sock"
  edge=$started
}
are_ready() {
  local address
  for address in "$@"; do
    ready "http://$address:$health" 600 || fail "$address does not get ready: $(tail -n 3 "$work/hub.log" "$work/edge.log")"
  done
}
publish() { # the first number and the last
  seq -f 'drill/number %.0f' "$1" "$2" | "$netproto" publish "unix:$work/sensor.sock" >"$work/published" || fail "the edge takes no messages: $(tail -n 3 "$work/edge.log")"
}
lose() {
  kill -KILL "$edge" 2>/dev/null || true # it may have been killed before
  lost_edge=$(now)
  rm -rf "$work/state-edge"
}
mkdir -p "$work/etc-edge/tls" "$work/state-hub" "$work/state-edge"
cp "$work/crt" "$work/etc-edge/tls/fullchain.pem"
cp "$work/key" "$work/etc-edge/tls/privkey.pem"
start_hub
start_edge
are_ready 127.0.1.5 127.0.1.6
publish 1 200
has 127.0.1.5 hub_messages_total 200 300 || fail "the hub has not stored 200 messages: $(tail -n 3 "$work/edge.log")"
# A backup with messages that the edge does not know to be at the hub yet would send them again.
has 127.0.1.6 edge_buffer_messages 0 300 || fail 'the edge does not know that the hub has its messages'
"$netproto" backup-key --to "$work/edge.key" >"$work/edge.recipient"
"$netproto" backup --to "$work/edge-backups" --configuration "$work/etc-edge" --state "$work/state-edge" --recipient-file "$work/edge.recipient" --json >"$work/edge-backup.json"
publish 201 300
has 127.0.1.5 hub_messages_total 300 300 || differs 'the hub has not stored 300 messages of the edge'
has 127.0.1.6 edge_buffer_messages 0 300 || fail 'the edge does not know that the hub has its messages'
kill -KILL "$hub"
publish 301 350 # which only the edge has
kept=$(metric 127.0.1.6 edge_buffer_messages)
say "an edge loses its disk with $kept messages, and is restored from its backup"
kill -KILL "$edge" # else it sends them as soon as the hub is back
start_hub
are_ready 127.0.1.5
lose
"$netproto" restore "$(field "$work/edge-backup.json" path)" --identity-file "$work/edge.key" --into "$work/new-edge" >/dev/null || fail 'the backup of the edge was not restored'
mv "$work/new-edge/state" "$work/state-edge"
start_edge
are_ready 127.0.1.6
publish 351 360
has 127.0.1.5 hub_messages_total 10 300 || differs 'the hub has not stored exactly what the restored edge has published'
restored_edge=$(since "$lost_edge")
say 'it loses its disk again, and gets an empty one'
lose
start_edge
are_ready 127.0.1.6
publish 361 370
has 127.0.1.5 hub_messages_total 20 300 || differs 'the hub has not stored exactly what the edge with a new disk has published'
new_edge=$(since "$lost_edge")
[ "$kept" = 50 ] || differs "the edge had $kept messages that the hub did not have, and not 50"

# 6. The report.
date_of() { date --utc --date "@$(($1 / 1000000000))" '+%Y-%m-%d %H:%M UTC'; }
{
  echo "# Drill of $(date_of "$lost")"
  echo
  echo "$(nproc) processors, $(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo) GiB, $(uname -sm); $(haproxy -v | head -n 1 | cut -d' ' -f1-3)."
  echo "$clients clients through HAProxy and $clients that know all addresses, one request at a time each, for $seconds s; three nodes."
  echo
  echo '| | measured | target |'
  echo '|---|---|---|'
  echo "| a node killed: 99 % of clients have an answer again, through HAProxy | ${proxied%.*} ms | 6000 ms |"
  echo "| the same, clients that know several addresses | ${several%.*} ms | 1000 ms |"
  echo "| a node frozen: 99 % of clients have an answer again, through HAProxy | ${frozen%.*} ms | 6000 ms |"
  echo "| requests that failed when it was killed, of those answered | $(field "$work/proxied.json" failed) of $(field "$work/proxied.json" answered), $(field "$work/several.json" failed) of $(field "$work/several.json" answered) | those that the node had |"
  [ -z "$backing_up" ] || echo "| backup made and verified | $backing_up ms, $(field "$work/backup.json" size) bytes | |"
  echo "| backup checked and restored ($origin, $(field "$work/restore.json" files) files) | $restoring ms | |"
  echo "| **RTO**: from the loss until the restored server answers | $recovery ms | |"
  echo "| **RPO**: what was written since the backup is lost; it was so old | $(((lost / 1000000000) - $(date --date "$created" +%s))) s | the timer's interval, a day |"
  echo "| an edge's disk lost: messages that are gone, of 350 | $kept | those that the hub had not stored yet |"
  echo "| the edge restored from its backup: from the loss until its new messages are at the hub | $restored_edge ms | |"
  echo "| the edge with an empty disk: the same | $new_edge ms | |"
  echo
  if [ ${#wrong[@]} -eq 0 ]; then
    echo 'Good: certificate, configuration, audit log and settings are those that were saved, and the server serves; the edge goes on.'
  else
    printf 'NOT GOOD: %s.\n' "${wrong[@]}"
  fi
} >"$report"
[ ${#wrong[@]} -eq 0 ] || fail "NOT GOOD: $(printf '%s. ' "${wrong[@]}")"
