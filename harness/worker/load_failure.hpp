// Why a shared object could not be loaded, and what to do about it.
#pragma once

#include <string>
#include <string_view>

namespace geomsu::worker {

// "cannot be loaded: <words>; next: ...", for the words of dlerror(). Where they name a library that the plug-in needs
// and that is not there, the next step names its package and major. Trap: the words are glibc's, in English: another
// loader's are kept, with no next step.
std::string load_failure(std::string_view words);

}  // namespace geomsu::worker
