// One instruction's text being turned into an Instruction. A family's decode function takes the modifiers and operands
// that it knows; finish() refuses whatever is left over, so that nothing is ever skipped.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cuda_emulation/ptx/module.hpp"
#include "tests/cuda_emulation/ptx/text.hpp"

namespace geomsu::emulation::ptx {

// Names of one kernel while it is parsed.
struct KernelScope {
  struct Register {
    int index = 0;
    Type type = Type::kB32;
  };
  struct Shared {
    std::uint32_t bytes = 0, align = 1;
    bool dynamic = false;
  };
  Kernel& kernel;
  Module& module;
  const std::map<std::string, Shared, std::less<>>& module_shared;                      // variables outside kernels
  std::vector<std::map<std::string, Register, std::less<>>> registers{1};               // innermost scope last
  std::map<std::string, std::uint32_t, std::less<>> shared{}, locals{};                 // offsets
  std::vector<std::map<std::string, std::vector<std::string>, std::less<>>> tables{1};  // .branchtargets
  std::map<std::pair<Given, std::uint64_t>, int> given{};
  int carry = -1;  // the register of CC.CF, where it is used

  std::optional<Register> find(std::string_view name) const;
  int constant(Given what, std::uint64_t number);
  std::optional<std::uint64_t> symbol(const std::string& name, Space& space, bool& dynamic);
  std::uint32_t place_shared(std::uint32_t bytes, std::uint32_t align);
};

class Decoder {
 public:
  Decoder(KernelScope& scope, const std::string& word, std::vector<Operand> operands, Instruction& into);

  const std::string& opcode() const { return pieces_.front(); }
  bool take(std::string_view modifier);
  std::optional<std::size_t> any_of(std::initializer_list<std::string_view> modifiers);
  std::size_t one_of(const char* what, std::initializer_list<std::string_view> modifiers);
  std::optional<std::string> starting(std::string_view prefix);
  std::optional<Type> maybe_type();
  Type type();
  Type type_among(std::initializer_list<Type> allowed);

  std::size_t operands() const { return operands_.size(); }
  const Operand& operand(std::size_t index);
  // A register or an immediate that is read. `wider`: the register may be wider than the type (ld, st, cvt).
  void in(std::size_t index, Type type, bool wider = false) { in(operand(index), type, wider); }
  void in(const Operand& from, Type type, bool wider = false) { instruction.in.push_back(read(from, type, wider)); }
  void out(std::size_t index, Type type, bool wider = false) { out(operand(index), type, wider); }
  void out(const Operand& to, Type type, bool wider = false);
  void ins(std::size_t index, Type type, bool wider = false);  // one or a vector
  void outs(std::size_t index, Type type, bool wider = false);
  int read(const Operand& from, Type type, bool wider = false);
  // Pushes the base onto `in`; its space is checked where the base is a symbol.
  void address(std::size_t index);
  int carry_register();
  std::vector<std::string> table(const std::string& name);
  // out[0] = f(in...), all of one type.
  void same(Type type, std::size_t inputs);

  void execute(Instruction::Execute by);
  void finish();
  [[noreturn]] void refuse(const std::string& why) const;

  Instruction& instruction;
  std::vector<std::string> labels;  // that targets wait for

 private:
  int immediate(const std::string& number, Type type);

  KernelScope& scope_;
  std::vector<std::string> pieces_;
  std::vector<bool> taken_;
  std::vector<Operand> operands_;
  std::vector<bool> used_;
};

struct Opcode {
  std::string_view name;
  void (*decode)(Decoder&);
};

// Arithmetic whose names are shared with floating-point: float.cpp has the opcode and hands these over.
enum class Carry : std::uint32_t { kAdd, kSub, kMadLow, kMadHigh };
void decode_integer_arithmetic(Decoder& d, Type type);
void decode_carry(Decoder& d, Carry what, bool takes, bool sets);
void decode_exact_division(Decoder& d, Type type);

std::span<const Opcode> integer_opcodes();
std::span<const Opcode> carry_opcodes();
std::span<const Opcode> bit_opcodes();
std::span<const Opcode> float_opcodes();
std::span<const Opcode> approximate_opcodes();
std::span<const Opcode> compare_opcodes();
std::span<const Opcode> convert_opcodes();
std::span<const Opcode> move_opcodes();
std::span<const Opcode> memory_opcodes();
std::span<const Opcode> atomic_opcodes();
std::span<const Opcode> control_opcodes();
std::span<const Opcode> warp_opcodes();
std::span<const Opcode> matrix_opcodes();
std::span<const Opcode> fragment_opcodes();

void (*decoder_of(const std::string& opcode))(Decoder&);  // nullptr: not known

}  // namespace geomsu::emulation::ptx
