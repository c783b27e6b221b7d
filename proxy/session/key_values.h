// The values of keys that a statement names: in its text, or bound to its parameters.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policy/plan.h"
#include "protocol/bind.h"
#include "proxy/session/key_text.h"

namespace pgward::proxy {

// Of one Bind: what is needed of it once its message is gone.
struct BoundKeys {
  struct Parameter {
    enum class State : std::uint8_t { unknown, null, there } state = State::unknown;
    bool binary = false;
    std::uint32_t oid = 0;
    std::string value;
  };
  std::vector<Parameter> parameters;       // as Plan::key_parameters
  std::vector<std::int16_t> result_formats;
  bool formats_known = false;
};
// `whole`: not only the front of a large one.
BoundKeys bound_keys(const policy::Plan& plan, const protocol::Bind& bind, const std::vector<std::uint32_t>& types, bool whole);
// EXECUTE's arguments, in the place of parameters.
BoundKeys bound_keys(const policy::Plan& meaning, const std::vector<policy::Argument>& arguments, const std::vector<std::uint32_t>& types);
// Of each Plan::key_literals, as it stands in this text. `literals` null: it is the planned one.
std::vector<std::string> key_literals(const policy::Plan& plan, std::string_view sql, const std::vector<policy::Literal>* literals);

struct KeyValues {
  std::shared_ptr<const std::vector<std::string>> literals;
  std::shared_ptr<const std::vector<std::uint32_t>> parameters;  // numbers, as Plan::key_parameters
  std::shared_ptr<const BoundKeys> bound;

  // Its values as keys, added to `out`. False: not known.
  bool add(const policy::KeySource& source, policy::KeyType type, std::vector<std::string>& out) const;
};

}  // namespace pgward::proxy
