// Work on many things by a few threads.
#pragma once

#include <cstddef>
#include <functional>

namespace geomsu {

unsigned threads_of(unsigned asked);  // 0: as many as the machine has

// Calls work(thread, i) for every i below `count`, each once, by so many threads (this one where it is one). The first
// that throws, by i, stops the rest, and is thrown here.
void side_by_side(std::size_t count, unsigned threads, const std::function<void(unsigned, std::size_t)>& work);

}  // namespace geomsu
