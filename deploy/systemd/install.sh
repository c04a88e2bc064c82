#!/bin/bash
# Installs the output of publish.sh as a service of systemd. A further run installs the newer program and changes nothing else: existing
# configuration, certificates and secrets stay as they are. If a newer program does not accept the settings, or does not become ready, the
# script rolls back to the previous one.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: install.sh [--root FOLDER] [--no-start] PUBLISHED
  PUBLISHED        the folder that deploy/publish.sh has made
  --root FOLDER    install below FOLDER, as for an image: nothing is started
  --no-start       install and enable, start nothing
TEXT
}

# How many programs are kept: the one in use and those before it.
keep=3
# How long a restart may take, in seconds: TimeoutStopSec= and TimeoutStartSec= of the unit, one after the other.
patience=125

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
  echo 'install.sh: the program needs the ASP.NET Core 10 runtime in /usr/share/dotnet; deploy/publish.sh makes one that does not' >&2
  exit 1
fi

install -D -m 0644 "$here/network-protocol.sysusers.conf" "$root/usr/lib/sysusers.d/network-protocol.conf"
mkdir -p "$root/etc"
systemd-sysusers ${root:+--root="$root"} network-protocol.conf
live=no # whether systemd here runs what is installed
if [ -d /run/systemd/system ] && [ -z "$root" ]; then
  live=yes
fi
group=$(sed -n 's/^netprotocol:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group")

# The programs: one folder for each version, and a link to the one in use. One rename switches the link, so it always leads to a whole
# program.
program=$root/opt/network-protocol
install -d -m 0755 "$program" "$program/versions"
exec 9>"$program/.lock"
flock --nonblock 9 || { echo 'install.sh: another one is running' >&2; exit 1; }
use() {
  ln -sfn "$1" "$program/current.new"
  mv -T "$program/current.new" "$program/current"
}
previous=$(readlink "$program/current" || true)
version=versions/$(date --utc +%Y%m%dT%H%M%S.%3N)
rm -rf "$program/versions/.new"
cp -R "$published" "$program/versions/.new"
chown -R root:root "$program/versions/.new"
chmod -R u=rwX,go=rX "$program/versions/.new"
mv -T "$program/versions/.new" "$program/$version"

# Configuration: the service may read it and not write it; existing files stay.
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
# Also for files that a backup restored from a machine where the group had another number.
chown -R "root:$group" "$settings/tls"
chmod -R u=rwX,g=rX,o= "$settings/tls"

# Backups, readable only for root. No backup is made before it has a recipient, see docs/operations/backup.md.
install -d -m 0700 -o root -g root "$root/var/backups/network-protocol"

# Units: the operator's changes belong into drop-ins (systemctl edit), which stay.
units=(network-protocol.socket network-protocol-port.service network-protocol.service network-protocol-backup.service network-protocol-backup.timer
  network-protocol.service.d/socket.conf)
folder=$root/etc/systemd/system
upgrade=no
[ ! -e "$folder/network-protocol.service" ] || upgrade=yes
[ $upgrade = yes ] || use "$version"
saved=$(mktemp -d)
for unit in "${units[@]}"; do
  [ ! -e "$folder/$unit" ] || install -D -m 0644 "$folder/$unit" "$saved/$unit"
done

restarted=no
undo() { # where this upgrade fails or is stopped
  trap - EXIT
  if [ $upgrade = yes ]; then
    for unit in "${units[@]}"; do
      if [ -e "$saved/$unit" ]; then
        install -D -m 0644 "$saved/$unit" "$folder/$unit"
      else
        rm -f "$folder/$unit"
      fi
    done
    if [ -n "$previous" ]; then
      use "$previous"
    else
      rm -f "$program/current"
    fi
    [ $live = no ] || systemctl daemon-reload
    echo 'install.sh: the newer program is not installed; the one before is in use.' >&2
    [ $restarted = no ] || systemctl restart network-protocol.service || echo 'install.sh: it has not started either: journalctl -u network-protocol' >&2
    rm -rf "${program:?}/$version"
  fi
  rm -rf "$saved"
}
trap undo EXIT
trap 'exit 130' INT TERM

# A unit that the operator has disabled stays disabled: the script enables a unit once, when it is new.
for unit in "${units[@]}"; do
  case $unit in
    *.conf) continue ;;
  esac
  install -D -m 0644 "$here/$unit" "$folder/$unit"
  if [ ! -e "$saved/$unit" ] && grep -q '^\[Install\]' "$here/$unit"; then
    systemctl ${root:+--root="$root"} enable --quiet "$unit"
  fi
done
if systemctl ${root:+--root="$root"} is-enabled --quiet network-protocol.socket; then
  install -D -m 0644 "$here/network-protocol.service.d/socket.conf" "$folder/network-protocol.service.d/socket.conf"
else
  rm -f "$folder/network-protocol.service.d/socket.conf"
fi
install -D -m 0755 "$here/restart.sh" "$root/usr/local/sbin/network-protocol-restart"

# The new program checks the settings while the old one goes on running.
if [ $live = yes ]; then
  systemctl daemon-reload
  "$here/restart.sh" --check --program "$program/$version" >/dev/null
fi
use "$version"
if [ $start = yes ]; then
  if systemctl is-enabled --quiet network-protocol.socket && ! systemctl is-active --quiet network-protocol.socket; then
    systemctl stop network-protocol.service # which holds the port
    systemctl start network-protocol.socket
  fi
  restarted=yes
  timeout "$patience" systemctl restart network-protocol.service \
    || { echo "install.sh: the new program has not become ready: journalctl -u network-protocol" >&2; exit 1; }
  if systemctl is-enabled --quiet network-protocol-backup.timer; then
    systemctl start network-protocol-backup.timer
  fi
  echo 'network-protocol runs. The way into the console: journalctl -u network-protocol | grep Console'
else
  echo 'network-protocol is installed.'
fi
trap - EXIT
rm -rf "$saved"
if [ -x "$program/$version/netproto/netproto" ]; then
  mkdir -p "$root/usr/local/bin"
  ln -sfn /opt/network-protocol/current/netproto/netproto "$root/usr/local/bin/netproto"
fi

# Without a restart any of the versions may be the running program.
if [ $start = yes ] || [ $live = no ]; then
  # Files that earlier installers have put beside the versions are removed, too.
  find "$program" -mindepth 1 -maxdepth 1 ! -name versions ! -name current ! -name .lock -exec rm -rf {} +
  versions=("$program"/versions/*)
  for ((i = 0; i < ${#versions[@]} - keep; i++)); do
    rm -rf "${versions[i]}"
  done
fi
