#!/bin/bash
# Boots a real systemd in namespaces of its own, over a throw-away layer above this machine's files, and goes through the life of the
# service with it: see scenario.sh. Nothing outside the layer changes. Needs root, and systemd of Debian 12 or newer.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: boot.sh [PUBLISHED]
  PUBLISHED    what deploy/publish.sh has made; without it, it is made anew
TEXT
}
case ${1:-} in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; exit 2 ;;
esac
repository=$(cd "$(dirname "$0")/../.." && pwd)

inside() { # in the namespaces: layer, devices, and then systemd in place of this shell
  local work=$1 published=$2 root=$1/root device
  mount --make-rprivate /
  mount -t tmpfs layer "$work/layer"
  mkdir -p "$work/layer/upper" "$work/layer/work" "$root"
  mount -t overlay -o "lowerdir=/,upperdir=$work/layer/upper,workdir=$work/layer/work" overlay "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs sys "$root/sys"
  mount -t cgroup2 cgroup "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 dev "$root/dev"
  for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  ln -s /proc/self/fd "$root/dev/fd"
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=666 pts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  for device in run tmp dev/shm var/tmp; do # where systemd cleans up at a boot: never this machine's own
    mount -t tmpfs tmpfs "$root/$device"
  done
  mkdir "$root/run/published" "$root/run/deploy" "$root/run/out"
  mount --bind "$published" "$root/run/published"
  mount --bind "$repository/deploy" "$root/run/deploy"
  mount --bind "$work/out" "$root/run/out"
  cp "$repository/tests/Systemd/scenario.sh" "$root/run/scenario.sh"
  rm -rf "$root/etc/systemd/system"/network-protocol* "$root/etc/network-protocol" "$root/var/lib/network-protocol" "$root/var/log/journal"
  for unit in systemd-udevd.service systemd-udev-trigger.service systemd-networkd.service systemd-resolved.service systemd-timesyncd.service \
    systemd-firstboot.service systemd-remount-fs.service systemd-modules-load.service systemd-sysctl.service proc-sys-fs-binfmt_misc.automount; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
  cat >"$root/etc/systemd/system/scenario.service" <<'TEXT'
[Unit]
After=basic.target
Requires=basic.target
[Service]
Type=oneshot
Environment=TERM=dumb
ExecStart=/bin/bash /run/scenario.sh
StandardOutput=append:/run/out/log
StandardError=append:/run/out/log
ExecStopPost=/bin/sh -c 'echo "$EXIT_STATUS" > /run/out/status'
ExecStopPost=/bin/systemctl --no-block exit
TEXT
  # Not chroot, within which the kernel allows no user namespace, and the service has one.
  mkdir "$root/run/old"
  cd "$root"
  pivot_root . run/old
  umount --lazy /run/old
  mount --make-rshared / # as systemd does for itself where it is no container: credentials are mounted by a child
  # No variable of the caller's; but systemd must know that this is a container.
  exec env -i container=try PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=scenario.service --show-status=no
}

if [ "${BOOT_INSIDE:-}" = yes ]; then
  inside "$BOOT_WORK" "$BOOT_PUBLISHED"
fi
[ "$(id -u)" = 0 ] || { echo 'boot.sh: must be run by root' >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/layer" "$work/out"
published=${1:-$work/published}
[ -n "${1:-}" ] || "$repository/deploy/publish.sh" "$published" >"$work/publish.log" 2>&1 \
  || { tail -n 5 "$work/publish.log" >&2; exit 1; }
BOOT_INSIDE=yes BOOT_WORK=$work BOOT_PUBLISHED=$(cd "$published" && pwd) timeout --kill-after=5 600 \
  unshare --fork --kill-child --pid --mount --uts --ipc --cgroup --net --mount-proc "$0" >"$work/systemd.log" 2>&1 </dev/null || true
cat "$work/out/log" 2>/dev/null || tail -n 20 "$work/systemd.log"
exit "$(cat "$work/out/status" 2>/dev/null || echo 1)"
