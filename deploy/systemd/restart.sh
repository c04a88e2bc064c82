#!/bin/bash
# Restarts the service if it would start. Checks settings, secrets and certificates before it stops the running process, and reads them as
# the service would: with its user, environment, folders and credentials. install.sh installs this script as network-protocol-restart.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: network-protocol-restart [--check] [--program FOLDER]
  --check            check, and restart nothing
  --program FOLDER   the program that checks (default: /opt/network-protocol/current)
The exit code is 1 if the settings are wrong, and then the service goes on as it is; or if it has not started.
TEXT
}

installed=/opt/network-protocol/current program=$installed restart=yes
while [ $# -gt 0 ]; do
  case $1 in
    --check) restart=no ;;
    --program) program=${2:?--program needs a folder}; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "network-protocol-restart: no such option: $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || { echo 'network-protocol-restart: must be run by root' >&2; exit 1; }

unit=network-protocol-check.service file=/run/systemd/system/network-protocol-check.service output=/run/network-protocol-check.txt
clean_up() {
  rm -f "$file" "$output"
  systemctl daemon-reload
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# The service's own unit with all drop-ins, which only checks. It has neither the port nor the right to remove the running service's folder.
mkdir -p "$(dirname "$file")"
systemctl daemon-reload # for drop-ins that are new
{
  systemctl cat network-protocol.service | sed -e "s|$installed|$program|g" -e '/^ExecStart=./s/$/ --check-config/' -e '/^Sockets=/d'
  cat <<TEXT

[Unit]
Description=Check of the settings of the Network Protocol server
[Service]
Type=oneshot
Restart=no
WatchdogSec=0
RuntimeDirectoryPreserve=yes
ExecStartPost=
ExecStop=
ExecStopPost=
StandardOutput=truncate:$output
StandardError=inherit
TEXT
} >"$file"
systemctl daemon-reload
if ! systemctl start "$unit" 2>/dev/null; then
  {
    cat "$output" 2>/dev/null || journalctl --unit "$unit" --lines 5 --output cat --no-pager
    echo 'network-protocol-restart: the service would not start with these settings; nothing was restarted.'
  } >&2
  systemctl reset-failed "$unit"
  exit 1
fi

if [ $restart = no ]; then
  echo 'The configuration is valid.'
elif ! systemctl restart network-protocol.service; then
  echo 'network-protocol-restart: the service has not started: journalctl -u network-protocol' >&2
  exit 1
fi
