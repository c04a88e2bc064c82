#!/bin/bash
# Loads firewall rules with a rollback: the old rules return by themselves unless somebody who can still reach the machine confirms.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: apply.sh [OPTIONS] RULES.nft                       loads rules of nft: host.nft or dmz.nft, edited
       apply.sh [OPTIONS] IPTABLES.rules IP6TABLES.rules  loads rules of iptables, both or neither
       apply.sh --check RULES.nft | --check IPTABLES.rules IP6TABLES.rules
       apply.sh --confirm                                 keeps what was loaded, now and at each boot
       apply.sh --rollback                                brings the old rules back at once
  --seconds N    how long to wait for --confirm before the old rules come back: 1 to 3600, 60 if not given
  --root FOLDER  keep state and what is saved for boot below FOLDER, as for a test; rules are loaded all the same
TEXT
}

fail() {
  echo "apply.sh: $*" >&2
  exit 1
}

wrong() {
  echo "apply.sh: $*" >&2
  usage >&2
  exit 2
}

# The one table that our files have. The rollback covers only this table, so a file may not touch another.
readonly table='inet network_protocol'
root='' seconds=60 action=load id='' rules=()
while [ $# -gt 0 ]; do
  case $1 in
    --check | --confirm) action=${1#--} ;;
    --rollback) action=rollback; if [[ ${2:-} =~ ^[0-9]+$ ]]; then id=$2; shift; fi ;;
    --seconds) seconds=${2:?--seconds needs a number}; shift ;;
    --root) root=${2:?--root needs a folder}; root=${root%/}; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) wrong "no such option: $1" ;;
    *) rules+=("$1") ;;
  esac
  shift
done
if ! [[ $seconds =~ ^[0-9]{1,4}$ ]] || [ "$seconds" -lt 1 ] || [ "$seconds" -gt 3600 ]; then
  wrong "--seconds must be 1 to 3600, not $seconds"
