#!/bin/sh
# Publishes the server, and netproto in a folder beside it, ready for systemd/install.sh. Both contain .NET, which is compiled ahead of time
# together with the server, for this machine's processor unless another one is named. This halves the time of a start, for which clients
# wait.
set -eu

usage() {
  echo "usage: $0 FOLDER [more arguments for dotnet publish, as -r linux-arm64]"
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

publish() {
  project=$1 folder=$2
  shift 2
  dotnet publish "$root/$project" -c Release -o "$folder" -p:SelfContained=true -p:PublishReadyToRun=true "$@"
}
publish NetworkProtocol.Web.csproj "$target" -p:PublishReadyToRunComposite=true "$@"
publish src/NetworkProtocol.Cli/NetworkProtocol.Cli.csproj "$target/netproto" "$@"
