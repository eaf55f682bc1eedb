// Directives of a module: version, variables, entries and what -lineinfo adds.
#include <cstring>
#include <set>
#include <stdexcept>

#include "tests/cuda_emulation/ptx/body.hpp"
#include "tests/cuda_emulation/ptx/declaration.hpp"

namespace geomsu::emulation::ptx {
namespace {

class Parser {
 public:
  Parser(std::string_view text, Module& module) : all_(tokens(text)), at_(text, all_), module_(module) {
    // .file may stand behind the kernels that name it.
    for (std::size_t i = 0; i + 2 < all_.size(); ++i)
      if (all_[i].text == ".file" && all_[i + 1].kind == Token::Kind::kNumber)
        lines_.files[integer(all_[i + 1].text)] = all_[i + 2].text;
  }

  void run() {
    while (at_.peek().kind != Token::Kind::kEnd) directive();
  }

 private:
  void directive() {
    if (at_.take(".version")) {
      at_.next();
    } else if (at_.take(".target")) {
      const std::string target = at_.word("an architecture");
      if (target.compare(0, 3, "sm_") != 0) at_.refuse("\"" + target + "\" is no architecture");
      if (at_.peek().text == ",") at_.refuse("options of .target are not supported");
    } else if (at_.take(".address_size")) {
      if (at_.number() != 64) at_.refuse("addresses have 64 bits here");
    } else if (at_.take(".file")) {
      at_.number();
      at_.next();
      while (at_.take(",")) at_.number();  // time and size
    } else if (at_.take(".section")) {
      section();
    } else if (at_.take(".extern")) {
      at_.expect(".shared");
      shared(true);
    } else if (at_.take(".shared")) {
      shared(false);
    } else if (at_.take(".const")) {
      variable(Space::kConst);
    } else if (at_.take(".global")) {
      variable(Space::kGlobal);
    } else if (at_.take(".visible") || at_.take(".weak")) {
      const std::string& next = at_.peek().text;
      if (next != ".entry" && next != ".const" && next != ".global") at_.refuse("\"" + next + "\" is not supported");
    } else if (at_.take(".entry")) {
      entry();
    } else {
      at_.refuse("\"" + at_.peek().text + "\" is not supported at the top of a module");
    }
  }

  // Debug strings, which .loc refers to: nothing of them runs.
  void section() {
    const std::string name = at_.word("a section");
    if (name.compare(0, 7, ".debug_") != 0) at_.refuse("section " + name + " is not supported");
    at_.expect("{");
    while (!at_.take("}")) at_.next();
  }

  void shared(bool external) {
    const Declaration declared = declaration(at_, false);
    at_.expect(";");
    if (declared.open != external) at_.refuse("only external shared memory may be open");
    shared_[declared.name] = {declared.bytes, declared.align, external};
  }

  void variable(Space space) {
    Declaration declared = declaration(at_, true);
    at_.expect(";");
    if (declared.open) at_.refuse("a variable of the module has a size");
    Variable made{declared.name,
                  space,
                  declared.bytes,
                  declared.align,
                  std::make_unique<std::byte[]>(declared.bytes + declared.align),
                  nullptr};
    void* first = made.storage.get();
    std::size_t room = declared.bytes + declared.align;
    made.first = static_cast<std::byte*>(std::align(declared.align, declared.bytes, first, room));
    if (!declared.initial.empty()) std::memcpy(made.first, declared.initial.data(), declared.initial.size());
    module_.variables.push_back(std::move(made));
  }

  void entry() {
    Kernel kernel;
    kernel.facts.name = at_.word("the kernel's name");
    if (at_.take("(")) {
      if (!at_.take(")")) {
        do {
          at_.expect(".param");
          const Declaration declared = declaration(at_, false);
          std::uint32_t& bytes = kernel.facts.parameter_bytes;
          bytes = (bytes + declared.align - 1) / declared.align * declared.align;
          kernel.facts.parameters.push_back({declared.name, bytes, declared.bytes});
          bytes += declared.bytes;
        } while (at_.take(","));
        at_.expect(")");
      }
    }
    while (at_.peek().text != "{") limit(kernel);
    KernelScope scope{kernel, module_, shared_};
    parse_body(at_, scope, lines_);
    const std::string name = kernel.facts.name;
    if (!module_.kernels.emplace(name, std::move(kernel)).second) at_.refuse("kernel " + name + " stands there twice");
  }

  void limit(Kernel& kernel) {
    if (at_.take(".maxntid") || at_.take(".reqntid")) {
      std::uint64_t threads = 1;
      do threads *= static_cast<std::uint64_t>(at_.number());
      while (at_.take(","));
      kernel.facts.max_threads = static_cast<std::uint32_t>(threads);
    } else if (at_.take(".minnctapersm") || at_.take(".maxnreg")) {
      at_.number();
    } else {
      at_.refuse("\"" + at_.peek().text + "\" is not supported before a kernel's body");
    }
  }

  std::vector<Token> all_;
  Cursor at_;
  Module& module_;
  SourceLines lines_{module_, {}, {}};
  std::map<std::string, KernelScope::Shared, std::less<>> shared_;
};

}  // namespace

std::shared_ptr<const Module> parse(std::string_view text) {
  auto module = std::make_shared<Module>();
  Parser(text, *module).run();
  return module;
}

const KernelFacts* find(const Module& module, std::string_view kernel) {
  const auto found = module.kernels.find(kernel);
  return found == module.kernels.end() ? nullptr : &found->second.facts;
}

std::vector<std::string> kernels(const Module& module) {
  std::vector<std::string> names;
  for (const auto& entry : module.kernels) names.push_back(entry.first);
  return names;
}

}  // namespace geomsu::emulation::ptx
