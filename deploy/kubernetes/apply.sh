#!/bin/sh
# kubectl apply for an overlay. Refuses the placeholders of overlays/production, whose pods would wait for an image for ever.
set -eu

usage() {
  cat <<'TEXT'
usage: apply.sh [--check] OVERLAY
  --check    check, and apply nothing
  OVERLAY    the folder with your kustomization.yaml
TEXT
}

check=no
case ${1:-} in
  -h | --help) usage; exit 0 ;;
  --check) check=yes; shift ;;
esac
[ $# -eq 1 ] || { usage >&2; exit 2; }
manifests=$(kubectl kustomize "$1")
images=$(printf '%s\n' "$manifests" | sed -n 's/^ *\(- \)\{0,1\}image: *//p' | sort -u)
wrong() { echo "apply.sh: $1/kustomization.yaml: $2; nothing was applied" >&2; exit 1; }
case $images in
  *sha256:0000000000000000000000000000000000000000000000000000000000000000*)
    wrong "$1" 'digest is the placeholder: put the digest there that docker push has printed' ;;
  *registry.example/*) wrong "$1" 'newName is the placeholder: put the name of your registry there' ;;
esac
if [ $check = yes ]; then
  echo "$images"
else
  kubectl apply -k "$1"
fi
