#include "harness/cli/app.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/build_facts.hpp"
#include "harness/cli/verbs.hpp"

namespace geomsu::cli {
namespace {

constexpr const char* kAbout =
    "geomsu: acceptance inspection of accelerators. What was delivered is measured, judged against\n"
    "the contract, and reported so that every figure can be traced and recomputed.";

constexpr const char* kFooter =
    "Begin with:\n"
    "  geomsu devices                   # what can be measured here\n"
    "  geomsu run demo-cpu              # the demonstration contract on this machine's processor\n"
    "  geomsu VERB --help               # what a verb does, with examples\n\n"
    "Exit status: 0 every clause passed; 1 a clause failed; 2 something is open (inconclusive,\n"
    "  invalid, not run); 64 usage, 65 bad data, 66 no input, 69 unavailable, 70 internal,\n"
    "  73 cannot create, 74 I/O, 130 interrupted.\n\n"
    "Configurations, plug-ins and the worker are looked for by flag, then in $XDG_CONFIG_HOME/geomsu\n"
    "(~/.config/geomsu), then under the prefix that this program lies in.";

struct Globals {
  ConsoleOptions console;
  SearchOptions search;
  SiteOptions site;
  std::string level, language;
  int verbose = 0;
};

void declare_globals(CLI::App& app, Globals& globals) {
  app.add_flag("-v", globals.verbose, "Say more on stderr (-vv: everything)");
  app.add_flag("-q,--quiet", globals.console.quiet, "Errors and the result only");
  app.add_option("--log-level", globals.level, "debug, info, warning, error or quiet")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "quiet"}));
  app.add_flag("--json", globals.console.json, "One JSON document on stdout, nothing else");
  app.add_option("--lang", globals.language, "Language of results: ko or en (default: the locale's)")
      ->check(CLI::IsMember({"ko", "en"}));
  app.add_option("--config", globals.search.config_dir, "Folder looked through first for suites, devices, sites");
  app.set_version_flag("--version", version_text, "Version, commit, compiler, flags, libraries");
}

void declare_site(CLI::App& verb, Globals& globals) {
  Options take(verb, "Devices");
  take.text("--site", globals.site.site, "Site file: which plug-ins and adapters may be started");
  take.texts("--backend", globals.site.backends, "Plug-in to use, by name; may be given again");
  take.texts("--param", globals.site.params, "backend.key=value, handed to that plug-in");
  take.text("--cpu-devices", globals.site.cpu_devices, "Split the processor into N devices");
  take.texts("--backend-path", globals.search.backend_dirs, "Folder looked through first for plug-ins");
  take.text("--worker", globals.search.worker, "The geomsu-worker program");
}

Language locale_language() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0')
      return std::string_view(value).starts_with("ko") ? Language::kKorean : Language::kEnglish;
  }
  return Language::kEnglish;
}

void settle(Globals& globals) {
  ConsoleOptions& console = globals.console;
  if (console.quiet) console.level = LogLevel::kError;
  if (globals.verbose == 1) console.level = LogLevel::kInfo;
  if (globals.verbose > 1) console.level = LogLevel::kDebug;
  if (!globals.level.empty()) {
    for (const LogLevel level :
         {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError, LogLevel::kQuiet}) {
      if (to_string(level) == globals.level) console.level = level;
    }
  }
  console.language = globals.language.empty() ? locale_language()
                                              : (globals.language == "ko" ? Language::kKorean : Language::kEnglish);
}

int complain(std::string_view text, ErrorCode code) {
  Console().err(fmt::format("geomsu: {}", text));
  return static_cast<int>(code);
}

// The first word that can be meant as a verb, where CLI11 only knows that none came.
std::string unknown_verb(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--log-level" || word == "--lang" || word == "--config") {
      ++i;
    } else if (!word.starts_with('-')) {
      return std::string(word);
    }
  }
  return {};
}

int usage_error(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const std::vector<const CLI::App*> parsed = app.get_subcommands([](const CLI::App* verb) { return verb->parsed(); });
  if (!parsed.empty()) {
    return complain(
        fmt::format("{}\nnext: geomsu {} --help", escape_terminal(error.what()), parsed.front()->get_name()),
        ErrorCode::kUsage);
  }
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) names.emplace_back(verb.name);
  const std::string word = unknown_verb(argc, argv);
  if (word.empty()) {
    return complain(fmt::format("{}\nnext: name a verb: {}; geomsu --help says what each does",
                                argc == 1 ? "nothing to do" : escape_terminal(error.what()), fmt::join(names, ", ")),
                    ErrorCode::kUsage);
  }
  for (const std::string& name : names) {
    if (name == word)
      return complain(fmt::format("{}\nnext: geomsu {} --help", escape_terminal(error.what()), name),
                      ErrorCode::kUsage);
  }
  const std::string near = closest(word, names);
  return complain(fmt::format("there is no verb '{}'{}\nnext: one of {}", escape_terminal(word),
                              near.empty() ? "" : fmt::format("; did you mean '{}'?", near), fmt::join(names, ", ")),
                  ErrorCode::kUsage);
}

int act(const Action& action, Globals& globals) {
  settle(globals);
  Console console(globals.console);
  SystemClock clock;
  Log log(console.log_sink(), clock, globals.console.level);
  Context context{console, log, globals.search, globals.site};
  try {
    const int status = action(context);
    console.flush();
    return status;
  } catch (const Error& error) {
    console.status("");
    console.err(fmt::format("geomsu: {}", error.what()));
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    console.status("");
    console.err(
        fmt::format("geomsu: a defect of geomsu itself: {}\nnext: report it with the command and the output of "
                    "`geomsu --version`; what was measured stays on the disk",
                    escape_terminal(error.what())));
    return static_cast<int>(ErrorCode::kInternal);
  }
}

}  // namespace

int run_app(int argc, char** argv) {
  CLI::App app(kAbout, "geomsu");
  Globals globals;
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(28);
  declare_globals(app, globals);
  Action chosen;
  for (const Verb& verb : verbs()) {
    CLI::App* sub = app.add_subcommand(std::string(verb.name), std::string(verb.summary));
    sub->footer(std::string(verb.help));
    sub->fallthrough();
    Options take(*sub);
    const Action action = verb.declare(take);
    if (verb.uses_site) declare_site(*sub, globals);
    sub->callback([&chosen, action] { chosen = action; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error, argc, argv);
  }
  return act(chosen, globals);
}

}  // namespace geomsu::cli
