// What is left of a log-in once it is done, and never changes. Sessions of one credential, role and database rest on equal
// ones, and share it (Services::shared(), shared_values.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "proxy/session/admit.h"

namespace pgward::proxy {

struct Bound {
  // Takes what is here, and leaves the rest.
  explicit Bound(Admitted&& admitted)
      : caller(std::move(admitted.caller)), world(std::move(admitted.world)), bearer(std::move(admitted.identity)),
        emergency_until(admitted.emergency ? admitted.emergency->until : 0), search_path_given(admitted.search_path_given) {}
  // In everything: what was left out here would be another session's.
  bool operator==(const Bound&) const = default;
  std::size_t hash() const {
    const std::hash<std::string> of;
    return of(bearer.credential_id) + 3 * of(bearer.subject) + 5 * of(caller.role) + 7 * of(caller.database);
  }

  Caller caller;
  std::shared_ptr<const World> world;
  auth::Bearer bearer;
  auth::UnixTime emergency_until;  // 0: it is none
  bool search_path_given;
};

}  // namespace pgward::proxy
