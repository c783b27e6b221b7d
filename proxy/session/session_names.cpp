#include "proxy/session/session_names.h"

#include <algorithm>

#include "proxy/session/bind_check.h"

namespace pgward::proxy {
namespace {

using policy::NameUse;
using policy::Refusal;
using Verb = NameUse::Verb;
using Names = NameTable<Prepared>;

std::shared_ptr<const Prepared> meaning_of(const NameUse& use, const Statement& made_by) {
  auto statement = std::make_shared<Statement>();
  statement->world = made_by.world;
  statement->plan = use.meaning;
  statement->sql_sha256 = made_by.sql_sha256;
  statement->sql_bytes = made_by.sql_bytes;
  return std::make_shared<const Prepared>(Prepared{std::move(statement), use.parameter_types, use.holdable, std::make_shared<RowSlot>()});
}

// What FETCH and EXECUTE may run. Not the statements that change the state of the session: they were judged
// to run by themselves, and are noticed when they do.
bool is_query(policy::StatementKind kind) {
  using enum policy::StatementKind;
  return kind == select || kind == values || kind == insert || kind == update || kind == delete_ || kind == merge;
}

// The relation into which an argument of EXECUTE would put a row of another tenant.
std::optional<policy::RelationName> foreign_argument(const NameUse& use, const Prepared& prepared, const Caller& caller) {
  for (const policy::BindCheck& check : prepared.statement->plan->bind_checks) {
    const std::size_t index = check.parameter - std::size_t{1};
    if (index >= use.arguments.size()) continue;  // the server will say so
    const policy::Argument& argument = use.arguments[index];
    const std::string* own = caller.tenant.find(check.attribute);
    const std::uint32_t type = index < prepared.parameter_types.size() ? prepared.parameter_types[index] : 0;
    const bool written = argument.kind == policy::Argument::Kind::text || argument.kind == policy::Argument::Kind::number;
    // What is computed is not known here, and NULL is nobody's.
    if (!own || !written || !keeps_its_value(check.type, type)) return check.relation;
    const auto value = policy::canonical(check.type, argument.value);
    if (!value || *value != *own) return check.relation;
  }
  return std::nullopt;
}

// WHERE CURRENT OF takes no predicate: the cursor's own must have chosen the row, by the relation itself.
bool reads_own_rows_of(const policy::StatementFacts& facts, const policy::RelationName& relation) {
  return !facts.reads_views && std::any_of(facts.touches.begin(), facts.touches.end(), [&](const policy::Touch& touch) {
    return touch.relation == relation;
  });
}

class Resolver {
 public:
  Resolver(const SessionNames& names, const Statement& statement, std::uint64_t segment, const Caller& caller, const World& now)
      : names_(names), statement_(statement), segment_(segment), caller_(caller), now_(now) {}

  // False: the answer is in result.
  bool use(const NameUse& use, policy::StatementFacts& facts) {
    switch (use.verb) {
      case Verb::declare:
        if (key_of(use.name) == key_of(kReservedPortal)) return refuse(Refusal::statement_not_allowed);
        if (names_.no_room_for(names_.portals, key_of(use.name), statement_)) return refuse(Refusal::too_many_prepared);
        return made_[true].insert_or_assign(use.name, meaning_of(use, statement_)), true;
      case Verb::prepare:
        if (use.name == kReservedName) return refuse(Refusal::statement_not_allowed);
        if (names_.no_room_for(names_.prepared, key_of(use.name), statement_)) return refuse(Refusal::too_many_prepared);
        return made_[false].insert_or_assign(use.name, meaning_of(use, statement_)), true;
      case Verb::close:
      case Verb::close_all:
        return true;  // of what nobody knows: the server says so
      case Verb::fetch:
        return fetch(use, facts);
      case Verb::execute:
        return execute(use, facts);
      case Verb::current_of:
        return current_of(use);
    }
    return refuse(Refusal::unproven);
  }

  Resolution result;
  std::shared_ptr<const KeyValues> values;  // of the keys of what was run last

 private:
  bool refuse(Refusal reason, std::string object = {}) {
    result.refusal = reason;
    result.object = std::move(object);
    return false;
  }

  // Names made earlier in the same text come first: if making them fails, the rest is not run.
  bool find(bool portal, const std::string& name, std::shared_ptr<const Prepared>& found) {
    const auto made = made_[portal].find(name);
    if (made != made_[portal].end()) return found = made->second, true;
    const Names& table = portal ? names_.portals : names_.prepared;
    const Names::Look look = table.find(key_of(name), segment_, found);
    result.wait = look == Names::Look::wait;
    if (result.wait) return false;
    const bool expires = found && (!portal || found->holdable);
    if (look == Names::Look::found && !(expires && outdated(*found, now_, caller_))) return true;
    return refuse(portal ? Refusal::unknown_cursor : Refusal::unknown_prepared);
  }

  // What a name stands for will run: it is part of what this statement does.
  bool run(const Prepared& found, policy::StatementFacts& facts) {
    const Statement& inner = *found.statement;
    if (inner.refusal) return refuse(*inner.refusal, inner.object);
    if (inner.plan->statements.size() != 1) return refuse(Refusal::not_supported);
    const policy::StatementFacts& meant = inner.plan->statements.front();
    if (!meant.names.empty() || !is_query(meant.kind)) return refuse(Refusal::not_supported);
    if (!take_added_keys(inner, facts)) return false;
    facts.touches.insert(facts.touches.end(), meant.touches.begin(), meant.touches.end());
    facts.touches_phi = facts.touches_phi || meant.touches_phi;
    facts.writes = facts.writes || meant.writes;
    facts.keys = meant.keys;
    return true;
  }

