#include "policy/sql/channel.h"

#include "policy/sql/predicate.h"

namespace pgward::policy::sql {
namespace {

// What the server cuts a name at.
constexpr std::size_t kNameBytesMax = 63;

std::string own_name(std::string_view name) {
  return std::string(kChannelPrefix) + std::string(kSampleTag) + "_" + std::string(name);
}

std::string in_quotes(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out;
}

}  // namespace

bool walk_channel(Analysis& a, Ref node) {
  const std::string name(a.tree.text(node));
  const std::int64_t verb = a.tree.number(node);
  a.facts.kind = verb == kListen ? StatementKind::listen : verb == kNotify ? StatementKind::notify : StatementKind::unlisten;
  if (name.empty()) return verb == kUnlisten || a.refuse(Refusal::unproven);  // what drivers send to clean up
  if (!a.may(StatementClass::listen)) return a.refuse(Refusal::statement_not_allowed, {}, a.question.role.place);
  if (own_name(name).size() > kNameBytesMax) return a.refuse(Refusal::too_large);
  const std::size_t token = a.layout.first_from(a.statement_at) + 1;
  const bool plain = token < a.layout.size() && (a.layout.token(token).kind == TokenKind::word || a.layout.text(token).front() == '"');
  if (!plain) return a.refuse(Refusal::not_supported);  // U&"..": where it ends is not for us to say
  Pieces text;
  text += "\"" + std::string(kChannelPrefix);
  text.emplace_back(kTagPiece);
  text += "_" + in_quotes(name) + "\"";
  a.changes.replace(a.layout.begin_of(token), a.layout.token(token).size, Rank::open, std::move(text));
  const Ref own = a.tree.add(Kind::channel, {a.tree.child(node, child::ch_payload)}, own_name(name), verb);
  a.tree.replace(node, own);
  // A payload may say anything of a patient: who sends one, and who hears what is sent, is recorded before.
  a.facts.touches_phi = verb != kUnlisten;
  a.facts.writes = verb == kNotify;
  return true;
}

bool channel_is_own(const Tree& tree, Ref node) {
  if (tree.text(node).empty()) return tree.number(node) == kUnlisten;
  return tree.text(node).starts_with(own_name("")) && tree.text(node).size() <= kNameBytesMax;
}

}  // namespace pgward::policy::sql
