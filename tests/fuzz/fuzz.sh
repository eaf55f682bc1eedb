#!/usr/bin/env bash
# fuzz.sh FUZZER CORPUS SECONDS WORK: fuzzes from the kept corpus, which stays as it is; new inputs go to WORK/found, and what
# broke to WORK/crash-*, with the command that replays it.
set -euo pipefail

fuzzer=$1 corpus=$2 seconds=$3 work=$4
mkdir -p "$work/found"
status=0
"$fuzzer" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -seed=1 \
  -artifact_prefix="$work/" "$work/found" "$corpus" >"$work/log" 2>&1 || status=$?
grep -E '^(INFO: +[0-9]+ files found|stat::(number_of_executed_units|average_exec_per_sec|new_units_added|peak_rss_mb))' "$work/log" || true
grep -E '^#[0-9]+\s+DONE' "$work/log" || true
if ((status != 0)); then
  tail -n 60 "$work/log"
  echo "fuzz: the input that broke it lies in $work; replay it: $fuzzer $work/<file>" >&2
fi
exit "$status"
