#!/bin/bash
# copy-server.sh SOURCES TARGET: what the server and its commands are made of, without tests, pages and tools.
set -euo pipefail
sources=$1 target=$2
mkdir -p "$target"
cd "$sources"
cp --parents -r LICENSE package.json apps/server apps/cli core engines modules deploy/image "$target"
cd "$target"
find . -type d \( -name web -o -name testing -o -name testdata \) -prune -exec rm -rf {} +
find . -type f \( -name '*.test.ts' -o -name '*.tsx' -o -name '*.css' \) -delete
