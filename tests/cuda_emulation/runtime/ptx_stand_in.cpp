// Stand-in until the interpreter is there: runs the test kernels by name, one thread after the other.
#include <cstring>
#include <regex>

#include "tests/cuda_emulation/ptx/ptx.hpp"
namespace geomsu::emulation::ptx {
class Module {
 public:
  std::vector<KernelFacts> kernels;
};
std::shared_ptr<const Module> parse(std::string_view view) {
  auto m = std::make_shared<Module>();
  const std::string text(view);
  const std::regex entry("\\.entry\\s+(\\w+)\\(([^)]*)\\)");
  const std::regex param("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.([a-z])(\\d+)");
  for (std::sregex_iterator i(text.begin(), text.end(), entry), end; i != end; ++i) {
    KernelFacts f;
    f.name = (*i)[1];
    const std::string list = (*i)[2];
    for (std::sregex_iterator j(list.begin(), list.end(), param); j != end; ++j) {
      const auto bytes = static_cast<std::uint32_t>(std::stoul((*j)[2]) / 8);
      const std::uint32_t offset = (f.parameter_bytes + bytes - 1) / bytes * bytes;
      f.parameters.push_back({"", offset, bytes});
      f.parameter_bytes = offset + bytes;
    }
    m->kernels.push_back(f);
  }
  return m;
}
const KernelFacts* find(const Module& module, std::string_view kernel) {
  for (const auto& k : module.kernels)
    if (k.name == kernel) return &k;
  return nullptr;
}
std::vector<std::string> kernels(const Module& module) {
  std::vector<std::string> out;
  for (const auto& k : module.kernels) out.push_back(k.name);
  return out;
}
void run(const Module& module, const Launch& launch, World& world) {
  const auto* f = find(module, launch.kernel);
  const auto arg = [&](std::size_t i) {
    std::uint64_t v = 0;
    std::memcpy(&v, launch.parameters.data() + f->parameters[i].offset, f->parameters[i].bytes);
    return v;
  };
  const auto load = [&](std::uint64_t a) {
    const auto w = world.window(a, 4, false);
    if (w.written && !w.written[a - w.first]) throw Fault("never written");
    std::uint32_t v;
    std::memcpy(&v, w.alias + (a - w.first), 4);
    return v;
  };
  const auto store = [&](std::uint64_t a, std::uint32_t v) {
    const auto w = world.window(a, 4, true);
    if (w.written) std::memset(w.written + (a - w.first), 1, 4);
    std::memcpy(w.alias + (a - w.first), &v, 4);
  };
  const std::uint32_t threads = launch.grid.x * launch.block.x;
  for (std::uint32_t i = 0; i < threads; ++i) {
    if (launch.kernel == "add_kernel") {
      if (i < arg(3)) store(arg(0) + 4 * i, load(arg(1) + 4 * i) + static_cast<std::uint32_t>(arg(2)));
    } else if (launch.kernel == "gate_kernel") {
      for (int n = 0; load(arg(0)) == 0; ++n)
        if (n > 1000) throw Fault("does not end");
    } else if (launch.kernel == "timer_kernel") {
      const std::uint64_t start = world.globaltimer_ns();
      while (world.globaltimer_ns() < start + arg(0)) {
      }
    } else if (launch.kernel == "shared_kernel") {
      store(arg(0), 7);
    } else {
      throw Fault("the stand-in does not know " + std::string(launch.kernel));
    }
  }
}
std::vector<LineHits> line_hits(const Module&) { return {}; }
}  // namespace geomsu::emulation::ptx
