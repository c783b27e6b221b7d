#include "proxy/config/sinks.h"

#include <algorithm>

#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"
#include "proxy/net/addresses.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;

// 1 to 64 of a-z A-Z 0-9 _ -: it names a file.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// "schema.table" or "table", of letters, digits and underscores: it becomes part of a statement.
bool is_table(std::string_view text) {
  std::size_t parts = 1, in_part = 0;
  for (const char c : text) {
    if (c == '.' && in_part > 0 && parts == 1) {
      ++parts;
      in_part = 0;
    } else if ((c >= 'a' && c <= 'z') || c == '_' || (in_part > 0 && c >= '0' && c <= '9')) {
      ++in_part;
    } else {
      return false;
    }
  }
  return in_part > 0 && text.size() <= 127;
}

class SinkReader {
 public:
  SinkReader(const yaml::Node& node, const std::filesystem::path& base, yaml::Mistakes& mistakes) : node_(node), base_(base), mistakes_(mistakes) {}

  SinkPlace read() {
    sink_.place = mistakes_.place(node_);
    if (const yaml::Node* kind = kind_node())
      sink_.kind = yaml::choice<SinkKind>(*kind, "the kind of a sink", {{"postgresql", SinkKind::postgresql}, {"syslog", SinkKind::syslog}, {"kafka", SinkKind::kafka}, {"stdout", SinkKind::standard_output}}, mistakes_)
                       .value_or(SinkKind::standard_output);
    switch (sink_.kind) {
      case SinkKind::postgresql: read_postgresql(); break;
      case SinkKind::syslog: read_syslog(); break;
      case SinkKind::kafka: read_kafka(); break;
      case SinkKind::standard_output: {
        const yaml::Mapping map(node_, "a sink of kind stdout", {"name", "kind", "format", "types", "start"}, mistakes_);
        read_common(map);
      }
    }
    return std::move(sink_);
  }

 private:
  const yaml::Node* kind_node() const {
    for (const yaml::Entry& entry : node_.entries)
      if (entry.key.text == "kind") return &entry.value;
    return nullptr;
  }

  void read_common(const yaml::Mapping& map) {
    if (const auto* value = map.require("name")) {
      sink_.name = yaml::text(*value, "the name of a sink", mistakes_).value_or("");
      if (!sink_.name.empty() && !is_name(sink_.name)) mistakes_.add(*value, "the name of a sink must be 1 to 64 of A-Z a-z 0-9 _ -");
    }
    map.require("kind");
    if (const auto* value = map.find("format")) {
      sink_.format = yaml::choice<audit::Format>(*value, "the format of a sink", {{"json", audit::Format::json}, {"ocsf", audit::Format::ocsf}, {"fhir", audit::Format::fhir}, {"csv", audit::Format::csv}}, mistakes_)
                         .value_or(audit::Format::json);
      if (sink_.format == audit::Format::csv && sink_.kind != SinkKind::standard_output) mistakes_.add(*value, "csv is for stdout and pgward audit export only");
    }
    if (const auto* value = map.find("types"))
      for (const yaml::Node* item : yaml::texts(*value, "a type of records", mistakes_)) {
        if (item->text.empty() || item->text.find_first_not_of("abcdefghijklmnopqrstuvwxyz._") != std::string::npos)
          mistakes_.add(*item, "expected a type of records or its beginning, such as stmt.deny or stmt");
        sink_.types.push_back(item->text);
      }
    if (const auto* value = map.find("start"))
      sink_.from_now = yaml::choice<bool>(*value, "where a new sink starts", {{"beginning", false}, {"now", true}}, mistakes_).value_or(false);
  }

  void read_postgresql() {
    const yaml::Mapping map(node_, "a sink of kind postgresql",
                            {"name", "kind", "format", "types", "start", "host", "port", "user", "password_file", "password_env", "database", "table", "tls", "ca", "certificate", "key"}, mistakes_);
    read_common(map);
    read_place(map, 5432);
    if (const auto* value = map.require("user")) sink_.user = yaml::text(*value, "the user of a sink", mistakes_).value_or("");
    read_password(map);
    if (const auto* value = map.require("database")) sink_.database = yaml::text(*value, "the database of a sink", mistakes_).value_or("");
    sink_.table = "pgward_audit";
    if (const auto* value = map.find("table")) {
      sink_.table = yaml::text(*value, "the table of a sink", mistakes_).value_or("");
      if (!sink_.table.empty() && !is_table(sink_.table)) mistakes_.add(*value, "expected a table or schema.table, of a-z 0-9 and _");
    }
    read_tls(map);
  }

  void read_syslog() {
    const yaml::Mapping map(node_, "a sink of kind syslog", {"name", "kind", "format", "types", "start", "host", "port", "ca", "certificate", "key"}, mistakes_);
    read_common(map);
    read_place(map, 6514);
    read_certificates(map);
  }

