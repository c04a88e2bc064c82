#!/bin/sh
# certbot's deploy hook: installs a renewed certificate and its key as a pair, and makes the server reload.
#
# A pair is a folder of its own, and the link "current" leads to the pair in use. So one rename replaces certificate and key, and even a
# server that starts after a power cut finds both of the same pair.
set -eu

usage() {
  cat <<'TEXT'
usage: deploy-hook.sh [FOLDER]
  FOLDER     holds fullchain.pem and privkey.pem; without it RENEWED_LINEAGE does, which certbot sets

  A pair that does not load, does not belong together, has expired, or that the server would refuse, as one with a weak key, is refused,
  and the one before stays in use.
  In the environment:
  TLS_DIR    where the server looks for fullchain.pem and privkey.pem  (/etc/network-protocol/tls)
  OWNER      who owns them, as user:group; the group reads them        (root:netprotocol)
  PROGRAM    the server's program, which looks at the pair, too        (/opt/network-protocol/current/NetworkProtocol.Web)
  RELOAD     the command that lets the server reload                   (systemctl try-reload-or-restart network-protocol.service)
  METRICS    where node_exporter's textfile collector reads whether it went well; nothing is written if its folder is not there
             (/var/lib/prometheus/node-exporter/network-protocol-certificate.prom)
TEXT
}

say() { echo "deploy-hook.sh: $*" >&2; }
refuse() { say "$*: nothing was changed"; exit 1; }

case ${1:-} in
  -h | --help) usage; exit 0 ;;
  -*) say "no such option: $1"; usage >&2; exit 2 ;;
esac
lineage=${1:-${RENEWED_LINEAGE:-}}
tls=${TLS_DIR:-/etc/network-protocol/tls}
owner=${OWNER:-root:netprotocol}
program=${PROGRAM:-/opt/network-protocol/current/NetworkProtocol.Web}
reload=${RELOAD:-systemctl try-reload-or-restart network-protocol.service}
metrics=${METRICS:-/var/lib/prometheus/node-exporter/network-protocol-certificate.prom}
[ -n "$lineage" ] || { usage >&2; exit 2; }

# certbot ends with 0 although its hook has failed, so the hook reports its result to Prometheus.
tell() {
  [ -d "${metrics%/*}" ] || return 0
  cat >"$metrics.partial" <<TEXT
# HELP netproto_certificate_hook_successful Whether the last deploy hook has installed the certificate and let the server reload.
# TYPE netproto_certificate_hook_successful gauge
netproto_certificate_hook_successful $1
TEXT
  chmod 0644 "$metrics.partial" && mv -f "$metrics.partial" "$metrics"
}
unused=
finish() {
  if [ $? -eq 0 ]; then successful=1; else successful=0; fi
  [ -z "$unused" ] || rm -rf "$unused"
  tell "$successful" || say "METRICS = $metrics: cannot be written"
}
trap finish EXIT
[ -d "$tls" ] || refuse "TLS_DIR = $tls: no such folder"

# Checks a copy that nobody else can change.
check() {
  unreadable="$lineage/fullchain.pem holds no certificate that can be read"
  openssl crl2pkcs7 -nocrl -certfile "$1/fullchain.pem" -out /dev/null 2>/dev/null || refuse "$unreadable"
  of_certificate=$(openssl x509 -in "$1/fullchain.pem" -noout -pubkey 2>/dev/null) || refuse "$unreadable"
  of_key=$(openssl pkey -in "$1/privkey.pem" -passin pass: -pubout 2>/dev/null) ||
    refuse "$lineage/privkey.pem holds no key that can be read without a passphrase"
  [ "$of_certificate" = "$of_key" ] || refuse "$lineage: the key does not belong to the first certificate of fullchain.pem"
  openssl x509 -in "$1/fullchain.pem" -noout -checkend 0 >/dev/null || refuse "$lineage/fullchain.pem has expired"
}

# Refuses a pair that the server would refuse: the program checks it as at a start, with handshakes in memory.
judge() {
  if [ ! -x "$program" ]; then
    say "PROGRAM = $program: is not there, so openssl alone has looked at the pair"
    return
  fi
  said=$(cd "$1" && timeout 120 "$program" --check-config --NetworkProtocol:Server:Tls:Mode=Required \
    "--NetworkProtocol:Server:Tls:CertificatePath=$1/fullchain.pem" "--NetworkProtocol:Server:Tls:KeyPath=$1/privkey.pem" 2>&1 >/dev/null) ||
    refuse "$(printf '%s\n' "${said:-$program --check-config ended with $? and gave no reason}" | sed "s|$1/|$lineage/|g")"
  [ -z "$said" ] || say "$(printf '%s\n' "$said" | sed "s|$1/|$lineage/|g")"
}

# One rename: a reader finds the old pair or the new one.
link() {
  ln -sfn "$1" "$tls/.$2.new"
  mv -fT "$tls/.$2.new" "$tls/$2"
}

seal() {
  chown -R "$owner" "$1"
  chmod 0750 "$1"
  chmod 0640 "$1/fullchain.pem" "$1/privkey.pem"
  sync "$1/fullchain.pem" "$1/privkey.pem" "$1"
}

is_linked() {
  [ "$(readlink "$tls/fullchain.pem")" = current/fullchain.pem ] && [ "$(readlink "$tls/privkey.pem")" = current/privkey.pem ]
}

copy() {
  for file in fullchain.pem privkey.pem; do
    cat "$1/$file" >"$2/$file" 2>/dev/null || refuse "$1/$file cannot be read"
  done
}

umask 077
exec 9<"$tls"
flock 9 # a renewal by hand and one by the timer
new=$(mktemp -d "$tls/pair.XXXXXX")
unused=$new
copy "$lineage" "$new"
check "$new"

if is_linked && cmp -s "$new/fullchain.pem" "$tls/current/fullchain.pem" && cmp -s "$new/privkey.pem" "$tls/current/privkey.pem"; then
  echo "$lineage is installed already"
else
  judge "$new"
  seal "$new"
  unused= # from here on it may be in use
  if ! is_linked && [ -f "$tls/fullchain.pem" ] && [ -f "$tls/privkey.pem" ]; then
    # The files were installed by hand: they become a pair, too, so that the two links below change nothing yet.
    old=$(mktemp -d "$tls/pair.XXXXXX")
    copy "$tls" "$old"
    seal "$old"
    link "${old##*/}" current
  fi
  [ -L "$tls/current" ] || link "${new##*/}" current
  link current/fullchain.pem fullchain.pem
  link current/privkey.pem privkey.pem
  previous=$(readlink "$tls/current")
  [ "$previous" = "${new##*/}" ] || link "$previous" previous
  link "${new##*/}" current
  echo "installed $(openssl x509 -in "$tls/current/fullchain.pem" -noout -serial -enddate | paste -sd' ')"
fi

if ! sh -c "$reload"; then
  say "installed, but this failed: $reload"
  exit 1
fi

# The previous pair stays for a rollback; older keys are removed.
for pair in "$tls"/pair.*; do
  case ${pair##*/} in
    "$(readlink "$tls/current")" | "$(readlink "$tls/previous" || true)") ;;
    *) rm -rf "$pair" ;;
  esac
done
