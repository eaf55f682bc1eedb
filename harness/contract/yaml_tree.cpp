#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "harness/contract/source_text.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {
namespace {

// Thrown by the builder through yaml-cpp to end reading at once; the reason has been reported.
struct Stop {};

class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string& text) { setg(text.data(), text.data(), text.data() + text.size()); }
};

// Builds the tree from yaml-cpp's events. Open containers are on `open_`; a map waits with its key for the value.
class Builder final : public YAML::EventHandler {
 public:
  Builder(SourceText& source, Diagnostics& diagnostics) : source_(source), diagnostics_(diagnostics) {}

  std::optional<YamlNode> take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    diagnostics_.error(place(mark), "a second document in the file",
                       {"only one would be read, and nobody could tell which", "keep one document a file"});
    throw Stop{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_properties(mark, {}, anchor);
    YamlNode node;
    node.at = place(mark);
    if (!open_.empty() && open_.back().key) node.at = open_.back().key_at;
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    diagnostics_.error(place(mark), "an alias (*)", kNoReferences);
    YamlNode node;
    node.at = place(mark);
    add(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_properties(mark, tag, anchor);
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.at = place(mark);
    node.text = value;
    if (!source_.quote_closes(mark.line, mark.column)) {
      diagnostics_.error(node.at, "a quote that is not closed",
                         {"everything to the end of the file was taken for one text", "close it on the same line"});
      throw Stop{};
    }
    while (node.text.ends_with('\n')) node.text.pop_back();
    if (node.text.size() > kYamlMaxScalar) {
      diagnostics_.error(node.at, fmt::format("a text of {} bytes, the limit is {}", node.text.size(), kYamlMaxScalar),
                         {"every text of a contract is printed", "shorten it"});
      node.text.resize(kYamlMaxScalar);
    } else if (const auto name = forbidden_in(node.text)) {
      diagnostics_.error(node.at, *name + " in a text",
                         {"texts are one line, and a reader must see what the program reads", "remove it"});
    }
    if (wants_key()) {
      take_key(node, tag == "?");
    } else {
      add(std::move(node));
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::optional<std::string> key;
    Mark key_at;
    bool keep = true;  // false: the value of a key that was refused
    bool is_key = false;
    std::unordered_map<std::string, Mark> seen;
  };

  static inline const Advice kNoReferences{"anchors and aliases make one line stand for another, and small files huge",
                                           "write the value out where it is meant"};

  Mark place(const YAML::Mark& mark) { return source_.mark(mark.line, mark.column); }
  bool wants_key() const {
    return !open_.empty() && open_.back().node.kind == YamlNode::Kind::kMap && !open_.back().key;
  }

  // Tags and anchors stand before the value, and the event's place is theirs.
  void refuse_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) diagnostics_.error(place(mark), "an anchor (&)", kNoReferences);
    const bool explicit_tag = (!tag.empty() && tag != "?" && tag != "!") || source_.at(mark.line, mark.column) == '!';
    if (explicit_tag) {
      diagnostics_.error(place(mark), "a tag (!)",
                         {"what a value is follows from its key, never from a tag", "remove the tag"});
    }
  }

  void count() {
    if (++nodes_ <= kYamlMaxNodes) return;
    diagnostics_.error({}, fmt::format("more than {} values in the file", kYamlMaxNodes),
                       {"no honest contract is that long", "check that this is the right file"});
    throw Stop{};
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    refuse_properties(mark, tag, anchor);
    if (open_.size() >= kYamlMaxDepth) {
      diagnostics_.error(place(mark), fmt::format("values nested deeper than {}", kYamlMaxDepth),
                         {"nothing here needs such depth", "check that this is the right file"});
      throw Stop{};
    }
    Open next;
    next.node.kind = kind;
    next.node.at = place(mark);
    next.is_key = wants_key();
    open_.push_back(std::move(next));
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.is_key) {
      diagnostics_.error(closed.node.at, "a key that is not a word", {"keys are plain words", "write `key: value`"});
      open_.back().key = "";
      open_.back().keep = false;
    } else {
      add(std::move(closed.node));
    }
  }

  void take_key(const YamlNode& node, bool plain) {
    count();
    Open& map = open_.back();
    map.key = node.text;
    map.key_at = node.at;
    map.keep = true;
    if (plain && node.text == "<<") {
      diagnostics_.error(node.at, "a merge key (<<)", kNoReferences);
      map.keep = false;
      return;
    }
    const auto [first, fresh] = map.seen.emplace(node.text, node.at);
    if (fresh) return;
    map.keep = false;
    diagnostics_.error(
        node.at, "the key " + shown(node.text) + " stands twice",
        {fmt::format("it already stands in line {}, and one of the two would be ignored", first->second.line),
         "keep one of them"});
  }

  void add(YamlNode node) {
    count();
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kSequence) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    if (!parent.key) {  // a null or an alias in the place of a key
      diagnostics_.error(node.at, "a key that is not a word", {"keys are plain words", "write `key: value`"});
      parent.key = "";
      parent.keep = false;
      return;
    }
    if (parent.keep) parent.node.entries.push_back({*parent.key, parent.key_at, std::move(node)});
    parent.key.reset();
    parent.keep = true;
  }

  SourceText& source_;
  Diagnostics& diagnostics_;
  std::optional<YamlNode> root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

std::optional<YamlNode> read_yaml(std::string_view bytes, Diagnostics& diagnostics) {
  auto source = SourceText::check(bytes, diagnostics);
  if (!source) return std::nullopt;
  Builder builder(*source, diagnostics);
  try {
    std::string text = source->text();
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& problem) {
    const Mark at = problem.mark.is_null() ? Mark{} : source->mark(problem.mark.line, problem.mark.column);
    diagnostics.error(
        at, "this is no YAML: " + problem.msg,
        {"nothing after this place could be read", "mind indentation (spaces, no tabs), colons and quotes"});
    return std::nullopt;
  }
  auto root = builder.take();
  if (!root || root->kind == YamlNode::Kind::kNull) {
    diagnostics.error({}, "the file is empty", {"there is nothing to read in it", "start from an example in configs/"});
    return std::nullopt;
  }
  return root;
}

}  // namespace geomsu
