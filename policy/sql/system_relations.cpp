#include "policy/sql/system_relations.h"

#include <algorithm>
#include <array>

namespace pgward::policy::sql {
namespace {

// Sorted. Definitions only. Left out on purpose: pg_authid, pg_shadow, pg_stats*, pg_statistic,
// pg_statistic_ext_data, pg_stat_*, pg_statio_*, pg_largeobject*, pg_db_role_setting, pg_hba_*, pg_ident_*,
// pg_file_settings, pg_locks, pg_prepared_xacts, pg_replication_*, pg_subscription*, pg_user_mapping(s),
// pg_foreign_server (options may hold passwords), pg_shmem_allocations, pg_backend_memory_contexts.
constexpr std::array<std::string_view, 61> kAllowed{"pg_aggregate",
                                                    "pg_am",
                                                    "pg_amop",
                                                    "pg_amproc",
                                                    "pg_attrdef",
                                                    "pg_attribute",
                                                    "pg_auth_members",
                                                    "pg_available_extension_versions",
                                                    "pg_available_extensions",
                                                    "pg_cast",
                                                    "pg_class",
                                                    "pg_collation",
                                                    "pg_constraint",
                                                    "pg_conversion",
                                                    "pg_cursors",
                                                    "pg_database",
                                                    "pg_default_acl",
                                                    "pg_depend",
                                                    "pg_description",
                                                    "pg_enum",
                                                    "pg_event_trigger",
                                                    "pg_extension",
                                                    "pg_group",
                                                    "pg_index",
                                                    "pg_indexes",
                                                    "pg_inherits",
                                                    "pg_init_privs",
                                                    "pg_language",
                                                    "pg_matviews",
                                                    "pg_namespace",
                                                    "pg_opclass",
                                                    "pg_operator",
                                                    "pg_opfamily",
                                                    "pg_partitioned_table",
                                                    "pg_policies",
                                                    "pg_policy",
                                                    "pg_prepared_statements",
                                                    "pg_proc",
                                                    "pg_publication",
                                                    "pg_publication_namespace",
                                                    "pg_publication_rel",
                                                    "pg_range",
                                                    "pg_rewrite",
                                                    "pg_roles",
                                                    "pg_rules",
                                                    "pg_seclabel",
                                                    "pg_seclabels",
                                                    "pg_sequence",
                                                    "pg_settings",
                                                    "pg_shdescription",
                                                    "pg_statistic_ext",
                                                    "pg_tables",
                                                    "pg_tablespace",
                                                    "pg_timezone_abbrevs",
                                                    "pg_timezone_names",
                                                    "pg_transform",
                                                    "pg_trigger",
                                                    "pg_ts_config",
                                                    "pg_ts_dict",
                                                    "pg_type",
                                                    "pg_views"};
static_assert(std::is_sorted(kAllowed.begin(), kAllowed.end()));

}  // namespace

bool is_system_schema(std::string_view schema) {
  return schema == "pg_catalog" || schema == "information_schema" || schema == "pg_toast";
}

bool system_relation_allowed(const RelationName& name) {
  if (name.schema == "pg_catalog") return std::binary_search(kAllowed.begin(), kAllowed.end(), name.name);
  if (name.schema != "information_schema") return false;
  // Its views are made of definitions; those of foreign servers and users show options (passwords).
  return !name.name.starts_with("_pg") && !name.name.starts_with("user_mapping") &&
         !name.name.starts_with("foreign_server") && !name.name.starts_with("foreign_data_wrapper");
}

}  // namespace pgward::policy::sql