  // Its rows have them, and the session takes them out; what is made of its rows otherwise would show them.
  bool take_added_keys(const Statement& inner, policy::StatementFacts& facts) {
    using enum policy::StatementKind;
    const policy::StatementFacts& meant = inner.plan->statements.front();
    if (meant.added_keys.empty() || facts.kind == explain || facts.kind == move) return true;
    if (facts.kind != policy::StatementKind::fetch && facts.kind != policy::StatementKind::execute) return refuse(Refusal::not_supported);
    facts.added_keys = meant.added_keys;
    facts.rows_swallowed = meant.rows_swallowed;
    return true;
  }

  bool fetch(const NameUse& use, policy::StatementFacts& facts) {
    std::shared_ptr<const Prepared> found;
    if (!find(true, use.name, found) || !run(*found, facts)) return false;
    // What was bound when it was declared is not known any more.
    values = std::make_shared<const KeyValues>();
    facts.reads_only = found->statement->plan->statements.front().reads_only;
    return true;
  }

  bool execute(const NameUse& use, policy::StatementFacts& facts) {
    std::shared_ptr<const Prepared> found;
    if (!find(false, use.name, found) || !run(*found, facts)) return false;
    const auto& meant = found->statement->plan;
    values = std::make_shared<const KeyValues>(KeyValues{found->statement->key_literals, std::shared_ptr<const std::vector<std::uint32_t>>(meant, &meant->key_parameters),
                                                         std::make_shared<const BoundKeys>(bound_keys(*meant, use.arguments, found->parameter_types))});
    // An argument that is computed may call anything that the policy names.
    facts.reads_only = found->statement->plan->statements.front().reads_only && facts.makes_temporary.empty() &&
                       std::none_of(use.arguments.begin(), use.arguments.end(), [](const policy::Argument& argument) {
                         return argument.kind == policy::Argument::Kind::computed;
                       });
    const auto foreign = foreign_argument(use, *found, caller_);
    return !foreign || refuse(Refusal::foreign_tenant, foreign->text());
  }

  bool current_of(const NameUse& use) {
    std::shared_ptr<const Prepared> found;
    if (!find(true, use.name, found)) return false;
    const Statement& inner = *found->statement;
    if (inner.refusal) return refuse(*inner.refusal, inner.object);
    if (!use.target) return true;
    if (outdated(*found, now_, caller_)) return refuse(Refusal::unknown_cursor);
    const auto& statements = inner.plan->statements;
    return (statements.size() == 1 && reads_own_rows_of(statements.front(), *use.target)) ||
           refuse(Refusal::not_supported, use.target->text());
  }

  const SessionNames& names_;
  const Statement& statement_;
  std::uint64_t segment_;
  const Caller& caller_;
  const World& now_;
  std::map<std::string, std::shared_ptr<const Prepared>, std::less<>> made_[2];  // of this text; [true]: portals
};

}  // namespace

bool outdated(const Prepared& prepared, const World& now, const Caller& caller) {
  // A database that no longer matches the policy is not served, to what was prepared before neither.
  if (!now.catalog(caller.catalog_name())) return true;
  const auto& then = prepared.statement->world;
  return then->policy != now.policy && then->policy->source_sha256 != now.policy->source_sha256;
}

Resolution resolve(const SessionNames& names, std::shared_ptr<const Statement> statement, std::uint64_t segment,
                   const Caller& caller, const World& now) {
  Resolution plain;
  plain.statement = statement;
  if (!statement->plan || !statement->plan->uses_names()) return plain;
  auto plan = std::make_shared<policy::Plan>(*statement->plan);
  Resolver resolver(names, *statement, segment, caller, now);
  std::vector<std::shared_ptr<const KeyValues>> values(plan->statements.size());
  for (policy::StatementFacts& facts : plan->statements) {
    const auto index = static_cast<std::size_t>(&facts - plan->statements.data());
    for (const NameUse& use : statement->plan->statements[index].names)
      if (!resolver.use(use, facts)) {
        resolver.result.statement = std::move(statement);
        return resolver.result;
      }
    values[index] = std::move(resolver.values);
  }
  auto resolved = std::make_shared<Statement>(*statement);
  resolved->meant_values = std::move(values);
  resolved->layouts.clear();
  resolved->plan = std::move(plan);
  plain.statement = std::move(resolved);
  return plain;
}

void start(SessionNames& names, const Statement& statement, std::uint64_t segment, Expected& entry) {
  for (std::size_t i = 0; i < statement.plan->statements.size(); ++i)
    for (const NameUse& use : statement.plan->statements[i].names) {
      if (use.verb != Verb::declare && use.verb != Verb::prepare) continue;
      const bool portal = use.verb == Verb::declare;
      entry.made.push_back({i, portal, key_of(use.name), meaning_of(use, statement)});
      (portal ? names.portals : names.prepared).started(entry.made.back().name, entry.made.back().meaning, segment);
    }
}

void settle(SessionNames& names, const Expected& entry, std::size_t statement, bool took_effect) {
  for (const MadeName& made : entry.made) {
    if (made.statement != statement) continue;
    Names& table = made.portal ? names.portals : names.prepared;
    took_effect ? table.succeeded(made.name, made.meaning) : table.failed(made.name);
  }
  if (!took_effect || !entry.statement) return;
  for (const NameUse& use : entry.statement->plan->statements[statement].names) {
    if (use.verb == Verb::close) names.portals.forget(key_of(use.name));
    if (use.verb == Verb::close_all) names.portals.forget_all();
  }
}

}  // namespace pgward::proxy
