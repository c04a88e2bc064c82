#!/bin/bash
# Installs what publish.sh has made as a service of systemd. Run again, it installs the newer program and changes nothing else:
# configuration, certificates and secrets that are there stay as they are.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: install.sh [--root FOLDER] [--no-start] PUBLISHED
  PUBLISHED        the folder that deploy/publish.sh has made
  --root FOLDER    install below FOLDER, as for an image: nothing is started
  --no-start       install and enable, start nothing
TEXT
}

root='' start=yes published=''
while [ $# -gt 0 ]; do
  case $1 in
    --root) root=${2:?--root needs a folder}; root=${root%/}; start=no; shift ;;
    --no-start) start=no ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "install.sh: no such option: $1" >&2; usage >&2; exit 2 ;;
    *) published=$1 ;;
  esac
  shift
done
here=$(cd "$(dirname "$0")" && pwd)
[ -n "$published" ] || { usage >&2; exit 2; }
[ -f "$published/NetworkProtocol.Web.dll" ] || { echo "install.sh: $published holds no NetworkProtocol.Web.dll: run deploy/publish.sh first" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo 'install.sh: must be run by root' >&2; exit 1; }

install -D -m 0644 "$here/network-protocol.sysusers.conf" "$root/usr/lib/sysusers.d/network-protocol.conf"
mkdir -p "$root/etc"
systemd-sysusers ${root:+--root="$root"} network-protocol.conf
group=$(sed -n 's/^netprotocol:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group")

# The program: whole, then exchanged, so that a copy that was cut off is never started.
program=$root/opt/network-protocol
rm -rf "$program.new" "$program.old"
mkdir -p "$program.new"
cp -R "$published/." "$program.new/"
chown -R root:root "$program.new"
chmod -R u=rwX,go=rX "$program.new"
if [ -d "$program" ]; then
  mv "$program" "$program.old"
fi
mv "$program.new" "$program"
rm -rf "$program.old"
if [ -x "$program/netproto/netproto" ]; then
  mkdir -p "$root/usr/local/bin"
  ln -sfn /opt/network-protocol/netproto/netproto "$root/usr/local/bin/netproto"
fi

# Configuration: the service may read it and not write it; what is there stays.
settings=$root/etc/network-protocol
install -d -m 0750 -o root -g "$group" "$settings" "$settings/tls"
install -d -m 0700 -o root -g root "$settings/credentials"
if [ -e "$settings/appsettings.json" ]; then
  chgrp "$group" "$settings/appsettings.json"
else
  install -m 0640 -o root -g "$group" "$here/appsettings.json" "$settings/appsettings.json"
fi
password=$settings/credentials/NetworkProtocol__Admin__Password
[ -e "$password" ] || install -m 0600 /dev/null "$password"
if [ ! -e "$settings/tls/fullchain.pem" ]; then
  name=$(hostname -f 2>/dev/null || hostname)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
    -keyout "$settings/tls/privkey.pem" -out "$settings/tls/fullchain.pem" 2>/dev/null
  echo "A self-signed certificate for $name was made: clients will not trust it. See docs/operations/certificates.md." >&2
fi
chown "root:$group" "$settings"/tls/*.pem
chmod 0640 "$settings"/tls/*.pem

# Backups, root's alone: nothing is made before there is somebody who can read it, see docs/operations/backup.md.
install -d -m 0700 -o root -g root "$root/var/backups/network-protocol"

# Units: the owner's changes belong into drop-ins (systemctl edit), which stay.
for unit in network-protocol.service network-protocol.socket network-protocol-backup.service network-protocol-backup.timer; do
  install -D -m 0644 "$here/$unit" "$root/etc/systemd/system/$unit"
done
systemctl ${root:+--root="$root"} enable --quiet network-protocol.socket network-protocol.service network-protocol-backup.timer
if [ -d /run/systemd/system ] && [ -z "$root" ]; then
  systemctl daemon-reload
fi
if [ $start = yes ]; then
  systemctl start network-protocol.socket
  systemctl restart network-protocol.service
  systemctl start network-protocol-backup.timer
  echo 'network-protocol runs. The way into the console: journalctl -u network-protocol | grep Console'
else
  echo 'network-protocol is installed.'
fi
