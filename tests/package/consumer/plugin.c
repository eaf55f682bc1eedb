#include "harness/abi/geomsu_plugin.h"

/* Serves no version: enough to compile and link. */
const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
  (void)host;
  return NULL;
}
