// Options of COPY .. TO STDOUT: an allow-list. They shape the text that comes out and reach for nothing.
#include "policy/sql/copy.h"

namespace pgward::policy::sql {

bool copy_option_allowed(std::string_view name) {
  // Not ENCODING: what is sent then is in another encoding than the session's, and nothing that looks
  // at the bytes on their way would know.
  for (const std::string_view allowed :
       {"format", "delimiter", "null", "header", "quote", "escape", "force_quote"})
    if (name == allowed) return true;
  return false;
}

bool copy_options_allowed(const Tree& tree, Ref options) {
  for (std::size_t i = 0; i < tree.count(options); ++i) {
    const Ref option = tree.child(options, i);
    if (!tree.is(option, Kind::def_elem) || tree.child(option, 0) != kNone) return false;
    if (!copy_option_allowed(tree.text(option))) return false;
  }
  return true;
}

}  // namespace pgward::policy::sql
