# shellcheck shell=bash
# What ./accept and ./check share: packages, quiet steps, seconds. Sourced, never run.
#
# Exit codes 0, 1 and 2 belong to verdicts, so everything that fails before a verdict exits as sysexits.h says:
# 64 usage, 69 something is missing on this system, 70 our own build failed.

# shellcheck disable=SC2034  # used by those who source this
readonly EXIT_UNAVAILABLE=69 EXIT_SOFTWARE=70

# A clone in another folder finds what was compiled before; without ccache these say nothing to anybody.
# shellcheck disable=SC2154  # root is set by those who source this
export CCACHE_BASEDIR=${root:-$PWD} CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

seconds_now() { printf '%s' "$EPOCHREALTIME" | tr ',' '.'; }
seconds_since() { awk -v a="$1" -v b="$(seconds_now)" 'BEGIN { printf "%.1f", b - a }'; }

# run_logged LOG COMMAND...: output goes to LOG; on failure its end is shown and the command's status returned.
run_logged() {
  local log=$1 status=0
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status != 0)); then
    complain "--- failed with status $status: $*"
    tail -n 80 "$log" >&2
    complain "--- the whole log: $log"
  fi
  return "$status"
}

# system_id: debian12, ubuntu2404, or what /etc/os-release says of another system.
system_id() {
  local id version
  id=$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null | tr -d '"')
  version=$(sed -n 's/^VERSION_ID=//p' /etc/os-release 2>/dev/null | tr -d '".')
  printf '%s' "${id:-unknown}${version}"
}

# wanted_packages LIST SECTION...: the list's packages that are missing here, one a line. Asks dpkg once, apt never.
wanted_packages() {
  local list=$1 section='' line package command found
  shift
  local -A wanted_section=() installed=()
  for section in "$@"; do wanted_section[$section]=1; done
  if command -v dpkg-query >/dev/null; then
    while read -r found package; do
      [[ $found == installed ]] && installed[$package]=1
    done < <(dpkg-query -W -f='${db:Status-Status} ${Package}\n')
  fi
  section=''
  while IFS= read -r line; do
    line=${line%%#*}
    if [[ $line =~ ^\[([a-z]+)\] ]]; then
      section=${BASH_REMATCH[1]}
      continue
    fi
    [[ -n $section && -n ${wanted_section[$section]:-} && $line =~ ^([^[:space:]=]+)[[:space:]]*(=(.*))?$ ]] || continue
    package=${BASH_REMATCH[1]}
    [[ -z ${installed[$package]:-} ]] || continue
    for command in ${BASH_REMATCH[3]:-}; do
      if command -v "$command" >/dev/null; then continue 2; fi
    done
    printf '%s\n' "$package"
  done <"$list"
}

# install_packages ROOT LOG PACKAGE...: as root or through sudo; says the command to run where neither is possible.
install_packages() {
  local root=$1 log=$2
  shift 2
  local -a as_root=() apt
  if ((EUID != 0)); then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
      sudo -v || return "$EXIT_UNAVAILABLE"
      as_root=(sudo)
    else
      complain "These packages are missing, and neither root nor sudo is at hand to install them. Run as root:"
      complain "  apt-get update && apt-get install -y --no-install-recommends $*"
      complain "and start this command again."
      return "$EXIT_UNAVAILABLE"
    fi
  fi
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  local -a install=("${apt[@]}" install -y --no-install-recommends "$@")
  if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
    "${install[@]}" >"$log" 2>&1 </dev/null && return 0
  fi
  # No lists, or lists too old to fetch by: fetch them, once more if the first try fails, then install.
  run_logged "$root/build/log/apt-update.log" "${apt[@]}" update ||
    run_logged "$root/build/log/apt-update.log" "${apt[@]}" update || return "$EXIT_UNAVAILABLE"
  run_logged "$log" "${install[@]}" || return "$EXIT_UNAVAILABLE"
}

# ensure_packages ROOT SECTION...: installs on Debian 12 what is missing; elsewhere names it and goes on if the tools are there.
ensure_packages() {
  local root=$1 system list tool
  shift
  system=$(system_id)
  local -a missing=()
  if [[ $system == debian12 ]]; then
    mapfile -t missing < <(wanted_packages "$root/configs/packages/debian12.txt" "$@")
    ((${#missing[@]})) || return 0
    say "installing ${#missing[@]} packages: ${missing[*]}"
    mkdir -p "$root/build/log"
    install_packages "$root" "$root/build/log/apt-install.log" "${missing[@]}"
    return
  fi
  list=$root/configs/packages/debian12.txt
  [[ $system != ubuntu2404 ]] || list=$root/configs/packages/ubuntu2404.txt
  mapfile -t missing < <(wanted_packages "$list" "$@")
  if ((${#missing[@]})); then
    complain "This system is $system, not Debian 12: nothing is installed for you. By the names of $(basename "$list" .txt)," \
      "these are wanted (each may be called otherwise here, or be there already):"
    complain "  ${missing[*]}"
    complain "Install what is missing and start this command again; it goes on now with what it finds."
  fi
  for tool in cmake ninja c++ pkg-config; do
    command -v "$tool" >/dev/null || { complain "Not found: $tool. Stopping."; return "$EXIT_UNAVAILABLE"; }
  done
}

# jobs_here: one compiler a core, but no more than memory bears (about 1 GiB each under sanitizers).
jobs_here() {
  local cores kib
  cores=$(nproc)
  kib=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  local by_memory=$((${kib:-4194304} / 1048576))
  ((by_memory >= 1)) || by_memory=1
  printf '%s' "$((cores < by_memory ? cores : by_memory))"
}
