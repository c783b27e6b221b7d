#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/catalog_file.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/database.h"
#include "proxy/policy_tests/file.h"
#include "proxy/policy_tests/run.h"
#include "proxy/upstream/catalog_reader.h"

namespace pgward::proxy {
namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string policy, catalog, upstream;
  bool json = false;
};

struct Tally {
  std::size_t passed = 0, failed = 0;
  nlohmann::json tests = nlohmann::json::array();
};

// A value of several lines begins on a line of its own, so that the two can be compared.
void show(const PolicyTest& test, const std::vector<Difference>& differences) {
  std::printf("%s: FAILED %s\n", test.place.text().c_str(), test.name.c_str());
  for (const Difference& one : differences)
    std::printf("    %s\n      expected: %s\n      actual:   %s\n", one.what.c_str(), one.expected.c_str(), one.actual.c_str());
}

void count(const PolicyTest& test, const std::vector<Difference>& differences, bool json, Tally& tally) {
  ++(differences.empty() ? tally.passed : tally.failed);
  if (!json) {
    if (!differences.empty()) show(test, differences);
    return;
  }
  nlohmann::json one{{"name", test.name}, {"place", test.place.text()}, {"passed", differences.empty()}};
  for (const Difference& difference : differences)
    one["differences"].push_back({{"what", difference.what}, {"expected", difference.expected}, {"actual", difference.actual}});
  tally.tests.push_back(std::move(one));
}

std::variant<policy::Catalog, std::string> catalog_for(const Arguments& arguments, const std::string& beside) {
  if (!arguments.upstream.empty()) return read_catalog(arguments.upstream);
  const std::string& file = arguments.catalog.empty() ? beside : arguments.catalog;
  if (file.empty()) return "no catalog: give --upstream, --catalog, or 'catalog:' in the file";
  const auto text = read_file(file, 256u << 20);
  if (!text) return file + " cannot be read";
  return policy::read_catalog_file(*text);
}

// 0 passed, 1 failed, 2 could not be run.
int run_file(const Arguments& arguments, const std::string& file, Tally& tally) {
  const auto text = read_file(file);
  if (!text) return cannot("test", file + " cannot be read");
  const PolicyTests loaded = load_policy_tests(*text, file);
  for (const auto& mistake : loaded.mistakes) std::fprintf(stderr, "%s\n", mistake.line().c_str());
  if (!loaded.mistakes.empty()) return 2;
  const auto beside = [&](const std::string& name) {
    return name.empty() ? name : (std::filesystem::path(file).parent_path() / name).string();
  };
  const std::string policy_file = arguments.policy.empty() ? beside(loaded.policy) : arguments.policy;
  if (policy_file.empty()) return cannot("test", "no policy: give --policy, or 'policy:' in the file");
  const auto policy = policy_from(policy_file);
  if (!policy) return 2;
  auto catalog = catalog_for(arguments, beside(loaded.catalog));
  if (auto* error = std::get_if<std::string>(&catalog)) return cannot("test", *error);
  const std::size_t failed = tally.failed;
  for (const PolicyTest& test : loaded.tests)
    count(test, run_policy_test(test, *policy, std::get<policy::Catalog>(catalog)), arguments.json, tally);
  return tally.failed == failed ? 0 : 1;
}

int run(const Arguments& arguments) {
  Tally tally;
  int worst = 0;
  for (const std::string& file : arguments.files) worst = std::max(worst, run_file(arguments, file, tally));
  if (arguments.json)
    std::printf("%s\n", nlohmann::json{{"passed", tally.passed}, {"failed", tally.failed}, {"tests", tally.tests}}
                            .dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  else
    std::printf("%zu passed, %zu failed\n", tally.passed, tally.failed);
  return worst;
}

}  // namespace

void add_test(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("test", "Run policy tests: what becomes of statements, without running them");
  command->add_option("FILE", arguments->files, "files of policy tests")->required();
  command->add_option("--policy", arguments->policy, "policy file, instead of the one that the file names");
  auto* catalog = command->add_option("--catalog", arguments->catalog, "catalog file, as pgward catalog writes it");
  command->add_option("--upstream", arguments->upstream, "or the database itself")->excludes(catalog);
  command->add_flag("--json", arguments->json, "print JSON");
  command->callback([arguments, &status] { status = run(*arguments); });
}

void add_catalog(CLI::App& app, int& status) {
  auto upstream = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("catalog", "Print a database's catalog as JSON, for pgward test --catalog");
  command->add_option("--upstream", *upstream, "database, as psql takes it (best as the user pgward logs in with)")->required();
  command->callback([upstream, &status] {
    auto catalog = read_catalog(*upstream);
    if (auto* error = std::get_if<std::string>(&catalog)) {
      status = cannot("catalog", *error);
      return;
    }
    const std::string text = policy::write_catalog(std::get<policy::Catalog>(catalog));
    std::fwrite(text.data(), 1, text.size(), stdout);
    status = 0;
  });
}

}  // namespace pgward::proxy
