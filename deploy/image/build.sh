#!/bin/bash
# build.sh [OPTION OF docker build]…: builds the image of this checkout, stamped with its version, and writes its bill of
# materials (CycloneDX) beside it. By environment:
#   LIAISON_IMAGE         its name; liaison:VERSION
#   LIAISON_IMAGE_VERSION its version; that of package.json
#   LIAISON_BASE_IMAGE    what it stands on; node:24-bookworm-slim
#   LIAISON_SBOM_FOLDER   where the bill goes; deploy/image/dist
#   LIAISON_NPMRC, LIAISON_REGISTRY_CA  files with npm's settings and the registry's certificates, for the build alone
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${LIAISON_IMAGE_VERSION:-$(sed -n 's/^  "version": "\([^"]*\)",$/\1/p' package.json)}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null)" ] || revision=$revision-changed
created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}" +%Y-%m-%dT%H:%M:%SZ)
image=${LIAISON_IMAGE:-liaison:$version}
options=(--file deploy/image/Dockerfile --build-arg "BASE_IMAGE=${LIAISON_BASE_IMAGE:-node:24-bookworm-slim}")
[ -z "${LIAISON_NPMRC:-}" ] || options+=(--secret "id=npmrc,src=$LIAISON_NPMRC")
[ -z "${LIAISON_REGISTRY_CA:-}" ] || options+=(--secret "id=registry-ca,src=$LIAISON_REGISTRY_CA")

export DOCKER_BUILDKIT=1
docker build "${options[@]}" "$@" --tag "$image" \
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$created" .

# Out of the image itself: of no other build can it be.
bill=${LIAISON_SBOM_FOLDER:-deploy/image/dist}
mkdir -p "$bill"
container=$(docker create "$image")
trap 'docker rm --volumes "$container" >/dev/null' EXIT
docker cp "$container:/liaison/sbom.cdx.json" "$bill/"
echo "$image"
