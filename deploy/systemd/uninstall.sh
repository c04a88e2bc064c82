#!/bin/bash
# Removes the service and the program. Configuration, certificates, state and logs stay, unless --purge is given.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: uninstall.sh [--root FOLDER] [--purge]
  --root FOLDER    remove from below FOLDER, as from an image
  --purge          remove configuration, certificates, audit log, bans and logs, too
TEXT
}

root='' purge=no
while [ $# -gt 0 ]; do
  case $1 in
    --root) root=${2:?--root needs a folder}; root=${root%/}; shift ;;
    --purge) purge=yes ;;
    -h | --help) usage; exit 0 ;;
    *) echo "uninstall.sh: no such option: $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || { echo 'uninstall.sh: must be run by root' >&2; exit 1; }

# The socket first: a client that waits in its queue would start the service again.
units=(network-protocol-backup.timer network-protocol-backup.service network-protocol.socket network-protocol-port.service network-protocol.service)
for unit in "${units[@]}"; do
  [ -e "$root/etc/systemd/system/$unit" ] || continue
  if [ -d /run/systemd/system ] && [ -z "$root" ]; then
    systemctl disable --quiet --now "$unit"
  else
    systemctl ${root:+--root="$root"} disable --quiet "$unit"
  fi
  rm -f "$root/etc/systemd/system/$unit"
done
if [ -d /run/systemd/system ] && [ -z "$root" ]; then
  systemctl daemon-reload
fi
rm -rf "$root/opt/network-protocol" "$root/etc/systemd/system/network-protocol.service.d/socket.conf" "$root/usr/local/sbin/network-protocol-restart"
rm -f "$root/usr/lib/sysusers.d/network-protocol.conf"
if [ -L "$root/usr/local/bin/netproto" ]; then
  rm -f "$root/usr/local/bin/netproto"
fi
if [ $purge = yes ]; then
  rm -rf "$root/etc/network-protocol" "$root/etc/systemd/system/network-protocol.service.d" "$root/var/lib/network-protocol" "$root/var/log/network-protocol"
  echo 'network-protocol is removed, with all that it knew. Its backups stay, and the user netprotocol: files elsewhere may be its own.'
else
  echo 'network-protocol is removed. /etc/network-protocol, /var/lib/network-protocol and /var/log/network-protocol stay.'
fi
