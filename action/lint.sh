#!/usr/bin/env bash
# The action: runs `lint` in the checked-out repository. Annotations go to the log, the summary to
# that of the step, all findings to a SARIF file. The exit code of `lint` is passed on.
#
# Everything comes by environment, as `action.yml` sets it; nothing of it is ever read as code:
#   INPUT_PATHS     files and folders, one a line
#   INPUT_FAIL_ON   the least level that fails the step
#   INPUT_BASE      a revision or folder to compare with, or nothing
#   INPUT_SARIF     the SARIF file to write; left out, one in the runner's temporary folder
#   INPUT_BINARY    the program to run; left out, one is built
set -euo pipefail

# shellcheck source=action/binary.sh
source "$(dirname "${BASH_SOURCE[0]}")/binary.sh"

# Sets an output of the step. A value may hold anything, line breaks too, so what ends it is a
# word that nobody can foresee.
output() {
    local end
    end=end-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >>"${GITHUB_OUTPUT:-/dev/null}"
}

# Ends the step where the tool could not do its work.
unable() {
    echo "::error title=copy-preflight::it could not do its work; the log of the step says why"
    printf '### copy-preflight lint\n\nIt could not do its work; the log of the step says why.\n' \
        >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
    output exit-code 2
    exit 2
}

binary=$(copy_preflight_binary "${INPUT_BINARY:-}") || unable

paths=()
while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    if [[ -n $line ]]; then
        paths+=("$line")
    fi
done <<<"${INPUT_PATHS:-.}"
if ((${#paths[@]} == 0)); then
    paths=(.)
fi

flags=("--fail-on=${INPUT_FAIL_ON:-error}")
base=${INPUT_BASE:-}
if [[ -n $base ]]; then
    # The usual checkout holds one commit; the one to compare with is fetched by itself.
    if [[ ! -d $base ]] && ! git rev-parse --quiet --verify --end-of-options "$base^{commit}" >/dev/null; then
        if git fetch --quiet --no-tags --depth=1 --end-of-options origin "$base" >&2; then
            base=$(git rev-parse --verify FETCH_HEAD)
        fi
    fi
    flags+=("--base=$base")
fi

sarif=${INPUT_SARIF:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}/copy-preflight.sarif}

# Annotations, and what `lint` itself adds to the summary of the step.
code=0
"$binary" lint --format=github "${flags[@]}" -- "${paths[@]}" </dev/null || code=$?
if ((code != 0 && code != 1 && code != 3)); then
    unable
fi
# The same again for code scanning; the first run has told everything.
GITHUB_STEP_SUMMARY='' "$binary" lint --format=sarif --exit-zero "--output=$sarif" "${flags[@]}" \
    -- "${paths[@]}" </dev/null || unable
output sarif "$sarif"
output exit-code "$code"
exit "$code"
