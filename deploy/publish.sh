#!/bin/sh
# Publishes the server, and netproto in a folder beside it, ready for systemd/install.sh. Both are compiled ahead of time, for this
# machine's processor unless another one is named: a server that starts in half of the time lets its clients wait half as long.
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
case " $* " in
  *' -r '* | *' -r:'* | *' -r='* | *' --runtime'* | *' -a '* | *' --arch'* | *' --os'* | *RuntimeIdentifier=*) ;;
  *) set -- "$@" --use-current-runtime ;;
esac
together=false # with .NET in it, the server and .NET are compiled as one
case " $* " in
  *' --self-contained false '* | *' --sc false '* | *' --no-self-contained '*) ;;
  *' --self-contained=false '* | *' --sc=false '* | *SelfContained=false*) ;;
  *' --self-contained'* | *' --sc '* | *' --sc='* | *SelfContained=true*) together=true ;;
  *) set -- "$@" --no-self-contained ;;
esac
dotnet publish "$root/NetworkProtocol.Web.csproj" -c Release -o "$target" \
  -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=$together "$@"
dotnet publish "$root/src/NetworkProtocol.Cli/NetworkProtocol.Cli.csproj" -c Release -o "$target/netproto" -p:PublishReadyToRun=true "$@"
