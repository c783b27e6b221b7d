// What happens while the audit log cannot be written. Stands in every record of a session.
#pragma once

#include <cstdint>
#include <string_view>

namespace pgward::proxy {

enum class AuditMode : std::uint8_t {
  closed,        // nothing that must be recorded is run
  closed_writes  // reads go on and are counted; nothing that changes anything is run
};

constexpr std::string_view name_of(AuditMode mode) { return mode == AuditMode::closed ? "closed" : "closed-writes"; }

}  // namespace pgward::proxy
