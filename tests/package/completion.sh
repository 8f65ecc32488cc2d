#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# completion.sh PROGRAM COMPLETION: what the completion offers, compared with what should be offered.
set -u
program=$1
# shellcheck disable=SC1090
source "$2"
status=0
expect() {  # expect "words typed so far" "one that must be offered"
  read -ra COMP_WORDS <<<"$program $1"
  [[ $1 == *' ' || -z $1 ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _airlock
  if ! printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$2"; then
    printf '`airlock %s` does not offer `%s` but: %s\n' "$1" "$2" "${COMPREPLY[*]}"
    status=1
  fi
}
expect 'ru' run
expect 'comp' compile
expect 'run --lim' --limit-cycles
expect 'run --device ' npu4
expect 'compile --print-after spl' split-l2
expect 'registers mem' memtile
exit $status
