#include "policy/plan.h"

// The server counts error positions in characters of the text that it saw, edits are in bytes of the
// client's: so both are counted here in characters of UTF-8 (plan() accepted nothing else).
namespace pgward::policy {
namespace {

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  return count;
}

// Bytes that the rendered edit takes, in characters; nothing when a value is missing.
std::optional<std::size_t> inserted_characters(const Edit& edit, const Policy& policy,
                                               const TenantValues& tenant) {
  std::size_t count = 0;
  for (const auto& piece : edit.inserted) {
    if (const auto* text = std::get_if<std::string>(&piece)) {
      count += characters(*text);
      continue;
    }
    const std::size_t index = std::get<std::size_t>(piece);
    if (index == kTagPiece) {
      count += tenant.tag().size();
      continue;
    }
    if (index >= policy.tenant.size()) return std::nullopt;
    const std::string* value = tenant.find(policy.tenant[index].name);
    if (value == nullptr) return std::nullopt;
    count += characters(quote_literal(*value));
  }
  return count;
}

// A schema put in front of a name: what the server says of that place is said of the name.
bool qualifies(const Edit& edit) {
  if (edit.removed != 0 || edit.inserted.size() != 1) return false;
  const auto* text = std::get_if<std::string>(&edit.inserted.front());
  return text != nullptr && text->ends_with('.');
}

}  // namespace

std::uint32_t original_position(const Plan& plan, std::string_view sql, const Policy& policy,
                                const TenantValues& tenant, std::uint32_t rewritten_position) {
  if (rewritten_position == 0) return 0;
  std::vector<Literal> literals;
  if (!plan.literals.empty() && (!find_literals(sql, literals) || literals.size() != plan.literals.size())) return 0;
  Places places(plan.literals, &literals);
  const std::size_t wanted = rewritten_position - 1;  // characters in front of it, in the rewritten text
  std::size_t rewritten = 0;
  std::size_t original = 0;
  std::size_t done = 0;
  for (const Edit& edit : plan.edits) {
    const std::size_t at = places.of(edit.at);
    if (at < done || at + edit.removed > sql.size()) return 0;
    const std::size_t kept = characters(sql.substr(done, at - done));
    if (wanted < rewritten + kept) return static_cast<std::uint32_t>(original + (wanted - rewritten) + 1);
    const auto inserted = inserted_characters(edit, policy, tenant);
    if (!inserted) return 0;
    if (wanted == rewritten + kept && qualifies(edit)) return static_cast<std::uint32_t>(original + kept + 1);
    rewritten += kept + *inserted;
    original += kept + characters(sql.substr(at, edit.removed));
    if (wanted < rewritten) return 0;
    done = at + edit.removed;
  }
  const std::size_t rest = characters(sql.substr(done));
  if (wanted > rewritten + rest) return 0;
  return static_cast<std::uint32_t>(original + (wanted - rewritten) + 1);
}

}  // namespace pgward::policy
