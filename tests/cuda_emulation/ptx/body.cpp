#include "tests/cuda_emulation/ptx/body.hpp"

#include <stdexcept>

#include "tests/cuda_emulation/ptx/declaration.hpp"

namespace geomsu::emulation::ptx {
namespace {

class Body {
 public:
  Body(Cursor& at, KernelScope& scope, SourceLines& lines) : at_(at), scope_(scope), lines_(lines) {}

  void run() {
    at_.expect("{");
    labels_.emplace_back();
    for (std::size_t depth = 1; depth > 0;) {
      if (at_.take("{")) {
        ++depth;
        scope_.registers.emplace_back();
        scope_.tables.emplace_back();
        labels_.emplace_back();
        pending_.emplace_back();
      } else if (at_.take("}")) {
        close(--depth == 0);
      } else {
        statement();
      }
    }
    Instruction end;  // a body may end without ret
    end.flow = Instruction::Flow::kExit;
    end.source = "the end of the body";
    end.hit = lines_.counter(place_.first, place_.second);
    scope_.kernel.code.push_back(end);
  }

 private:
  struct Pending {
    std::size_t instruction = 0;
    std::vector<std::string> labels{};
  };

  // Resolves what jumps to labels of this scope; the rest may be named by an outer one.
  void close(bool last) {
    std::vector<Pending> outer;
    for (Pending& jump : pending_.back()) {
      Instruction& instruction = scope_.kernel.code[jump.instruction];
      bool all = true;
      for (const std::string& label : jump.labels) all = all && labels_.back().count(label) != 0;
      if (all)
        for (const std::string& label : jump.labels) instruction.targets.push_back(labels_.back().at(label));
      else if (last)
        throw std::runtime_error("PTX line " + std::to_string(instruction.line) + ": `" + instruction.source +
                                 "`: there is no such label in reach");
      else
        outer.push_back(std::move(jump));
    }
    labels_.pop_back();
    pending_.pop_back();
    if (last) return;
    scope_.registers.pop_back();
    scope_.tables.pop_back();
    pending_.back().insert(pending_.back().end(), outer.begin(), outer.end());
  }

  void statement() {
    if (at_.take(".reg")) return registers();
    if (at_.take(".shared")) {
      const Declaration declared = declaration(at_, false);
      at_.expect(";");
      scope_.shared[declared.name] = scope_.place_shared(declared.bytes, declared.align);
      return;
    }
    if (at_.take(".local")) return local();
    if (at_.take(".loc")) return location();
    if (at_.take(".pragma")) {
      const std::string what = at_.next().text;
      if (what != "nounroll" && what.compare(0, 12, "used_bytes_m") != 0)
        at_.refuse("pragma \"" + what + "\" is not known");
      return at_.expect(";");
    }
    if (at_.take("implicit-def")) {
      const std::string name = at_.word("a register");
      at_.expect(";");
      return leave_open(name);
    }
    if (at_.peek(1).text == ":" && at_.peek().kind == Token::Kind::kWord) return label();
    instruction();
  }

  void registers() {
    const std::string word = at_.word("a type");
    const auto type = word[0] == '.' ? type_of(std::string_view(word).substr(1)) : std::nullopt;
    if (!type) at_.refuse("\"" + word + "\" is no type of a register");
    const auto add = [&](const std::string& name) {
      scope_.registers.back()[name] = {scope_.kernel.registers++, *type};
    };
    do {
      const std::string name = at_.word("a register's name");
      if (at_.take("<")) {
        const std::int64_t count = at_.number();
        if (count < 0 || count > 100000) at_.refuse("so many registers are not supported");
        at_.expect(">");
        for (std::int64_t i = 0; i < count; ++i) add(name + std::to_string(i));
      } else {
        add(name);
      }
    } while (at_.take(","));
    at_.expect(";");
  }

  void local() {
    const Declaration declared = declaration(at_, false);
    at_.expect(";");
    std::uint32_t& bytes = scope_.kernel.local_bytes;
    bytes = (bytes + declared.align - 1) / declared.align * declared.align;
    scope_.locals[declared.name] = bytes;
    bytes += declared.bytes;
  }

