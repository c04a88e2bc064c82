#!/bin/bash
# The life of the service under a real systemd, from its installation to its removal. boot.sh runs it.
set -uo pipefail

failed=0 checks=0
check() { # what is held, and a command that is true if it holds
  checks=$((checks + 1))
  if "${@:2}" >/run/out/last 2>&1; then
    echo "good    $1"
  else
    failed=$((failed + 1))
    echo "FAILED  $1"
    tail -n 15 /run/out/last
    journalctl --unit network-protocol --output cat --lines 8 --no-pager
  fi
}
eventually() { # within ten seconds: a server that is not told looks at its files each five
  for _ in $(seq 100); do
    if "$@"; then return; fi
    sleep 0.1
  done
  return 1
}
property() { systemctl show network-protocol --property "$1" --value; }
is() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
ready() { is "$(curl --silent --max-time 5 http://127.0.0.1:8080/ready)" READY; }
echoes() { is "$(netproto echo localhost:8443 hello --ca /etc/network-protocol/tls/fullchain.pem)" hello; }
serial() { openssl s_client -connect localhost:8443 </dev/null 2>/dev/null | openssl x509 -noout -serial; }
new_pair() { # for localhost, in place of what is there
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout /run/key -out /run/chain 2>/dev/null
  install -m 0640 -o root -g netprotocol /run/key /etc/network-protocol/tls/privkey.pem
  install -m 0640 -o root -g netprotocol /run/chain /etc/network-protocol/tls/fullchain.pem
}
serves_the_new_pair() { is "$(serial)" "$(openssl x509 -in /run/chain -noout -serial)"; }
signs_in() {
  local link page form
  link=$(journalctl --unit network-protocol --output cat | sed -n 's/.*Console *\(http[^ ]*\).*/\1/p' | tail -n 1)
  page=$(curl --silent --cookie-jar /run/jar "$link")
  form=$(grep -o '<input type="hidden" name="[^"]*" value="[^"]*"' <<<"$page" | sed 's/.*name="\([^"]*\)" value="\([^"]*\)"/--data-urlencode \1=\2/')
  # shellcheck disable=SC2086 # one argument a word
  is "$(curl --silent --cookie /run/jar --cookie-jar /run/jar --output /dev/null --write-out '%{http_code}' $form http://localhost:8080/sign-in/link)" 302
}
under_load() { # a command, while clients work none of whose requests may fail
  netproto bench localhost:8443 --ca /etc/network-protocol/tls/fullchain.pem --reconnect --connections 40 --duration 00:03:00 --timeout "${patience:-00:00:05}" --json >/run/bench 2>/run/bench.err &
  local load=$! result=0
  until grep -qs 'clients are connected' /run/bench.err; do
    kill -0 $load || return 1
    sleep 0.1
  done
  "$@" || result=1
  sleep 1
  kill -TERM $load
  wait $load
  cat /run/bench
  [ $result = 0 ] && grep -q '"failed":0[,}]' /run/bench
}
restarts_three_times() {
  for _ in 1 2 3; do
    systemctl restart network-protocol || return 1
    sleep 1
  done
}
restarts_often() { # and is not stopped for it
  for _ in 1 2 3 4 5 6; do
    network-protocol-restart || return 1
  done
  ready
}
setting() { # of the file: a name of the section Server, and its value
  sed -i "/\"Server\": {/a \"$1\": $2," /etc/network-protocol/appsettings.json
}
mend() { sed -i "/$1/d" /etc/network-protocol/appsettings.json; }
refuses() { # a command that must fail, name what is wrong, and leave the process, the program and the port as they are
  local text=$1 before current said
  before=$(property MainPID) current=$(readlink /opt/network-protocol/current)
  if said=$("${@:2}" 2>&1); then return 1; fi
  echo "$said"
  grep -q "$text" <<<"$said" && is "$(property MainPID)" "$before" && is "$(readlink /opt/network-protocol/current)" "$current" && ready && echoes
}
refuses_a_wrong_setting() {
  setting MaxConnections '"many"'
  refuses 'MaxConnections = many' "$@"
  local result=$?
  mend MaxConnections
  return $result
}
refuses_a_wrong_variable_of_a_drop_in() {
  mkdir -p /etc/systemd/system/network-protocol.service.d
  printf '[Service]\nEnvironment=NetworkProtocol__Server__ShutdownTimeout=soon\n' >/etc/systemd/system/network-protocol.service.d/variable.conf
  refuses 'ShutdownTimeout = soon' network-protocol-restart
  local result=$?
  rm /etc/systemd/system/network-protocol.service.d/variable.conf
  return $result
}
refuses_a_wrong_secret() {
  local file=/etc/network-protocol/credentials/NetworkProtocol__Admin__Password
  echo 'no hash' >$file
  refuses 'Admin:Password' network-protocol-restart
  local result=$?
  : >$file
  return $result
}
keeps_the_port_for_a_wrong_setting() { # that a plain restart has brought in: one start, no loop, and all is well once it is mended
  local began
  setting MaxConnections '"many"'
  began=$(date '+%Y-%m-%d %H:%M:%S')
  if systemctl restart network-protocol; then return 1; fi
  for _ in $(seq 10); do # clients that come
    timeout 2 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8443' || return 1
    sleep 0.5
  done
  is "$(property ActiveState) $(property NRestarts)" 'failed 0' && systemctl is-active network-protocol.socket \
    && is "$(journalctl --unit network-protocol --since "$began" --output cat | grep -c 'MaxConnections = many')" 1 || return 1
  mend MaxConnections
  (sleep 1; systemctl start network-protocol) &
  is "$(netproto echo localhost:8443 hello --ca /etc/network-protocol/tls/fullchain.pem --timeout 00:00:30)" hello && ready # came while it was away
}
variant() { # of the published program, that checks settings as it should, and then does what is told
  rm -rf /run/variant && cp -R /run/published /run/variant && mv /run/variant/NetworkProtocol.Web /run/variant/real
  cat >/run/variant/NetworkProtocol.Web <<TEXT
#!/bin/sh
case "\$*" in *--check-config*) exec "\$(dirname "\$0")/real" "\$@" ;; esac
$1
TEXT
  chmod +x /run/variant/NetworkProtocol.Web
}
runs_from() { is "$(readlink "/proc/$(property MainPID)/exe")" "/opt/network-protocol/$1/NetworkProtocol.Web"; }
upgrades() {
  local before
  before=$(readlink /opt/network-protocol/current)
  /run/deploy/systemd/install.sh /run/published && [ "$(readlink /opt/network-protocol/current)" != "$before" ] \
    && runs_from "$(readlink /opt/network-protocol/current)" && [ -x "/opt/network-protocol/$before/NetworkProtocol.Web" ]
}
goes_back() { # when the new program does not become ready
  local before
  before=$(readlink /opt/network-protocol/current)
  variant "$1"
  if /run/deploy/systemd/install.sh /run/variant; then return 1; fi
  is "$(readlink /opt/network-protocol/current)" "$before" && runs_from "$before" && ready && systemctl is-active network-protocol.socket
}
goes_back_from_one_that_hangs() {
  mkdir -p /etc/systemd/system/network-protocol.service.d
  printf '[Service]\nTimeoutStartSec=20\n' >/etc/systemd/system/network-protocol.service.d/patience.conf
  goes_back 'exec sleep 600'
  local result=$?
  rm /etc/systemd/system/network-protocol.service.d/patience.conf
  systemctl daemon-reload
  return $result
}
keeps_three_versions() {
  upgrades && upgrades && upgrades && is "$(find /opt/network-protocol/versions -mindepth 1 -maxdepth 1 | wc -l)" 3
}
is_started_anew() { # when it falls silent
  local before
  mkdir -p /etc/systemd/system/network-protocol.service.d
  printf '[Service]\nWatchdogSec=3\n' >/etc/systemd/system/network-protocol.service.d/watchdog.conf
  systemctl daemon-reload && systemctl restart network-protocol
  before=$(property MainPID)
  kill -STOP "$before"
  for _ in $(seq 150); do
    [ "$(property MainPID)" != "$before" ] && [ "$(property ActiveState)" = active ] && break
    sleep 0.1
  done
  rm /etc/systemd/system/network-protocol.service.d/watchdog.conf
  systemctl daemon-reload
  is "$(property NRestarts)" 1 && ready
}
warned() { journalctl _SYSTEMD_UNIT=network-protocol.service --priority warning --output cat | grep "$1"; }
keeps_the_old_pair() { # when the new one is broken, and says so with the level of a warning or worse
  local before
  before=$(serial)
  echo 'no key' >/etc/network-protocol/tls/privkey.pem
  systemctl reload network-protocol
  eventually warned privkey.pem && is "$(serial)" "$before"
}
answers_challenges() {
  mkdir -p /etc/systemd/system/network-protocol.service.d
  cp /run/deploy/systemd/network-protocol.service.d/challenge.conf /etc/systemd/system/network-protocol.service.d/
  systemctl daemon-reload && systemctl restart network-protocol || return 1
  mkdir -p /var/lib/letsencrypt/webroot/.well-known/acme-challenge
  echo token.thumbprint >/var/lib/letsencrypt/webroot/.well-known/acme-challenge/token
  is "$(curl --silent http://127.0.0.1/.well-known/acme-challenge/token)" token.thumbprint
}
takes_messages_of_sensors() { # as an edge that is its own hub, with both drop-ins
  local folder=/etc/systemd/system/network-protocol.service.d tls=/etc/network-protocol/tls
  cp /run/deploy/systemd/network-protocol.service.d/edge.conf /run/deploy/systemd/network-protocol.service.d/hub.conf "$folder"
  printf '[Service]\nEnvironment=NetworkProtocol__%s\n' "Edge__HubAddress=localhost:8443" "Edge__CaPath=$tls/fullchain.pem" \
    "Edge__CertificatePath=$tls/fullchain.pem" "Edge__KeyPath=$tls/privkey.pem" "Server__Tls__ClientCaPath=$tls/fullchain.pem" \
    "Server__Tls__ClientCertificates=Optional" >"$folder/zz-test.conf"
  systemctl daemon-reload && systemctl restart network-protocol || return 1
  is "$(stat --format '%U %G %a' /run/network-protocol/sensor.sock)" 'netprotocol sensors 660' || return 1
  if setpriv --reuid nobody --regid nogroup --clear-groups netproto publish unix:/run/network-protocol/sensor.sock room1/temperature 1; then return 1; fi
  setpriv --reuid nobody --regid nogroup --groups sensors netproto publish unix:/run/network-protocol/sensor.sock room1/temperature 21.5 && eventually is_stored
}
is_stored() { curl --silent http://127.0.0.1:8080/metrics | grep -qx 'hub_messages_total 1'; }
backs_up() {
  mkdir -p /var/lib/prometheus/node-exporter
  echo 'BACKUP_OPTIONS=--metrics /var/lib/prometheus/node-exporter/backup.prom' >/etc/network-protocol/backup.env
  netproto backup-key --to /run/backup.key >/etc/network-protocol/backup.recipient && systemctl start network-protocol-backup \
    && netproto restore /var/backups/network-protocol/*.age --identity-file /run/backup.key --into /run/restored \
    && diff -r /etc/network-protocol /run/restored/configuration && [ -s /run/restored/state/hub.db ] && [ -s /run/restored/state/edge/buffer.db ] \
    && [ -z "$(find /run/restored -name '*-wal')" ] && is "$(stat --format %a /var/lib/prometheus/node-exporter/backup.prom)" 644
}
survives_a_loss() { # of all that it knew; install.sh then finds what was restored
  systemctl stop network-protocol network-protocol.socket
  rm -rf /etc/network-protocol /var/lib/network-protocol
  netproto restore /var/backups/network-protocol/*.age --identity-file /run/backup.key && /run/deploy/systemd/install.sh /run/published && ready && echoes
}
is_gone() { ! systemctl cat network-protocol && ! [ -e /opt/network-protocol ] && [ -e /etc/network-protocol/appsettings.json ]; }

check 'install.sh installs and starts it' /run/deploy/systemd/install.sh /run/published
check 'it is up, as /ready says' ready
check 'it runs as netprotocol' is "$(property User)" netprotocol
check 'its socket is systemd'\''s' systemctl is-active network-protocol.socket
new_pair
check 'a reload is told to the end' systemctl reload network-protocol
check 'and serves the new certificate' eventually serves_the_new_pair
check 'TLS and an echo' echoes
check 'the local socket' is "$(netproto echo unix:/run/network-protocol/protocol.sock hello)" hello
check 'signing in to the console' signs_in
check 'its exposure is 2.0 or less' sh -c 'systemd-analyze security --no-pager --threshold=20 network-protocol >/dev/null'
check 'three restarts under load fail no request' under_load restarts_three_times
check 'six restarts in a row' restarts_often
patience=00:00:20 # a new program's first start reads all of it from the disk
check 'an upgrade under load fails no request' under_load upgrades
check 'one that crashes is taken back under load and fails no request' under_load goes_back 'exit 3'
unset patience
check 'one that does not get ready is taken back' goes_back_from_one_that_hangs
check 'one that does not accept the settings is not installed' refuses_a_wrong_setting /run/deploy/systemd/install.sh /run/published
check 'a restart with a wrong setting is refused' refuses_a_wrong_setting network-protocol-restart
check 'with a wrong variable of a drop-in' refuses_a_wrong_variable_of_a_drop_in
check 'with a wrong secret' refuses_a_wrong_secret
check 'a plain restart with a wrong setting keeps the port and is no loop' keeps_the_port_for_a_wrong_setting
check 'three versions are kept' keeps_three_versions
check 'a frozen one is started anew by the watchdog' is_started_anew
check 'no error in the journal so far' sh -c '! journalctl _SYSTEMD_UNIT=network-protocol.service --priority err --output cat | grep .'
check 'a broken certificate is a warning there' keeps_the_old_pair
new_pair
check 'challenges on port 80 with the drop-in' answers_challenges
check 'its exposure with the drop-in is 2.0 or less' sh -c 'systemd-analyze security --no-pager --threshold=20 network-protocol >/dev/null'
check 'messages of sensors, and of nobody else, with the drop-ins of edge and hub' takes_messages_of_sensors
check 'its exposure with them is 2.0 or less' sh -c 'systemd-analyze security --no-pager --threshold=20 network-protocol >/dev/null'
check 'a backup by its unit, restored' backs_up
check 'the timer is set' systemctl is-active network-protocol-backup.timer
check 'the loss of everything' survives_a_loss
check 'a stop drains' systemctl stop network-protocol
check 'and ends well' is "$(property Result) $(property ExecMainStatus)" 'success 0'
check 'uninstall.sh' /run/deploy/systemd/uninstall.sh
check 'leaves no program and keeps the settings' is_gone
check 'uninstall.sh --purge' /run/deploy/systemd/uninstall.sh --purge
check 'keeps the backups alone' sh -c '[ ! -e /etc/network-protocol ] && ls /var/backups/network-protocol/*.age'
echo "$checks checks, $failed failed"
[ $failed -eq 0 ]
