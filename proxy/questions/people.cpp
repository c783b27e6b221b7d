#include "proxy/questions/people.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "audit/private_file.h"

namespace pgward::proxy {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::optional<audit::TenantNames> tenant_in(const fs::path& file) {
  auto text = audit::read_private_file(file);
  auto* there = std::get_if<std::optional<std::string>>(&text);
  if (there == nullptr || !*there) return std::nullopt;
  const auto json = Json::parse(**there, nullptr, false);
  audit::wipe_text(**there);
  const auto tenant = json.is_object() ? json.find("tenant") : json.end();
  if (!json.is_object() || tenant == json.end()) return std::nullopt;
  audit::TenantNames names;
  if (tenant->is_object())
    for (const auto& [name, value] : tenant->items()) names.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  return names;
}

std::string text_of(const audit::TenantNames& names) {
  if (names.empty()) return "none";
  std::string text;
  for (const auto& [name, value] : names) text.append(text.empty() ? "" : " ").append(name).append("=").append(value);
  return text;
}

std::set<std::string> attributes(const std::string& tenant) {
  std::set<std::string> all;
  std::string one;
  for (const char c : tenant + " ") {
    if (c != ' ' && c != ',') one += c;
    else if (!one.empty()) all.insert(std::exchange(one, {}));
  }
  return all;
}

bool is_uuid(const std::string& text) {
  static constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kForm.size()) return false;
  for (std::size_t n = 0; n < kForm.size(); ++n)
    if (kForm[n] == '-' ? text[n] != '-' : std::isxdigit(static_cast<unsigned char>(text[n])) == 0) return false;
  return true;
}

void append_forms(std::vector<std::string>& keys, const std::vector<std::string>& columns) {
  std::vector<std::string> made{""};
  for (const std::string& column : columns) {
    std::vector<std::string> longer;
    for (const std::string& begun : made)
      for (const std::string& form : text_forms(column)) {
        longer.push_back(begun);
        audit::append_key_part(longer.back(), form);
      }
    made = std::move(longer);
  }
  keys.insert(keys.end(), made.begin(), made.end());
}

}  // namespace

std::variant<std::vector<TenantKey>, std::string> tenant_keys(const fs::path& directory, const std::vector<std::string>& wanted) {
  std::vector<TenantKey> keys;
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".key") files.push_back(entry->path());
  if (error) return directory.string() + ": " + error.message() + ": the tenants' keys are needed to make pseudonyms (--subject-keys, or --pseudonym HEX)";
  std::sort(files.begin(), files.end());
  std::set<std::string> found;
  for (const fs::path& file : files) {
    const auto names = tenant_in(file);
    // Another key may lie in the same directory: the one that signs.
    if (!names || file != audit::subject_key_file(directory, *names)) continue;
    const std::string tenant = text_of(*names);
    const auto asked = std::find_if(wanted.begin(), wanted.end(), [&](const std::string& one) { return same_tenant(one, tenant); });
    if (!wanted.empty() && asked == wanted.end()) continue;
    auto key = audit::read_subject_key(directory, *names);
    if (auto* wrong = std::get_if<std::string>(&key)) return std::move(*wrong);
    if (!std::get<0>(key)) continue;
    if (asked != wanted.end()) found.insert(*asked);
    keys.push_back({tenant, std::get<0>(key)});
  }
  for (const std::string& one : wanted)
    if (!found.contains(one)) return directory.string() + ": there is no key of the tenant " + one + " (nobody of it has logged in, or it was erased)";
  if (keys.empty()) return directory.string() + ": there is no tenant's key (nobody has logged in yet, or they were erased)";
  return keys;
}

bool same_tenant(const std::string& a, const std::string& b) { return a == b || attributes(a) == attributes(b); }

std::vector<std::string> keys_given(const std::vector<std::string>& written, std::istream& in) {
  std::vector<std::string> keys;
  for (const std::string& one : written) {
    if (one != "-") {
      keys.push_back(one);
      continue;
    }
    for (std::string line; std::getline(in, line);) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty()) keys.push_back(line);
    }
  }
  return keys;
}

std::vector<std::string> text_forms(const std::string& value) {
  std::vector<std::string> forms{value};
  const auto add = [&](std::string form) {
    if (std::find(forms.begin(), forms.end(), form) == forms.end()) forms.push_back(std::move(form));
  };
  if (is_uuid(value)) {
    std::string lower = value;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    add(lower);
  }
  const std::size_t sign = !value.empty() && (value[0] == '-' || value[0] == '+') ? 1 : 0;
  if (value.size() > sign && value.size() < 30 && value.find_first_not_of("0123456789", sign) == std::string::npos) {
    std::string number = value.substr(std::min(value.find_first_not_of('0', sign), value.size() - 1));
    if (value[0] == '-' && number != "0") number.insert(0, "-");
    add(number);
  }
  return forms;
}

std::vector<std::string> key_forms(const std::string& written) {
  std::vector<std::string> keys;
  append_forms(keys, {written});
  if (!written.starts_with('[')) return keys;
  const auto list = Json::parse(written, nullptr, false);
  std::vector<std::string> columns;
  if (list.is_array())
    for (const Json& one : list) columns.push_back(one.is_string() ? one.get<std::string>() : one.dump());
  if (!columns.empty() && columns.size() <= 8) append_forms(keys, columns);
  return keys;
}

std::string hex_of_key(const audit::IndexKey& key) {
  std::string hex;
  audit::append_pseudonym(hex, key);
  return hex;
}

std::vector<Pseudonymous> pseudonyms_of(const std::vector<TenantKey>& keys, const std::vector<std::string>& written, const std::string& table) {
  std::vector<Pseudonymous> all;
  for (const TenantKey& tenant : keys) {
    const audit::Pseudonyms of = table.empty() ? tenant.key->subjects() : tenant.key->records(table);
    for (std::size_t n = 0; n < written.size(); ++n)
      for (const std::string& key : key_forms(written[n])) {
        const audit::Pseudonym made = of.of(key);
        all.push_back({made, hex_of_key(made), n, tenant.tenant});
      }
  }
  return all;
}

}  // namespace pgward::proxy
