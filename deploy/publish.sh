#!/bin/sh
# Publishes the server, and netproto in a folder beside it, ready for systemd/install.sh.
set -eu

usage() {
  echo "usage: $0 FOLDER [more arguments for dotnet publish, as -r linux-x64 --self-contained]"
}
case ${1:-} in
  '') usage >&2; exit 2 ;;
  -h | --help) usage; exit 0 ;;
esac
target=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd)
dotnet publish "$root/NetworkProtocol.Web.csproj" -c Release -o "$target" "$@"
dotnet publish "$root/src/NetworkProtocol.Cli/NetworkProtocol.Cli.csproj" -c Release -o "$target/netproto" "$@"
