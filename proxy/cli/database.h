// What the commands for the DBA work on: a policy, and a database that is named by --upstream or by the
// configuration.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "policy/catalog.h"
#include "policy/mistake.h"
#include "policy/policy.h"
#include "policy/survey.h"
#include "proxy/upstream/connect.h"

namespace pgward::proxy {

struct Database {
  policy::Catalog catalog;
  policy::Survey survey;
};

// `conninfo` should be of the user that pgward logs in with: privileges and settings are that user's. The error
// holds no secret.
std::variant<Database, std::string> read_database(PGconn* connection);
std::variant<Database, std::string> read_database(const std::string& conninfo);

// Loads a policy file; what is wrong with it goes to stderr, and nothing comes back.
std::optional<policy::Policy> policy_from(const std::string& file);

// "pgward WHAT: text" to stderr; gives the exit status for "could not do it", 2.
int cannot(const char* what, const std::string& text);

}  // namespace pgward::proxy
