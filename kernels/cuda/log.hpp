// The host's log, as geomsu_plugin_query was given it. Any thread.
#pragma once

#include <string>

#include "harness/abi/geomsu_plugin.h"

namespace geomsu::cuda {

void take_log(const geomsu_host& host);  // keeps what the host offers; nothing where it offers none
void log_info(const std::string& text);  // one line

}  // namespace geomsu::cuda
