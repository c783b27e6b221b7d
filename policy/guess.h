// Guesses about a database that nobody has described yet: which columns name the tenant, which hold PHI. By
// names, types, keys, policies, comments and counts; never by values.
//
// A guess is for a person to confirm: each says why it was made. Where in doubt a column counts as PHI and a
// table as not listed, since a policy refuses what it does not name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/catalog.h"
#include "policy/policy.h"
#include "policy/survey.h"

namespace pgward::policy {

struct TenantGuess {
  std::string attribute;  // clinic_id
  std::string setting;    // app.clinic_id, or what a row-level security policy reads already
  TenantType type = TenantType::text;
  std::map<RelationName, std::string> columns;  // table -> its column of this attribute
  std::map<RelationName, std::string> why;
  bool setting_was_found = false;
};

// The likeliest first; none when no column looks like a tenant's.
std::vector<TenantGuess> guess_tenants(const Catalog& catalog, const Survey& survey);

struct PhiGuess {
  std::string kind;  // name, ssn, date, clinical, free_text, ...
  std::string why;
};
// Of one column of a table whose rows belong to somebody. `comment`: the column's in the catalog.
std::optional<PhiGuess> guess_phi(const Column& column, const std::string& comment);

// A name with case, blanks and underscores taken out of account: ClinicId, clinic_id and "Clinic Id" are one.
std::string plain_name(std::string_view name);
std::optional<TenantType> tenant_type_of(const Column& column);

}  // namespace pgward::policy
