// The SQL that puts the database's own wall under a policy: row-level security on every tenant table and its
// partitions and children, NOT NULL and an index on every tenant column.
//
// It is text for a DBA to read and run; nothing here runs it. Running it twice changes nothing the second time.
// Pure: a policy in, text out. What a name is (table, view, partitioned) the SQL finds out where it runs, so no
// database is needed to write it. PostgreSQL 14 to 18.
#pragma once

#include <string>

#include "policy/policy.h"

namespace pgward::policy {

std::string row_security_sql(const Policy& policy, const std::string& policy_file);

// The condition of one tenant column: clinic_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid.
// Without a tenant it is NULL for every row, which shows none.
// The condition by which a role without a tenant is known, as pgward ddl writes it and as pg_get_expr() shows it.
std::string role_condition(const std::string& role);
std::string role_condition_shown(const std::string& role);
std::string row_condition(const TenantColumn& column, const TenantAttribute& attribute);

}  // namespace pgward::policy
