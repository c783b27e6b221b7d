#include "proxy/session/key_values.h"

#include <algorithm>

namespace pgward::proxy {
namespace {

// Of a parameter, an array's too.
constexpr std::size_t kParameterBytesMax = 64u << 10;

std::string unquoted(std::string_view literal) {
  std::string out;
  for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
    out += literal[i];
    if (literal[i] == '\'') ++i;
  }
  return out;
}

}  // namespace

BoundKeys bound_keys(const policy::Plan& plan, const protocol::Bind& bind, const std::vector<std::uint32_t>& types, bool whole) {
  BoundKeys bound;
  bound.parameters.reserve(plan.key_parameters.size());
  bound.formats_known = whole;
  if (whole) bound.result_formats = bind.result_formats;
  for (const std::uint32_t number : plan.key_parameters) {
    BoundKeys::Parameter& made = bound.parameters.emplace_back();
    const std::size_t index = number - std::size_t{1};
    if (index >= bind.parameters.size()) continue;
    const auto& value = bind.parameters[index];
    made.oid = index < types.size() ? types[index] : 0;
    made.binary = bind.format_of(index) == 1;
    if (value && value->size() > kParameterBytesMax) continue;
    made.state = value ? BoundKeys::Parameter::State::there : BoundKeys::Parameter::State::null;
    if (value) made.value = std::string(*value);
  }
  return bound;
}

BoundKeys bound_keys(const policy::Plan& meaning, const std::vector<policy::Argument>& arguments, const std::vector<std::uint32_t>& types) {
  BoundKeys bound;
  for (const std::uint32_t number : meaning.key_parameters) {
    BoundKeys::Parameter& made = bound.parameters.emplace_back();
    const std::size_t index = number - std::size_t{1};
    if (index >= arguments.size()) continue;
    using Kind = policy::Argument::Kind;
    const policy::Argument& argument = arguments[index];
    made.oid = index < types.size() ? types[index] : 0;
    if (argument.kind == Kind::null) made.state = BoundKeys::Parameter::State::null;
    if (argument.kind != Kind::text && argument.kind != Kind::number) continue;
    made.state = BoundKeys::Parameter::State::there;
    made.value = argument.value;
  }
  return bound;
}

std::vector<std::string> key_literals(const policy::Plan& plan, std::string_view sql, const std::vector<policy::Literal>* literals) {
  const std::vector<policy::Literal>& all = literals != nullptr ? *literals : plan.literals;
  std::vector<std::string> out;
  out.reserve(plan.key_literals.size());
  for (const policy::Plan::KeyLiteral& each : plan.key_literals) {
    std::string& text = out.emplace_back();
    if (each.literal >= all.size()) continue;
    const policy::Literal& literal = all[each.literal];
    const std::string_view written = sql.substr(literal.at, literal.size);
    if (each.negative) text = "-";
    text += literal.kind == policy::LiteralKind::string ? unquoted(written) : std::string(written);
  }
  return out;
}

bool KeyValues::add(const policy::KeySource& source, policy::KeyType type, std::vector<std::string>& out) const {
  if (!policy::alike(source.type, type)) return false;
  const bool is_text = type == policy::KeyType::text;
  if (is_text && source.number) return false;
  // varchar(n) cuts blanks off what is stored, and says nothing.
  const auto cut = [&](std::string_view text) { return is_text && source.written && text.ends_with(' '); };
  const auto add_text = [&](std::string_view text) {
    if (cut(text)) return false;
    if (source.list) return keys_of_array(type, 0, false, text, out);
    auto key = key_of_text(type, text);
    if (key) out.push_back(std::move(*key));
    return key.has_value();
  };
  switch (source.kind) {
    case policy::KeySource::Kind::constant:
      return add_text(source.value);
    case policy::KeySource::Kind::literal:
      return literals && source.index < literals->size() && add_text((*literals)[source.index]);
    case policy::KeySource::Kind::parameter:
      break;
  }
  if (!parameters || !bound) return false;
  const auto number = std::lower_bound(parameters->begin(), parameters->end(), source.index);
  const auto index = static_cast<std::size_t>(number - parameters->begin());
  if (number == parameters->end() || *number != source.index || index >= bound->parameters.size()) return false;
  const BoundKeys::Parameter& value = bound->parameters[index];
  if (value.state == BoundKeys::Parameter::State::null) return !source.written;  // is equal to nothing
  constexpr std::uint32_t kUnknownType = 705;  // pg_type.dat: as good as none
  const bool declared = value.oid != 0 && value.oid != kUnknownType;
  if (value.state == BoundKeys::Parameter::State::unknown || !(declared || source.certain) || cut(value.value)) return false;
  if (source.list) return keys_of_array(type, value.oid, value.binary, value.value, out);
  auto key = key_of_parameter(type, value.oid, value.binary, value.value);
  if (key) out.push_back(std::move(*key));
  return key.has_value();
}

}  // namespace pgward::proxy