fi
case $action in
  load | check) [ ${#rules[@]} = 1 ] || [ ${#rules[@]} = 2 ] || wrong 'one file of nft, or two of iptables' ;;
  *) [ ${#rules[@]} = 0 ] || wrong "--$action takes no file" ;;
esac
[ "$(id -u)" = 0 ] || fail 'must be run by root'
self=$(readlink -f "$0")
state=$root/run/network-protocol-firewall
pending=$state/pending

has_systemd() { [ -d "$root/run/systemd/system" ]; }

# Rules without their comments, one statement a line.
bare() { sed 's/^[[:space:]]*#.*//; s/[[:space:]]#.*//; s/;/\n/g' "$1"; }

check_addresses() {
  local example
  example=$(bare "$1" | grep -E '192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:[dD][bB]8:' || true)
  [ -z "$example" ] || fail "$1 still has addresses that exist in documentation alone:"$'\n'"$example"
}

check_nft() {
  local foreign
  foreign=$(bare "$1" | grep -E '^[[:space:]]*(include|flush|add|insert|create|replace|delete|destroy|reset|rename|table)[[:space:]]+[^@]' |
    grep -vE "^[[:space:]]*(delete |add )?table $table *({|$)" || true)
  [ -z "$foreign" ] || fail "$1 may touch table $table alone, but says:"$'\n'"$foreign"
  bare "$1" | grep -E "^[[:space:]]*table $table" >/dev/null || fail "$1 has no table $table"
  nft -c -f "$1" || fail "nft refuses $1; nothing was changed"
}

check_iptables() { # program, file
  grep -qx '\*filter' "$2" || fail "$2 has no *filter: is it a file for $1-restore?"
  # Its own test accepts rules for chains that do not exist, so the rules are first loaded into a network namespace that nobody uses.
  if ! "$1-restore" -w 10 --test <"$2" || ! unshare --net "$1-restore" -w 10 <"$2"; then
    fail "$1-restore refuses $2; nothing was changed"
  fi
}

check() {
  local file
  for file in "${rules[@]}"; do
    [ -r "$file" ] || fail "cannot read $file"
  done
  if [ ${#rules[@]} = 1 ]; then
    check_nft "${rules[0]}"
  else
    check_iptables iptables "${rules[0]}"
    check_iptables ip6tables "${rules[1]}"
  fi
  for file in "${rules[@]}"; do
    check_addresses "$file"
  done
}

keep_nft() {
  local tables
  tables=$(nft list tables)
  {
    printf 'table %s\ndelete table %s\n' "$table" "$table"
    if grep -x "table $table" <<<"$tables" >/dev/null; then
      nft -s list table inet network_protocol
    fi
  } >"$pending/old.nft"
  nft -c -f "$pending/old.nft"
}

keep_iptables() { # program, file of new rules, where to keep the old ones
  local name now
  now=$("$1-save")
  {
    echo "$now"
    # iptables-save leaves out empty tables, and iptables-restore does not touch tables that are not in its file.
    while read -r name; do
      if ! grep -x "\*$name" <<<"$now" >/dev/null; then
        echo "*$name"
        [ "$name" != filter ] || printf ':%s ACCEPT [0:0]\n' INPUT FORWARD OUTPUT
        echo COMMIT
      fi
    done < <(sed -n 's/^\*//p' "$2")
  } >"$3"
  "$1-restore" -w 10 --test <"$3"
  while read -r name; do
    grep "^:$name " "$2" >/dev/null || echo "apply.sh: the chain $name of $1 is not in the new rules and goes" >&2
  done < <(sed -n '/^\*filter/,/^COMMIT/s/^:\([^ ]*\).*/\1/p' <<<"$now")
}

keep_old() {
  if [ ${#rules[@]} = 1 ]; then
    cp "${rules[0]}" "$pending/new.nft"
    keep_nft
  else
    cp "${rules[0]}" "$pending/new.v4"
    cp "${rules[1]}" "$pending/new.v6"
    keep_iptables iptables "$pending/new.v4" "$pending/old.v4"
    keep_iptables ip6tables "$pending/new.v6" "$pending/old.v6"
  fi
}

put() { # old or new; goes on after an error, since half of a way back is better than none
  local status=0
  if [ -e "$pending/$1.nft" ]; then
    nft -f "$pending/$1.nft" || status=1
  fi
  if [ -e "$pending/$1.v4" ]; then
    iptables-restore -w 10 <"$pending/$1.v4" || status=1
  fi
  if [ -e "$pending/$1.v6" ]; then
    ip6tables-restore -w 10 <"$pending/$1.v6" || status=1
  fi
  return $status
}

# Detached from the session, which may end at any moment, so that the end of the session does not end this process.
start_clock() {
  local back=(bash "$self" --root "$root/" --rollback "$id")
  if has_systemd; then
    systemd-run --quiet --collect --unit="network-protocol-firewall-$id" --on-active="$seconds" --timer-property=AccuracySec=100ms "${back[@]}"
  else
    # shellcheck disable=SC2016
    setsid bash -c 'sleep "$1"; shift; exec "$@"' bash "$seconds" "${back[@]}" </dev/null >>"$state/rollback.log" 2>&1 9>&- &
    echo $! >"$pending/clock"
  fi
}

stop_clock() {
  if [ -e "$pending/clock" ]; then
    kill -- "-$(<"$pending/clock")" 2>/dev/null || true
  elif has_systemd; then
    systemctl stop --quiet "network-protocol-firewall-$(<"$pending/id").timer" || true
  fi
}

load() {
  [ ! -e "$pending" ] || fail 'rules that were loaded before wait for --confirm or --rollback'
  check
  mkdir "$pending"
  id=$(date +%s%N)
  echo "$id" >"$pending/id"
  trap 'rm -rf "$pending"; echo "apply.sh: there would be no way back; nothing was changed" >&2' EXIT
  keep_old
  start_clock
  trap - EXIT
  if ! put new; then
    put old
    stop_clock
    rm -rf "$pending"
    fail 'the new rules were refused; the old ones are in force'
  fi
  cat <<TEXT
The rules are in force. Open a new session to this machine, and in it, within $seconds seconds:
  $self --confirm
Otherwise the old rules come back.
TEXT
}

save_nft() {
  local main=$root/etc/nftables.conf mine=/etc/nftables.d/network-protocol.nft
  install -D -m 0644 "$pending/new.nft" "$root$mine"
  [ -e "$main" ] || printf '#!/usr/sbin/nft -f\nflush ruleset\n' >"$main"
  grep -E "^[[:space:]]*include \"(/etc/nftables.d/\*(\.nft)?|$mine)\"" "$main" >/dev/null || printf 'include "%s"\n' "$mine" >>"$main"
  chmod +x "$main"
  enable nftables nftables
}

save_iptables() {
  mkdir -p "$root/etc/iptables"
  iptables-save >"$root/etc/iptables/rules.v4"
  ip6tables-save >"$root/etc/iptables/rules.v6"
  enable netfilter-persistent iptables-persistent
}

enable() { # unit, package that has it
  if has_systemd && ! systemctl enable --quiet "$1.service"; then
    echo "apply.sh: nothing loads the rules at boot: install $2, then systemctl enable $1" >&2
  fi
}

confirm() {
  [ -e "$pending" ] || fail 'there is nothing to confirm: no rules wait, or the old ones are back'
  stop_clock
  trap 'rm -rf "$pending"; echo "apply.sh: the rules stay in force, but were not saved for the next boot" >&2' EXIT
  if [ -e "$pending/new.nft" ]; then
    save_nft
  else
    save_iptables
  fi
  trap - EXIT
  rm -rf "$pending"
  echo 'The rules stay, and are loaded at each boot.'
}

rollback() {
  # A timer that fires late must not roll back rules that were loaded later.
  if [ -n "$id" ] && [ "$id" != "$(cat "$pending/id" 2>/dev/null)" ]; then
    exit 0
  fi
  [ -e "$pending" ] || fail 'there is nothing to bring back: no rules wait for --confirm'
  put old || fail "the old rules were refused; they are in $pending"
  [ -n "$id" ] || stop_clock
  rm -rf "$pending"
  echo 'The old rules are back.'
}

if [ "$action" = check ]; then
  check
  echo 'The rules are valid.'
  exit 0
fi
mkdir -p "$state"
exec 9>"$state/lock"
flock -w 30 9 || fail 'another apply.sh is at work'
"$action"
