# bash completion of airlock. Commands and options are read from `--help`, so that they cannot differ from the program.
_airlock() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} program=${COMP_WORDS[0]} command= i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }
  done
  COMPREPLY=()
  case $before in
    --device) mapfile -t COMPREPLY < <(compgen -W 'npu1 npu4' -- "$word") ;;
    --fidelity) mapfile -t COMPREPLY < <(compgen -W 'flow word' -- "$word") ;;
    --data) mapfile -t COMPREPLY < <(compgen -W 'full timing' -- "$word") ;;
    --timeline-format) mapfile -t COMPREPLY < <(compgen -W 'aie extended' -- "$word") ;;
    --emit) mapfile -t COMPREPLY < <(compgen -W 'mlir mlir-generic commands' -- "$word") ;;
    --print-after | --stop-after)
      mapfile -t COMPREPLY < <(compgen -W "$("$program" compile --list-passes 2>/dev/null | awk '{print $1}')" -- "$word") ;;
  esac
  [[ ${#COMPREPLY[@]} -gt 0 ]] && return
  if [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null |
      awk '/^Subcommands:/ {on = 1; next} /^$/ {on = 0} on {print $1} $1 ~ /^-/ {print $1}' | tr ',' '\n')" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" "$command" --help 2>/dev/null |
      awk '$1 ~ /^-/ {print $1}' | tr ',' '\n')" -- "$word")
  elif [[ $command == schema ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'sim device' -- "$word")
  elif [[ $command == registers ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'core memtile shim all' -- "$word")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -F _airlock airlock
