// COPY .. FROM STDIN as far as its data have to be understood: the format, and which fields of each row
// carry the tenant. Part of a plan; CopyRows (policy/copy_in/rows.h) checks the data by it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace pgward::policy {

enum class CopyFormat { text, csv, binary };

struct CopyTenantField {
  std::size_t field = 0;  // from 0, in the order of the column list
  std::string attribute;
  TenantType type = TenantType::text;
};

struct CopyIn {
  RelationName relation;
  CopyFormat format = CopyFormat::text;
  std::size_t fields = 0;               // columns in the list
  std::vector<CopyTenantField> tenant;  // by field, ascending; empty: the data pass unread
  // Text and CSV.
  char delimiter = '\t';
  char quote = '"';
  char escape = '"';
  std::string null_marker = "\\N";
  std::optional<std::string> default_marker;  // PostgreSQL 16: stands for the column's default
  bool header = false;
  // A line "\." ends the data. In CSV it does so up to PostgreSQL 17; then it is a row like any other.
  bool marker_ends_data = true;
};

}  // namespace pgward::policy
