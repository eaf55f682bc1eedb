#!/bin/sh
# usage: stubs.sh REAL.so OUT_DIR EXTRA OBJECT...
#
# Writes OUT_DIR/stubs.c, a function for every symbol that the real library exports and no OBJECT defines, which names itself
# and aborts, and OUT_DIR/exports.map, a version script with the real library's symbol versions. EXTRA is a file with the
# version script's text for what the emulation exports beside them (may be empty: /dev/null).
set -eu
real=$1 out=$2 extra=$3
shift 3
mkdir -p "$out"
nm -D --defined-only "$real" | awk '$2 ~ /^[TWi]$/ && $3 ~ /@/ { sub(/@+/, " ", $3); print $3 }' | LC_ALL=C sort -u >"$out/real.txt"
nm -D --defined-only "$real" | awk '$2 ~ /^[TWi]$/ && $3 !~ /@/ { print $3, "-" }' >>"$out/real.txt"
nm --defined-only "$@" | awk '$2 == "T" || $2 == "W" { print $3 }' | LC_ALL=C sort -u >"$out/emulated.txt"
test -s "$out/real.txt" || { echo "stubs.sh: $real exports nothing" >&2; exit 1; }
{
  cat <<'END'
#include <stdio.h>
#include <stdlib.h>
extern void __gcov_dump(void) __attribute__((weak));
static void refuse(const char* name) {
  fprintf(stderr, "CUDA emulation: %s is outside what is emulated; next: add it, or do without\n", name);
  fflush(NULL);
  if (__gcov_dump) __gcov_dump();
  abort();
}
END
  awk 'NR == FNR { emulated[$1] = 1; next } !($1 in emulated) { printf "void %s(void);\nvoid %s(void) { refuse(\"%s\"); }\n", $1, $1, $1 }' \
    "$out/emulated.txt" "$out/real.txt"
} >"$out/stubs.c"
awk '{ list[$2] = list[$2] "    " $1 ";\n" }
  END { for (version in list) printf "%s{\n  global:\n%s%s};\n", version == "-" ? "" : version " ", list[version], hidden++ ? "" : "  local: *;\n" }' \
  "$out/real.txt" >"$out/exports.map"
cat "$extra" >>"$out/exports.map"