  void read_kafka() {
    const yaml::Mapping map(node_, "a sink of kind kafka",
                            {"name", "kind", "format", "types", "start", "brokers", "topic", "message_key", "user", "password_file", "password_env", "tls", "ca", "certificate", "key"}, mistakes_);
    read_common(map);
    if (const auto* value = map.require("brokers"))
      for (const yaml::Node* item : yaml::texts(*value, "a broker", mistakes_)) {
        const auto colon = item->text.rfind(':');
        if (colon == std::string::npos || colon == 0 || item->text.find_first_of(", \t/") != std::string::npos) mistakes_.add(*item, "expected HOST:PORT");
        sink_.brokers.push_back(item->text);
      }
    if (const auto* value = map.require("topic")) {
      sink_.topic = yaml::text(*value, "the topic of a sink", mistakes_).value_or("");
      if (sink_.topic.size() > 249 || sink_.topic.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != std::string::npos)
        mistakes_.add(*value, "a topic is 1 to 249 of A-Z a-z 0-9 . _ -");
    }
    if (const auto* value = map.find("message_key"))
      sink_.key_session = yaml::choice<bool>(*value, "message_key", {{"session", true}, {"log", false}}, mistakes_).value_or(true);
    if (const auto* value = map.find("user")) sink_.user = yaml::text(*value, "the user of a sink", mistakes_).value_or("");
    read_password(map);
    if (sink_.user.empty() != (sink_.password_file.empty() && sink_.password_env.empty())) mistakes_.add(node_, "user and password go together");
    read_tls(map);
  }

  void read_place(const yaml::Mapping& map, std::uint16_t port) {
    if (const auto* value = map.require("host")) sink_.host = yaml::text(*value, "the host of a sink", mistakes_).value_or("");
    sink_.port = port;
    if (const auto* value = map.find("port")) sink_.port = static_cast<std::uint16_t>(yaml::integer(*value, "the port of a sink", {1, 65535}, mistakes_).value_or(port));
  }

  void read_password(const yaml::Mapping& map) {
    if (const auto* value = map.find("password_file")) sink_.password_file = existing(*value, "the password file");
    if (const auto* value = map.find("password_env")) sink_.password_env = yaml::text(*value, "the name of an environment variable", mistakes_).value_or("");
    if (!sink_.password_file.empty() && !sink_.password_env.empty()) mistakes_.add(node_, "password_file and password_env exclude each other");
  }

  void read_certificates(const yaml::Mapping& map) {
    if (const auto* value = map.find("ca")) sink_.ca = existing(*value, "the CA file");
    if (const auto* value = map.find("certificate")) sink_.certificate = existing(*value, "the certificate file");
    if (const auto* value = map.find("key")) sink_.key = existing(*value, "the key file");
    if (map.readable() && (map.find("certificate") == nullptr) != (map.find("key") == nullptr)) mistakes_.add(node_, "a certificate and its key go together");
  }

  void read_tls(const yaml::Mapping& map) {
    read_certificates(map);
    if (sink_.host.starts_with("/")) sink_.tls = false;
    const auto* value = map.find("tls");
    if (value == nullptr) return;
    sink_.tls = yaml::choice<bool>(*value, "tls of a sink", {{"verify-full", true}, {"off", false}, {"false", false}}, mistakes_).value_or(true);
    if (sink_.tls) return;
    if (!sink_.host.empty()) check_plain(*value, sink_.host);
    for (const std::string& broker : sink_.brokers) check_plain(*value, broker.substr(0, broker.rfind(':')));
  }

  void check_plain(const yaml::Node& node, const std::string& host) {
    const auto resolved = resolve(host, sink_.port == 0 ? 1 : sink_.port);
    if (std::holds_alternative<std::string>(resolved)) return mistakes_.add(node, "tls: off wants Unix sockets or loopback addresses, and this host is not known");
    for (const Address& address : std::get<std::vector<Address>>(resolved))
      if (!is_loopback(address)) return mistakes_.add(node, "tls: off is allowed for Unix sockets and loopback addresses only");
  }

  std::filesystem::path existing(const yaml::Node& node, std::string_view what) {
    const auto text = yaml::text(node, what, mistakes_);
    if (!text) return {};
    auto file = base_ / *text;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) mistakes_.add(node, std::string(what) + " does not exist or cannot be reached");
    return file;
  }

  const yaml::Node& node_;
  const std::filesystem::path& base_;
  yaml::Mistakes& mistakes_;
  SinkPlace sink_;
};

}  // namespace

std::vector<SinkPlace> read_sinks(const yaml::Node& node, const std::filesystem::path& base, yaml::Mistakes& mistakes) {
  std::vector<SinkPlace> sinks;
  bool standard_output = false;
  for (const yaml::Node* item : yaml::one_or_many(node)) {
    SinkPlace sink = SinkReader(*item, base, mistakes).read();
    for (const SinkPlace& other : sinks)
      if (!sink.name.empty() && other.name == sink.name) mistakes.add(*item, "another sink has this name, too");
    if (sink.kind == SinkKind::standard_output && std::exchange(standard_output, true)) mistakes.add(*item, "there is one standard output only");
    sinks.push_back(std::move(sink));
  }
  return sinks;
}

}  // namespace pgward::proxy