  // ".loc 4 258 23, function_name $L__info_string11, inlined_at 4 1588 9": the line itself is what runs.
  void location() {
    const std::int64_t file = at_.number(), line = at_.number();
    at_.number();
    while (at_.take(",")) {
      if (at_.take("function_name")) {
        at_.word("a label");
        if (at_.take("+")) at_.number();
      } else if (at_.take("inlined_at")) {
        for (int i = 0; i < 3; ++i) at_.number();
      } else {
        at_.refuse("\"" + at_.peek().text + "\" is not known in .loc");
      }
    }
    if (lines_.files.count(file) == 0) at_.refuse("there is no .file " + std::to_string(file));
    place_ = {file, line};
  }

  void label() {
    const std::string name = at_.next().text;
    at_.expect(":");
    if (at_.take(".branchtargets")) {
      std::vector<std::string>& targets = scope_.tables.back()[name];
      do targets.push_back(at_.word("a label"));
      while (at_.take(","));
      return at_.expect(";");
    }
    if (!labels_.back().emplace(name, static_cast<int>(scope_.kernel.code.size())).second)
      at_.refuse("label " + name + " stands there twice");
  }

  void leave_open(const std::string& name) {
    const auto found = scope_.find(name);
    if (!found) at_.refuse("register " + name + " is not declared");
    Instruction made = start();
    made.source = "implicit-def: " + name;
    made.out.push_back(found->index);
    made.execute = [](Warp&, const Instruction&, Lanes) {};  // it keeps its poison, and may be read
    scope_.kernel.code.push_back(std::move(made));
  }

  Instruction start() {
    Instruction made;
    made.line = at_.peek().line;
    made.hit = lines_.counter(place_.first, place_.second);
    return made;
  }

  void instruction() {
    const std::size_t first = at_.at();
    Instruction made = start();
    std::string guard;
    if (at_.take("@")) {
      made.negated = at_.take("!");
      guard = at_.word("a predicate");
    }
    const std::string word = at_.word("an instruction");
    std::vector<Operand> operands;
    if (word.compare(0, 4, "call") == 0)
      at_.refuse("`" + word + "`: calls are not supported; let the function be inlined, and leave printf out");
    if (at_.peek().text != ";") {
      do operands.push_back(at_.operand());
      while (at_.take(","));
    }
    at_.expect(";");
    made.source = at_.source(first);
    Decoder decoder(scope_, word, std::move(operands), made);
    if (!guard.empty()) {
      Operand predicate;
      predicate.name = guard;
      made.guard = decoder.read(predicate, Type::kPred);
    }
    const auto decode = decoder_of(decoder.opcode());
    if (decode == nullptr) decoder.refuse("opcode \"" + decoder.opcode() + "\" is not known");
    decode(decoder);
    decoder.finish();
    if (!decoder.labels.empty()) pending_.back().push_back({scope_.kernel.code.size(), decoder.labels});
    scope_.kernel.code.push_back(std::move(made));
  }

  Cursor& at_;
  KernelScope& scope_;
  SourceLines& lines_;
  std::pair<std::int64_t, std::int64_t> place_{0, 0};  // of the last .loc; {0, 0}: none yet
  std::vector<std::map<std::string, int>> labels_;
  std::vector<std::vector<Pending>> pending_{1};
};

}  // namespace

std::size_t SourceLines::counter(std::int64_t file, std::int64_t line) {
  const auto [found, fresh] = known.try_emplace({file, line}, module.lines.size());
  if (fresh) {
    module.lines.push_back({files.count(file) != 0 ? files.at(file) : "", static_cast<std::uint32_t>(line)});
    module.hits.emplace_back(0);
  }
  return found->second;
}

void parse_body(Cursor& at, KernelScope& scope, SourceLines& lines) { Body(at, scope, lines).run(); }

}  // namespace geomsu::emulation::ptx
