#include "harness/abi/plugin_table.hpp"
const geomsu_plugin* geomsu_plugin_query(const geomsu_host*) { return nullptr; }
