# Which binary the scripts run. To be sourced.
# shellcheck shell=bash

# Prints the path of copy-preflight: the one that is given, else one that is built from the folder
# that holds these scripts. A build is kept beside them and used until a source is newer.
# $1: the path that is given, or nothing
copy_preflight_binary() {
    local home root binary
    if [[ -n $1 ]]; then
        if ! binary=$(type -P -- "$1"); then
            echo "error: there is no program \`$1\`" >&2
            return 2
        fi
        printf '%s\n' "$binary"
        return
    fi
    home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
    root=$home/target/action
    binary=$root/bin/copy-preflight
    if [[ ! -x $binary ]] ||
        [[ -n $(find "$home/Cargo.toml" "$home/Cargo.lock" "$home/crates" -type f -newer "$binary" -print -quit) ]]; then
        # In its own folder, so that rustup takes the toolchain that the repository names. Without
        # `live`: lint reads no account. What cargo says goes to the log.
        (
            cd "$home"
            cargo install --quiet --locked --path crates/cli --no-default-features --force --root "$root"
        ) >&2 || return 2
        touch "$binary"
    fi
    printf '%s\n' "$binary"
}
