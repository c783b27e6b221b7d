// Plans many statements and counts what becomes of them:
//   plan_many STATEMENTS [--catalog FILE] [--policy FILE] [--role NAME] [--mode rls+predicate|predicate]
//
// STATEMENTS is a file of texts with a zero byte behind each. Without a catalog and a policy: those of tests/policy/fixture.
// Prints one JSON object: how many of which outcome, an example of each, and what is wrong. Exit status 1 when something is.
// After a crash the file STATEMENTS.at holds the text that it came from.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "every_way.h"
#include "fixture.h"
#include "policy/catalog_file.h"
#include "policy/file.h"

using namespace pgward;
using policy::fixture::name_of;

namespace {

struct Arguments {
  std::string statements, catalog, policy, role = "clinician", mode = "rls+predicate";
};

std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

policy::Catalog catalog_of(const Arguments& arguments) {
  if (arguments.catalog.empty()) return policy::fixture::ehr_catalog();
  auto read = policy::read_catalog_file(read_whole(arguments.catalog));
  if (auto* wrong = std::get_if<std::string>(&read)) throw std::runtime_error(arguments.catalog + ": " + *wrong);
  return std::get<policy::Catalog>(std::move(read));
}

policy::Policy policy_of(const Arguments& arguments) {
  policy::Policy policy = policy::fixture::ehr_policy();
  if (!arguments.policy.empty()) {
    policy::Loaded loaded = policy::load_policy(read_whole(arguments.policy), arguments.policy);
    if (!loaded.policy) throw std::runtime_error(loaded.mistakes.front().place.text() + ": " + loaded.mistakes.front().text);
    policy = *loaded.policy;
  }
  policy.mode = arguments.mode == "predicate" ? policy::Mode::predicate : policy::Mode::rls_and_predicate;
  return policy;
}

// Values that no statement holds, so that each in a rewritten text is one that was put there.
policy::TenantValues tenant_of(const policy::Policy& policy) {
  std::map<std::string, std::string, std::less<>> claims;
  for (const policy::TenantAttribute& each : policy.tenant) {
    const bool number = each.type == policy::TenantType::int2 || each.type == policy::TenantType::int4 || each.type == policy::TenantType::int8;
    claims[each.claim] = each.type == policy::TenantType::uuid ? "0ddba11c-0ff3-4bad-8ead-c0dedeadbeef" : number ? "31873" : "pgward-many";
  }
  return std::get<policy::TenantValues>(policy::tenant_values(policy, claims));
}

void count(nlohmann::json& report, const std::string& sql, const tests::Outcome& outcome) {
  const std::string what = outcome.refusal ? name_of(*outcome.refusal) : outcome.changed ? "rewritten" : "passed";
  nlohmann::json& entry = report["outcomes"][what];
  if (entry.is_null()) entry = {{"count", 0}, {"objects", nlohmann::json::object()}, {"examples", nlohmann::json::array()}};
  entry["count"] = entry["count"].get<int>() + 1;
  if (outcome.refusal && !outcome.object.empty()) entry["objects"][outcome.object] = entry["objects"].value(outcome.object, 0) + 1;
  if (entry["examples"].size() < 200 || outcome.refusal == policy::Refusal::unproven) entry["examples"].push_back(sql.substr(0, 600));
  if (!outcome.wrong.empty()) report["wrong"].push_back({{"what", outcome.wrong.substr(0, 4000)}, {"sql", sql}});
}

nlohmann::json run(const Arguments& arguments) {
  const policy::Catalog catalog = catalog_of(arguments);
  const policy::Policy policy = policy_of(arguments);
  const policy::TenantValues tenant = tenant_of(policy);
  const tests::EveryWay way{policy, policy.roles.at(arguments.role), catalog, catalog.default_search_path, tenant};
  const std::string all = read_whole(arguments.statements);
  nlohmann::json report = {{"outcomes", nlohmann::json::object()}, {"wrong", nlohmann::json::array()}};
  std::ofstream at(arguments.statements + ".at", std::ios::binary);
  std::size_t begin = 0;
  for (std::size_t end = all.find('\0'); end != std::string::npos; begin = end + 1, end = all.find('\0', begin)) {
    const std::string sql = all.substr(begin, end - begin);
    at.seekp(0);
    at << sql << '\0' << std::flush;
    count(report, sql, way.check(sql));
  }
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Plans many statements and counts what becomes of them");
  Arguments arguments;
  app.add_option("statements", arguments.statements, "file of texts, a zero byte behind each")->required();
  app.add_option("--catalog", arguments.catalog, "as pgward catalog writes it");
  app.add_option("--policy", arguments.policy, "policy file");
  app.add_option("--role", arguments.role, "role of the policy");
  app.add_option("--mode", arguments.mode, "rls+predicate or predicate")->check(CLI::IsMember({"rls+predicate", "predicate"}));
  CLI11_PARSE(app, argc, argv);
  try {
    const nlohmann::json report = run(arguments);
    std::cout << report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    return report["wrong"].empty() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "plan_many: " << error.what() << "\n";
    return 2;
  }
}
