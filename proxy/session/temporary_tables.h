// Names of the temporary tables that a session has made, or may have made.
//
// A name counts from the moment at which its CREATE is sent, and until DISCARD ALL: what became of the statement
// and its transaction need not be known, because such a name is always written as pg_temp.name. Where there is
// no such table any more, the server says so.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace pgward::proxy {

class TemporaryTables {
 public:
  // Sorted; null when there are none, so that sessions without any share their plans.
  const std::vector<std::string>* names() const { return names_.empty() ? nullptr : &names_; }
  std::uint64_t version() const { return version_; }  // grows with each change

  void made(const std::string& name) {
    const auto place = std::lower_bound(names_.begin(), names_.end(), name);
    if (place != names_.end() && *place == name) return;
    // A session that makes ever new names: the first ones are forgotten, and refused as unknown from then on.
    if (names_.size() >= kNamesMax) {
      names_.assign(1, name);
    } else {
      names_.insert(place, name);
    }
    ++version_;
  }
  void gone() {
    names_.clear();
    ++version_;
  }

 private:
  static constexpr std::size_t kNamesMax = 500;
  std::vector<std::string> names_;
  std::uint64_t version_ = 0;
};

}  // namespace pgward::proxy
