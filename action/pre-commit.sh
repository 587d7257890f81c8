#!/usr/bin/env bash
# The hook `copy-preflight-lint` of pre-commit: runs `lint` on the files that it is given, with a
# binary that is built on the first run from the revision that the hook is pinned to.
set -euo pipefail

# shellcheck source=action/binary.sh
source "$(dirname "${BASH_SOURCE[0]}")/binary.sh"

binary=$(copy_preflight_binary "${COPY_PREFLIGHT_BINARY:-}")

arguments=()
for argument in "$@"; do
    # Flags and files come in one list; a file whose name begins like a flag is a file.
    if [[ $argument == -* && -f $argument ]]; then
        argument=./$argument
    fi
    arguments+=("$argument")
done
exec "$binary" lint "${arguments[@]}"
