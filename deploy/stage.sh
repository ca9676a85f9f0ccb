#!/bin/bash
# deploy/stage.sh SITE VERSION [STEP,…]: puts a version on a site, has the doctor look at it, and goes on or returns.
# SITE is a folder of deploy/sites or the path of one. Status 0: the version runs and is well. Otherwise what ran before runs.
# STEP,… are left out by the doctor. A run that was killed is gone on with by the next one of the same version.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: deploy/stage.sh SITE VERSION [STEP,…]" >&2; exit 2; }
site=$1 version=$2 without=${3:-}
cd "$(dirname "$0")/.."
liaison() { node tools/launch.mjs liaison "$@"; }
liaison update "$site" "$version" --doctor ${without:+--without "$without"} --yes
liaison status "$site"
