// audit.sinks: where else the trail is delivered.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/format/format.h"
#include "policy/mistake.h"
#include "policy/yaml/node.h"

namespace pgward::proxy {

enum class SinkKind { postgresql, syslog, kafka, standard_output };

struct SinkPlace {
  std::string name;
  SinkKind kind = SinkKind::standard_output;
  audit::Format format = audit::Format::json;
  std::vector<std::string> types;  // of records, "stmt.deny", or their beginnings, "stmt"; empty: all
  bool from_now = false;           // when it is new: from this start on, not from the oldest record that is there
  std::string host;                // postgresql, syslog
  std::uint16_t port = 0;
  std::vector<std::string> brokers;  // kafka: host:port
  std::string topic;
  bool key_session = true;         // kafka: the key of a message is its session, else its log
  std::string database, table;     // postgresql
  std::string user;                // postgresql, kafka (SASL)
  std::filesystem::path password_file;
  std::string password_env;
  bool tls = true;                 // verified against the host's name
  std::filesystem::path ca;        // empty: the system's authorities
  std::filesystem::path certificate, key;  // of ours; empty: none
  policy::Place place;
};

std::vector<SinkPlace> read_sinks(const policy::yaml::Node& node, const std::filesystem::path& base, policy::yaml::Mistakes& mistakes);

}  // namespace pgward::proxy
