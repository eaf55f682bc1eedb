#include "tests/cuda_emulation/ptx/support.hpp"

namespace geomsu::emulation::ptx {

std::string fault_of(const Module& module, const Launch& launch, World& world) {
  try {
    run(module, launch, world);
  } catch (const Fault& fault) {
    return fault.what();
  }
  return "";
}

std::string refusal_of(const std::string& text) {
  try {
    parse(text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string kernel_text(const std::string& body, std::uint32_t slot_bytes) {
  return ".version 9.0\n.target sm_120\n.address_size 64\n"
         ".visible .entry k(.param .u64 out)\n{\n"
         ".reg .pred %p<40>; .reg .b16 %rs<40>; .reg .b32 %r<40>; .reg .b64 %rd<40>;\n"
         ".reg .f32 %f<40>; .reg .f64 %fd<40>;\n"
         "ld.param.u64 %rd0, [out];\nmov.u32 %r0, %tid.x;\nmad.wide.u32 %rd0, %r0, " +
         std::to_string(slot_bytes) + ", %rd0;\n" + body + "\nret;\n}\n";
}

std::vector<std::uint64_t> run_body(const std::string& body, std::uint32_t threads) {
  const auto module = parse(kernel_text(body));
  Buffers world;
  const std::uint64_t out = world.add(std::vector<std::uint64_t>(threads));
  Arguments arguments;
  arguments << out;
  run(*module, {.kernel = "k", .grid = {}, .block = {threads, 1, 1}, .parameters = arguments.bytes()}, world);
  return world.read<std::uint64_t>(out);
}

}  // namespace geomsu::emulation::ptx
