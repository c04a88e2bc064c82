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
for tool in openssl systemctl systemd-sysusers; do
  command -v "$tool" >/dev/null || { echo "install.sh: $tool is not installed" >&2; exit 1; }
done
if [ ! -e "$published/libhostpolicy.so" ] && [ ! -d /usr/share/dotnet ] && [ ! -d /usr/lib/dotnet ] && [ ! -e /etc/dotnet/install_location ]; then
  echo 'install.sh: the program needs the ASP.NET Core 10 runtime in /usr/share/dotnet; or publish it with -r linux-x64 --self-contained' >&2
  exit 1
fi

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
# Also what a backup brought from a machine where the group had another number.
chown -R "root:$group" "$settings/tls"
chmod -R u=rwX,g=rX,o= "$settings/tls"

# Backups, root's alone: nothing is made before there is somebody who can read it, see docs/operations/backup.md.
install -d -m 0700 -o root -g root "$root/var/backups/network-protocol"

# Units: the owner's changes belong into drop-ins (systemctl edit), which stay.
# What the owner has switched off stays off: a unit is enabled once, when it is new.
for unit in network-protocol.socket network-protocol.service network-protocol-backup.service network-protocol-backup.timer; do
  new=no
  [ -e "$root/etc/systemd/system/$unit" ] || new=yes
  install -D -m 0644 "$here/$unit" "$root/etc/systemd/system/$unit"
  if [ $new = yes ] && [ $unit != network-protocol-backup.service ]; then
    systemctl ${root:+--root="$root"} enable --quiet "$unit"
  fi
done
if [ -d /run/systemd/system ] && [ -z "$root" ]; then
  systemctl daemon-reload
fi
if [ $start = yes ]; then
  if systemctl is-enabled --quiet network-protocol.socket && ! systemctl is-active --quiet network-protocol.socket; then
    systemctl stop network-protocol.service # which holds the port
    systemctl start network-protocol.socket
  fi
  systemctl restart network-protocol.service
  if systemctl is-enabled --quiet network-protocol-backup.timer; then
    systemctl start network-protocol-backup.timer
  fi
  echo 'network-protocol runs. The way into the console: journalctl -u network-protocol | grep Console'
else
  echo 'network-protocol is installed.'
fi
