#!/bin/sh
# Packs the libraries and netproto into a folder that NuGet can use as a source, and installs netproto from there with --install.
set -eu

usage() {
  cat <<EOF
usage: $0 FOLDER [--install | --tool-path FOLDER] [more arguments for dotnet pack]

  --install           also installs netproto for this user, in ~/.dotnet/tools, in place of another version
  --tool-path FOLDER  also installs netproto, in this folder
EOF
}
case ${1:-} in
  '') usage >&2; exit 2 ;;
  -h | --help) usage; exit 0 ;;
esac
mkdir -p "$1"
feed=$(cd "$1" && pwd)
shift
place=
case ${1:-} in
  --install) place=--global; shift ;;
  --tool-path) place="--tool-path=${2:?usage: --tool-path FOLDER}"; shift 2 ;;
esac
root=$(cd "$(dirname "$0")/.." && pwd)

for project in "$root"/src/*/*.csproj; do
  dotnet pack "$project" -c Release -o "$feed" "$@"
done
if [ -n "$place" ]; then
  # Only from this folder: a package of that name elsewhere is not ours. The same version may have other contents than the last time.
  dotnet tool uninstall NetworkProtocol.Cli "$place" >/dev/null 2>&1 || true
  dotnet tool install NetworkProtocol.Cli "$place" --source "$feed" --prerelease
fi
