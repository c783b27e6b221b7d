// The test schema without a server: its catalog, its policy, and the values of one made-up clinic.
#pragma once

#include <string>
#include <string_view>

#include "policy/plan.h"

namespace pgward::policy::fixture {

std::string read_file(const std::string& path_in_sources);
// Lines as tests/policy/fixture/make_catalog.py writes them.
Catalog parse_catalog(std::string_view text);

const Catalog& ehr_catalog();
const Policy& ehr_policy();
const TenantValues& clinic_a();
const std::vector<std::string>& default_path();

Plan plan_for(std::string_view sql, QueryProtocol protocol = QueryProtocol::simple,
              std::string_view role = "clinician");
// The same without row-level security below (mode: predicate): conditions are fenced.
const Policy& fenced_policy();
Plan fenced_plan_for(std::string_view sql, std::string_view role = "clinician");
// The same, and the trail wants the keys of every table: of each a column or two that name its records, and the patient's.
const Policy& keys_policy();
Policy with_keys(Policy policy, const Catalog& catalog);
Plan keys_plan_for(std::string_view sql, std::string_view role = "clinician");
std::string name_of(Refusal refusal);

}  // namespace pgward::policy::fixture
