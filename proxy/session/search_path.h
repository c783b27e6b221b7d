// The schemas in which the server looks for bare names in this session.
//
// The server is asked (SHOW search_path) rather than guessed at: after a SET, the end of a transaction in
// which one was made, RESET ALL or DISCARD ALL the path is unsettled, and the next statement that needs it
// waits for the answer. Nothing is asked while nobody needs to know.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/catalog.h"
#include "policy/plan.h"

namespace pgward::proxy {

class SearchPath {
 public:
  // `path`: of the catalog, which all sessions share that have changed nothing.
  void start(std::shared_ptr<const std::vector<std::string>> path, bool settled) {
    path_ = std::move(path);
    settled_ = settled;
    ++version_;
  }
  // Null while it is not known.
  const std::vector<std::string>* known() const { return settled_ ? path_.get() : nullptr; }

  // Of known(), so that two decisions can be compared; 0 while it is not known.
  std::uint64_t version() const { return settled_ ? version_ : 0; }

  // A statement with these facts is on its way.
  void sent(const policy::StatementFacts& facts);
  // The server's answer to SHOW search_path; `idle`: no transaction is open, so nothing can undo it.
  // False: not understood.
  bool answered(std::string_view list, const policy::Catalog& catalog, bool idle);

 private:
  std::shared_ptr<const std::vector<std::string>> path_;
  std::uint64_t version_ = 0;
  bool settled_ = false;
  bool changed_in_transaction_ = false;
};

// The value of search_path as a list of identifiers (SplitIdentifierString in the server); false: malformed.
bool split_identifiers(std::string_view list, std::vector<std::string>& names);

// What current_schemas(true) would say for that list.
std::vector<std::string> effective_path(const std::vector<std::string>& names, const policy::Catalog& catalog);

}  // namespace pgward::proxy
