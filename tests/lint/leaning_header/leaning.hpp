// Leans on its includer for <vector>.
#pragma once

inline std::vector<int> leaning() { return {}; }
