// A file of policy tests: statements, whose they are, and what pgward should make of them, so that a change of a
// policy is reviewed like a change of code. docs/policy-tests.md describes the form.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/mistake.h"
#include "policy/plan.h"

namespace pgward::proxy {

struct Identity {
  std::string role;
  std::map<std::string, std::string, std::less<>> claims;
};

enum class Decision { allowed, rewritten, passed, refused };  // allowed: rewritten or passed
std::string_view name_of(Decision decision);

struct PolicyTest {
  std::string name;
  policy::Place place;
  Identity identity;
  std::string sql;
  policy::QueryProtocol protocol = policy::QueryProtocol::simple;
  std::vector<std::string> search_path;  // empty: the database's own
  std::vector<std::optional<std::string>> parameters;
  Decision expect = Decision::allowed;
  std::optional<std::string> reason;   // of a refusal: relation_not_listed
  std::optional<std::string> becomes;  // the statement that the server gets
  std::optional<bool> recorded;        // in the audit trail
  // Table -> columns that the statement touches there; `all` for all of them. The whole list, when it is given.
  std::optional<std::map<std::string, std::vector<std::string>>> touches;
};

struct PolicyTests {
  std::string policy;   // files beside this one, or empty: then the command line names them
  std::string catalog;
  std::vector<PolicyTest> tests;
  std::vector<policy::Mistake> mistakes;  // with one of these, no test
};

PolicyTests load_policy_tests(std::string_view yaml, const std::string& file);

}  // namespace pgward::proxy
