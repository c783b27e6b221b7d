#include "policy/sql/functions.h"

#include <algorithm>
#include <array>

namespace pgward::policy::sql {
namespace {

template <std::size_t N>
bool in(const std::array<std::string_view, N>& sorted, std::string_view name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

// Volatile functions of pg_catalog that touch no table, file, setting or other session. Not here, on
// purpose: set_config, setval, query_to_xml and its family, ts_stat, ts_rewrite, lo_*, pg_read_*, pg_ls_*,
// pg_notify, pg_terminate_backend, pg_export_snapshot, statistics.
constexpr std::array<std::string_view, 42> kVolatile{"clock_timestamp",
                                                     "current_query",
                                                     "currval",
                                                     "gen_random_uuid",
                                                     "lastval",
                                                     "nextval",
                                                     "pg_advisory_lock",
                                                     "pg_advisory_lock_shared",
                                                     "pg_advisory_unlock",
                                                     "pg_advisory_unlock_all",
                                                     "pg_advisory_unlock_shared",
                                                     "pg_advisory_xact_lock",
                                                     "pg_advisory_xact_lock_shared",
                                                     "pg_collation_actual_version",
                                                     "pg_database_collation_actual_version",
                                                     "pg_database_size",
                                                     "pg_indexes_size",
                                                     "pg_is_in_recovery",
                                                     "pg_is_wal_replay_paused",
                                                     "pg_jit_available",
                                                     "pg_partition_ancestors",
                                                     "pg_partition_tree",
                                                     "pg_relation_size",
                                                     "pg_sleep",
                                                     "pg_sleep_for",
                                                     "pg_sleep_until",
                                                     "pg_table_size",
                                                     "pg_total_relation_size",
                                                     "pg_try_advisory_lock",
                                                     "pg_try_advisory_lock_shared",
                                                     "pg_try_advisory_xact_lock",
                                                     "pg_try_advisory_xact_lock_shared",
                                                     "pg_xact_status",
                                                     "random",
                                                     "random_normal",
                                                     "setseed",
                                                     "timeofday",
                                                     "txid_status",
                                                     "uuid_extract_timestamp",
                                                     "uuid_extract_version",
                                                     "uuidv4",
                                                     "uuidv7"};
static_assert(std::is_sorted(kVolatile.begin(), kVolatile.end()));

// Stable functions of pg_catalog whose name begins with pg_: definitions and facts of the own session.
constexpr std::array<std::string_view, 73> kStablePg{"pg_backend_pid",
                                                     "pg_basetype",
                                                     "pg_char_to_encoding",
                                                     "pg_client_encoding",
                                                     "pg_collation_for",
                                                     "pg_collation_is_visible",
                                                     "pg_column_compression",
                                                     "pg_column_is_updatable",
                                                     "pg_column_size",
                                                     "pg_conversion_is_visible",
                                                     "pg_current_snapshot",
                                                     "pg_current_xact_id",
                                                     "pg_current_xact_id_if_assigned",
                                                     "pg_describe_object",
                                                     "pg_encoding_to_char",
                                                     "pg_filenode_relation",
                                                     "pg_function_is_visible",
                                                     "pg_get_catalog_foreign_keys",
                                                     "pg_get_constraintdef",
                                                     "pg_get_expr",
                                                     "pg_get_function_arg_default",
                                                     "pg_get_function_arguments",
                                                     "pg_get_function_identity_arguments",
                                                     "pg_get_function_result",
                                                     "pg_get_function_sqlbody",
                                                     "pg_get_functiondef",
                                                     "pg_get_indexdef",
                                                     "pg_get_keywords",
                                                     "pg_get_object_address",
                                                     "pg_get_partition_constraintdef",
                                                     "pg_get_partkeydef",
                                                     "pg_get_replica_identity_index",
                                                     "pg_get_ruledef",
                                                     "pg_get_serial_sequence",
                                                     "pg_get_statisticsobjdef",
                                                     "pg_get_statisticsobjdef_columns",
                                                     "pg_get_statisticsobjdef_expressions",
                                                     "pg_get_triggerdef",
                                                     "pg_get_userbyid",
                                                     "pg_get_viewdef",
                                                     "pg_has_role",
                                                     "pg_identify_object",
                                                     "pg_identify_object_as_address",
                                                     "pg_index_column_has_property",
                                                     "pg_index_has_property",
                                                     "pg_indexam_has_property",
                                                     "pg_is_other_temp_schema",
                                                     "pg_listening_channels",
                                                     "pg_my_temp_schema",
                                                     "pg_opclass_is_visible",
                                                     "pg_operator_is_visible",
                                                     "pg_opfamily_is_visible",
                                                     "pg_options_to_table",
                                                     "pg_postmaster_start_time",
                                                     "pg_relation_filenode",
                                                     "pg_relation_is_publishable",
                                                     "pg_relation_is_updatable",
                                                     "pg_sequence_parameters",
                                                     "pg_settings_get_flags",
                                                     "pg_statistics_obj_is_visible",
                                                     "pg_table_is_visible",
                                                     "pg_tablespace_location",
                                                     "pg_timezone_abbrevs",
                                                     "pg_timezone_names",
                                                     "pg_trigger_depth",
                                                     "pg_ts_config_is_visible",
                                                     "pg_ts_dict_is_visible",
                                                     "pg_ts_parser_is_visible",
                                                     "pg_ts_template_is_visible",
                                                     "pg_type_is_visible",
                                                     "pg_typeof",
                                                     "pg_visible_in_snapshot",
                                                     "pg_xact_commit_timestamp"};
static_assert(std::is_sorted(kStablePg.begin(), kStablePg.end()));

// Extensions whose functions compute from their arguments only. Not here: dblink, postgres_fdw,
// tablefunc and xml2 (they run SQL text), pg_stat_statements, adminpack, file_fdw, lo.
constexpr std::array<std::string_view, 18> kExtensions{
    "btree_gin",       "btree_gist",    "citext",   "cube",     "dict_int",
    "earthdistance",   "fuzzystrmatch", "hstore",   "intarray", "isn",
    "ltree",           "pg_trgm",       "pgcrypto", "seg",      "tsm_system_rows",
    "tsm_system_time", "unaccent",      "uuid-ossp"};
static_assert(std::is_sorted(kExtensions.begin(), kExtensions.end()));

constexpr std::array<std::string_view, 12> kVolatileOfExtensions{
    "gen_random_bytes",      "gen_random_uuid",       "gen_salt",
    "pgp_pub_encrypt",       "pgp_pub_encrypt_bytea", "pgp_sym_encrypt",
    "pgp_sym_encrypt_bytea", "uuid_generate_v1",      "uuid_generate_v1mc",
    "uuid_generate_v3",      "uuid_generate_v4",      "uuid_generate_v5"};
static_assert(std::is_sorted(kVolatileOfExtensions.begin(), kVolatileOfExtensions.end()));

bool built_in_allowed(const Function& function) {
  const std::string& name = function.name.name;
  // table_to_xml, query_to_xml, schema_to_xml .. read tables by name or run text.
  if (name.find("_to_xml") != std::string::npos) return false;
  if (function.language != "internal" && function.language != "sql") return false;
  switch (function.volatility) {
    case Volatility::immutable:
      return true;
    case Volatility::stable:
      return !name.starts_with("pg_") || in(kStablePg, name);
    case Volatility::volatile_:
      return in(kVolatile, name);
  }
  return false;
}

bool extension_allowed(const Function& function) {
  if (!in(kExtensions, function.extension) || function.security_definer) return false;
  if (function.language != "c" && function.language != "internal" && function.language != "sql") return false;
  return function.volatility != Volatility::volatile_ || in(kVolatileOfExtensions, function.name.name);
}

}  // namespace

bool function_allowed(const Policy& policy, const Function& function) {
  if (policy.functions.contains(function.name)) return true;
  if (!function.extension.empty()) return extension_allowed(function);
  if (function.name.schema == "pg_catalog") return built_in_allowed(function);
  // Helpers of the standard views: SQL over definitions.
  return function.name.schema == "information_schema" && function.volatility != Volatility::volatile_;
}

FunctionVerdict judge_function(const Policy& policy, const Catalog& catalog,
                               const std::vector<std::string>& parts) {
  FunctionVerdict verdict;
  if (parts.empty() || parts.size() > 2) return verdict;
  verdict.all_built_in = true;
  const auto [from, to] = catalog.functions.equal_range(parts.back());
  for (auto it = from; it != to; ++it) {
    const Function& function = it->second;
    if (parts.size() == 2 && function.name.schema != parts.front()) continue;
    if (!verdict.known) verdict.allowed = true;
    verdict.known = true;
    if (function.name.schema != "pg_catalog") verdict.all_built_in = false;
    if (policy.functions.contains(function.name)) verdict.listed = true;
    if (function_allowed(policy, function)) continue;
    verdict.allowed = false;
    verdict.refused = function.name;
  }
  return verdict;
}

bool operator_allowed(const Policy& policy, const Catalog& catalog, const std::vector<std::string>& parts,
                      RelationName& refused, bool& listed) {
  if (parts.empty() || parts.size() > 2) return false;
  if (parts.size() == 2 && parts.front() == "pg_catalog") return true;
  const auto [from, to] = catalog.operators.equal_range(parts.back());
  bool known = false;
  for (auto it = from; it != to; ++it) {
    const Operator& candidate = it->second;
    if (parts.size() == 2 && candidate.name.schema != parts.front()) continue;
    known = true;
    if (candidate.name.schema == "pg_catalog") continue;
    const FunctionVerdict verdict =
        judge_function(policy, catalog, {candidate.function.schema, candidate.function.name});
    listed = listed || verdict.listed;
    if (verdict.allowed) continue;
    refused = candidate.name;
    return false;
  }
  return known;  // what is not in the catalog may have been made a moment ago
}

}  // namespace pgward::policy::sql
