// The command line: global flags, the verb table, and the one place where an Error becomes words and an exit status.
#pragma once

namespace geomsu::cli {

int run_app(int argc, char** argv);

}  // namespace geomsu::cli
