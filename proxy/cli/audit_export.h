// `pgward audit export` and `pgward audit sink-ddl`.
#pragma once

#include <string>
#include <vector>

namespace pgward::proxy {

struct ExportArguments {
  std::string directory, format = "json", from, to;  // points in time, or days: YYYY-MM-DD
  std::vector<std::string> types;                    // of records, or their beginnings; none: all
  bool unrecorded = false;                           // though nobody can write down that it was read
};

// The records of a trail on standard output, once it stands in the log's inbox that somebody reads them. The exit status: 0; 1 when it could not be written; 2 when the trail cannot be
// read, or not to its end.
int export_trail(const ExportArguments& arguments);
// The statements that make the table of a sink.
int print_sink_ddl(const std::string& table, const std::string& user);

}  // namespace pgward::proxy
