#include "policy/sql/proof.h"

#include "policy/sql/final_check.h"
#include "policy/sql/parse.h"
#include "policy/sql/predicate.h"

namespace pgward::policy::sql {
namespace {

// Room for what the rewriting adds on top of the client's own depth.
constexpr unsigned kDepthOfRewriting = 40;

std::string with_samples(const Analysis& analysis) {
  const std::string_view sql = analysis.layout.sql();
  std::string out;
  std::size_t done = 0;
  for (const Edit& edit : analysis.plan.edits) {
    out.append(sql, done, edit.at - done);
    for (const auto& piece : edit.inserted) {
      if (const auto* text = std::get_if<std::string>(&piece))
        out += *text;
      else if (std::get<std::size_t>(piece) == kTagPiece)
        out += kSampleTag;
      else
        out += quote_literal(sample_value(analysis.policy, std::get<std::size_t>(piece)));
    }
    done = edit.at + edit.removed;
  }
  return out.append(sql, done);
}

}  // namespace

bool prove(const Analysis& analysis, unsigned depth_max) {
  const Tree& wanted = analysis.tree;
  if (analysis.plan.edits.empty()) {
    // Nothing was changed: the wanted tree must be able to stand alone all the same.
    FinalCheck check(wanted, analysis.policy, analysis.question.role, analysis.catalog, analysis.plan);
    for (std::size_t i = 0; i < wanted.statements.size(); ++i)
      if (!check.statement(wanted.child(wanted.statements[i], 0), analysis.plan.statements[i])) return false;
    return true;
  }
  const Parsed final = parse(with_samples(analysis), depth_max + kDepthOfRewriting);
  if (final.refusal || final.tree.statements.size() != wanted.statements.size()) return false;
  FinalCheck check(final.tree, analysis.policy, analysis.question.role, analysis.catalog, analysis.plan);
  for (std::size_t i = 0; i < wanted.statements.size(); ++i) {
    const Ref statement = final.tree.child(final.tree.statements[i], 0);
    if (!same_unseen(wanted, wanted.child(wanted.statements[i], 0), final.tree, statement)) return false;
    if (!check.statement(statement, analysis.plan.statements[i])) return false;
  }
  // Not inside the loop: what is known of one statement may be asked about while another is checked.
  for (std::size_t i = 0; i < wanted.statements.size(); ++i)
    carry_looks(final.tree, final.tree.child(final.tree.statements[i], 0), wanted, wanted.child(wanted.statements[i], 0));
  return true;
}

}  // namespace pgward::policy::sql
