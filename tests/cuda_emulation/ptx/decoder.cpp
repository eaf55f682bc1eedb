#include "tests/cuda_emulation/ptx/decoder.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <unordered_map>

namespace geomsu::emulation::ptx {
namespace {

struct Special {
  std::string_view name;
  Given given;
};
constexpr std::array<Special, 25> kSpecials{{{"%tid.x", Given::kTidX},
                                             {"%tid.y", Given::kTidY},
                                             {"%tid.z", Given::kTidZ},
                                             {"%ntid.x", Given::kNtidX},
                                             {"%ntid.y", Given::kNtidY},
                                             {"%ntid.z", Given::kNtidZ},
                                             {"%ctaid.x", Given::kCtaidX},
                                             {"%ctaid.y", Given::kCtaidY},
                                             {"%ctaid.z", Given::kCtaidZ},
                                             {"%nctaid.x", Given::kNctaidX},
                                             {"%nctaid.y", Given::kNctaidY},
                                             {"%nctaid.z", Given::kNctaidZ},
                                             {"%laneid", Given::kLaneid},
                                             {"%warpid", Given::kWarpid},
                                             {"%nwarpid", Given::kNwarpid},
                                             {"%smid", Given::kSmid},
                                             {"%nsmid", Given::kNsmid},
                                             {"%lanemask_eq", Given::kLanemaskEq},
                                             {"%lanemask_lt", Given::kLanemaskLt},
                                             {"%lanemask_le", Given::kLanemaskLe},
                                             {"%lanemask_gt", Given::kLanemaskGt},
                                             {"%lanemask_ge", Given::kLanemaskGe},
                                             {"%dynamic_smem_size", Given::kDynamicSharedBytes},
                                             {"%total_smem_size", Given::kTotalSharedBytes},
                                             {"WARP_SZ", Given::kNumber}}};

}  // namespace

std::optional<KernelScope::Register> KernelScope::find(std::string_view name) const {
  for (auto scope = registers.rbegin(); scope != registers.rend(); ++scope)
    if (const auto found = scope->find(name); found != scope->end()) return found->second;
  return std::nullopt;
}

int KernelScope::constant(Given what, std::uint64_t number) {
  const auto [found, fresh] = given.try_emplace({what, number}, kernel.registers);
  if (fresh) kernel.constants.push_back({kernel.registers++, what, number});
  return found->second;
}

std::uint32_t KernelScope::place_shared(std::uint32_t bytes, std::uint32_t align) {
  std::uint32_t& total = kernel.facts.static_shared_bytes;
  total = (total + align - 1) / align * align;
  total += bytes;
  return total - bytes;
}

std::optional<std::uint64_t> KernelScope::symbol(const std::string& name, Space& space, bool& dynamic) {
  dynamic = false;
  if (const auto found = shared.find(name); found != shared.end()) {
    space = Space::kShared;
    return kSharedBase + found->second;
  }
  if (const auto found = module_shared.find(name); found != module_shared.end()) {
    space = Space::kShared;
    dynamic = found->second.dynamic;
    if (dynamic) return 0;
    return kSharedBase + (shared[name] = place_shared(found->second.bytes, found->second.align));
  }
  if (const auto found = locals.find(name); found != locals.end()) {
    space = Space::kLocal;
    return kLocalBase + found->second;
  }
  for (const Parameter& parameter : kernel.facts.parameters)
    if (parameter.name == name) {
      space = Space::kParam;
      return kParamBase + parameter.offset;
    }
  for (const Variable& variable : module.variables)
    if (variable.name == name) {
      space = variable.space;
      return reinterpret_cast<std::uintptr_t>(variable.first);
    }
  return std::nullopt;
}

Decoder::Decoder(KernelScope& scope, const std::string& word, std::vector<Operand> operands, Instruction& into)
    : instruction(into), scope_(scope), operands_(std::move(operands)), used_(operands_.size(), false) {
  for (std::size_t at = 0; at <= word.size();) {
    const std::size_t end = std::min(word.find('.', at), word.size());
    pieces_.push_back(word.substr(at, end - at));
    at = end + 1;
  }
  taken_.assign(pieces_.size(), false);
  taken_[0] = true;
}

bool Decoder::take(std::string_view modifier) {
  for (std::size_t i = 1; i < pieces_.size(); ++i)
    if (!taken_[i] && pieces_[i] == modifier) return taken_[i] = true;
  return false;
}

std::optional<std::size_t> Decoder::any_of(std::initializer_list<std::string_view> modifiers) {
  std::size_t index = 0;
  for (const std::string_view modifier : modifiers) {
    if (take(modifier)) return index;
    ++index;
  }
  return std::nullopt;
}

std::size_t Decoder::one_of(const char* what, std::initializer_list<std::string_view> modifiers) {
  const auto found = any_of(modifiers);
  if (!found) refuse(std::string("a modifier is wanted that says ") + what);
  return *found;
}

std::optional<std::string> Decoder::starting(std::string_view prefix) {
  for (std::size_t i = 1; i < pieces_.size(); ++i)
    if (!taken_[i] && pieces_[i].compare(0, prefix.size(), prefix) == 0) {
      taken_[i] = true;
      return pieces_[i];
    }
  return std::nullopt;
}

std::optional<Type> Decoder::maybe_type() {
  for (std::size_t i = 1; i < pieces_.size(); ++i)
    if (const auto type = taken_[i] ? std::nullopt : type_of(pieces_[i])) {
      taken_[i] = true;
      return type;
    }
  return std::nullopt;
}

Type Decoder::type() {
  const auto type = maybe_type();
  if (!type) refuse("a type is wanted");
  return *type;
}

Type Decoder::type_among(std::initializer_list<Type> allowed) {
  const Type found = type();
  if (std::find(allowed.begin(), allowed.end(), found) == allowed.end()) refuse("this type is not known here");
  return found;
}

const Operand& Decoder::operand(std::size_t index) {
  if (index >= operands_.size()) refuse("operand " + std::to_string(index + 1) + " is missing");
  used_[index] = true;
  return operands_[index];
}

int Decoder::immediate(const std::string& number, Type type) {
  const std::uint32_t bytes = bytes_of(type);
  if (number.size() > 2 && number[0] == '0' && std::string_view("fFdD").find(number[1]) != std::string_view::npos) {
    const bool twice = number[1] == 'd' || number[1] == 'D';
    if (bytes != (twice ? 8U : 4U) || number.size() != (twice ? 18U : 10U)) refuse("the number does not fit the type");
    return scope_.constant(Given::kNumber, std::stoull(number.substr(2), nullptr, 16));
  }
  if (type == Type::kF32 || type == Type::kF64) refuse("a floating-point number is wanted");
  std::int64_t value = 0;
  try {
    value = integer(number);
  } catch (const std::runtime_error& error) {
    refuse(error.what());
  }
  if (type == Type::kPred) return scope_.constant(Given::kNumber, value != 0 ? 1 : 0);
  const std::uint64_t mask = mask_of(bytes);
  const auto unsigned_value = static_cast<std::uint64_t>(value);
  const bool fits = (unsigned_value & ~mask) == 0 || (number[0] == '-' && (~unsigned_value & ~(mask >> 1)) == 0);
  if (!fits) refuse("the number does not fit the type");
  return scope_.constant(Given::kNumber, unsigned_value & mask);
}

int Decoder::read(const Operand& from, Type type, bool wider) {
  if (from.kind == Operand::Kind::kNumber) return immediate(from.number, type);
  if (from.kind != Operand::Kind::kName || from.negated || !from.second.empty())
    refuse("a register or a number is wanted as operand");
  if (const auto found = scope_.find(from.name)) {
    const bool predicate = found->type == Type::kPred;
    const std::uint32_t have = bytes_of(found->type), want = bytes_of(type);
    if (predicate != (type == Type::kPred) || (wider ? have < want : have != want))
      refuse("register " + from.name + " has another width than the instruction");
    return found->index;
  }
  for (const Special& special : kSpecials)
    if (special.name == from.name) {
      if (bytes_of(type) != 4) refuse("special register " + from.name + " has 32 bits");
      if (special.given == Given::kNumber) return scope_.constant(Given::kNumber, kWarp);
      return scope_.constant(special.given, 0);
    }
  Space space{};
  bool dynamic = false;
  if (const auto at = scope_.symbol(from.name, space, dynamic)) {
    if (bytes_of(type) != 8 && (bytes_of(type) != 4 || space != Space::kShared))
      refuse("the address of " + from.name + " does not fit the type");
    return scope_.constant(dynamic ? Given::kDynamicShared : Given::kNumber, *at);
  }
  refuse("\"" + from.name + "\" is no register, special register or variable that the emulation knows");
}

void Decoder::out(const Operand& to, Type type, bool wider) {
  if (to.kind != Operand::Kind::kName || to.negated) refuse("a register is wanted as destination");
  if (to.name == "_") {
    instruction.out.push_back(0);
    return;
  }
  const auto found = scope_.find(to.name);
  if (!found) refuse("register \"" + to.name + "\" is not declared");
  const std::uint32_t have = bytes_of(found->type), want = bytes_of(type);
  if ((found->type == Type::kPred) != (type == Type::kPred) || (wider ? have < want : have != want))
    refuse("register " + to.name + " has another width than the instruction");
  instruction.width = have;
  instruction.out.push_back(found->index);
}

void Decoder::ins(std::size_t index, Type type, bool wider) {
  const Operand& from = operand(index);
  if (from.kind != Operand::Kind::kVector) return in(from, type, wider);
  for (const Operand& element : from.elements) in(element, type, wider);
}

void Decoder::outs(std::size_t index, Type type, bool wider) {
  const Operand& to = operand(index);
  if (to.kind != Operand::Kind::kVector) return out(to, type, wider);
  for (const Operand& element : to.elements) out(element, type, wider);
}

void Decoder::address(std::size_t index) {
  const Operand& from = operand(index);
  if (from.kind != Operand::Kind::kAddress) refuse("an address in brackets is wanted");
  instruction.offset = from.offset;
  if (from.name.empty()) {
    instruction.in.push_back(scope_.constant(Given::kNumber, 0));
    return;
  }
  if (const auto found = scope_.find(from.name)) {
    const std::uint32_t have = bytes_of(found->type);
    const bool narrow = instruction.space == Space::kShared || instruction.space == Space::kLocal;
    if (found->type == Type::kPred || (have != 8 && !(have == 4 && narrow)))
      refuse("register " + from.name + " cannot hold this address");
    instruction.in.push_back(found->index);
    return;
  }
  Space space{};
  bool dynamic = false;
  const auto at = scope_.symbol(from.name, space, dynamic);
  if (!at) refuse("\"" + from.name + "\" is no register or variable");
  if (space != instruction.space) refuse("\"" + from.name + "\" lies in another space than the instruction says");
  instruction.in.push_back(scope_.constant(dynamic ? Given::kDynamicShared : Given::kNumber, *at));
}

int Decoder::carry_register() {
  if (scope_.carry < 0) scope_.carry = scope_.kernel.registers++;
  return scope_.carry;
}

std::vector<std::string> Decoder::table(const std::string& name) {
  for (auto scope = scope_.tables.rbegin(); scope != scope_.tables.rend(); ++scope)
    if (const auto found = scope->find(name); found != scope->end()) return found->second;
  refuse("there is no .branchtargets " + name + " before");
}

void Decoder::same(Type type, std::size_t inputs) {
  out(0, type);
  for (std::size_t i = 1; i <= inputs; ++i) in(i, type);
}

void Decoder::execute(Instruction::Execute by) {
  if (by == nullptr) refuse("this type or combination is not known");
  instruction.execute = by;
}

void Decoder::finish() {
  for (std::size_t i = 0; i < pieces_.size(); ++i)
    if (!taken_[i]) refuse("modifier \"." + pieces_[i] + "\" is not known here");
  for (std::size_t i = 0; i < used_.size(); ++i)
    if (!used_[i]) refuse("operand " + std::to_string(i + 1) + " is not known here");
  if (instruction.execute == nullptr && instruction.flow == Instruction::Flow::kPlain) refuse("it has no meaning");
}

void Decoder::refuse(const std::string& why) const {
  throw std::runtime_error("PTX line " + std::to_string(instruction.line) + ": `" + instruction.source + "`: " + why +
                           "; teach tests/cuda_emulation/ptx or write the kernel without it");
}

void (*decoder_of(const std::string& opcode))(Decoder&) {
  static const auto kTable = [] {
    std::unordered_map<std::string_view, void (*)(Decoder&)> table;
    for (const auto family : {integer_opcodes(), carry_opcodes(), bit_opcodes(), float_opcodes(), approximate_opcodes(),
                              compare_opcodes(), convert_opcodes(), move_opcodes(), memory_opcodes(), atomic_opcodes(),
                              control_opcodes(), warp_opcodes(), matrix_opcodes(), fragment_opcodes()})
      for (const Opcode& known : family) table.emplace(known.name, known.decode);
    return table;
  }();
  const auto found = kTable.find(opcode);
  return found == kTable.end() ? nullptr : found->second;
}

}  // namespace geomsu::emulation::ptx
