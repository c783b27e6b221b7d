// tenant: {claim: clinic_id, setting: app.tenant_id, type: uuid}, or a list of such attributes.
#include <algorithm>

#include "policy/ascii.h"
#include "policy/file_parts.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy {
namespace {

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_word(char c) {
  return starts_word(c) || (c >= '0' && c <= '9');
}

bool is_word(std::string_view part) {
  return !part.empty() && starts_word(part.front()) && std::all_of(part.begin(), part.end(), continues_word);
}

// Only settings with a class of their own: one without a dot is the server's.
bool is_custom_setting(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot != name.npos && name.size() <= 63 && is_word(name.substr(0, dot)) &&
         is_word(name.substr(dot + 1));
}

void read_setting(const yaml::Mapping& mapping, TenantAttribute& attribute, yaml::Mistakes& mistakes) {
  const yaml::Node* node = mapping.require("setting");
  if (node == nullptr) return;
  const auto name = yaml::text(*node, "setting", mistakes);
  if (!name) return;
  if (is_custom_setting(*name))
    attribute.setting = lowered(*name);  // the server ignores case in names of settings
  else
    mistakes.add(*node, "setting " + yaml::shown(*name) +
                            " must be a name of two words with a dot, such as app.tenant_id");
}

void read_type(const yaml::Mapping& mapping, TenantAttribute& attribute, yaml::Mistakes& mistakes) {
  const yaml::Node* node = mapping.find("type");
  if (node == nullptr) return;
  attribute.type = yaml::choice<TenantType>(*node, "type of a tenant attribute",
                                            {{"uuid", TenantType::uuid},
                                             {"text", TenantType::text},
                                             {"varchar", TenantType::varchar},
                                             {"int2", TenantType::int2},
                                             {"int4", TenantType::int4},
                                             {"int8", TenantType::int8},
                                             {"smallint", TenantType::int2},
                                             {"int", TenantType::int4},
                                             {"integer", TenantType::int4},
                                             {"bigint", TenantType::int8}},
                                            mistakes)
                       .value_or(attribute.type);
}

// Two attributes of one name or setting could not be told apart.
void refuse_repeated(const TenantAttribute& attribute, const yaml::Node& node, const Policy& policy,
                     yaml::Mistakes& mistakes) {
  for (const TenantAttribute& other : policy.tenant) {
    const std::string where = " stands already in line " + std::to_string(other.place.line);
    if (!attribute.name.empty() && other.name == attribute.name)
      mistakes.add(node, "tenant attribute " + yaml::shown(attribute.name) + where);
    if (!attribute.setting.empty() && other.setting == attribute.setting)
      mistakes.add(node, "setting " + yaml::shown(attribute.setting) + where);
  }
}

void read_attribute(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes) {
  const yaml::Mapping mapping(node, "a tenant attribute", {"name", "claim", "setting", "type"}, mistakes);
  if (!mapping.readable()) return;
  TenantAttribute attribute;
  attribute.place = mistakes.place(node);
  if (const auto* claim = mapping.require("claim"))
    attribute.claim = yaml::text(*claim, "claim", mistakes).value_or("");
  attribute.name = attribute.claim;
  if (const auto* name = mapping.find("name"))
    attribute.name = yaml::text(*name, "name", mistakes).value_or("");
  read_setting(mapping, attribute, mistakes);
  read_type(mapping, attribute, mistakes);
  refuse_repeated(attribute, node, policy, mistakes);
  // Kept even when something is wrong with it, so that tables that name it are not wrong as well.
  policy.tenant.push_back(std::move(attribute));
}

}  // namespace

void read_tenant(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes) {
  const auto attributes = yaml::one_or_many(node);
  if (attributes.empty()) mistakes.add(node, "tenant must have at least one attribute");
  for (const yaml::Node* attribute : attributes) read_attribute(*attribute, policy, mistakes);
}

}  // namespace pgward::policy
