// Writes what a session does as audit records (audit/event.h), and puts them into its list of actions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/event.h"
#include "proxy/session/actions.h"
#include "proxy/session/gate.h"

namespace pgward::proxy {

class Scribe {
 public:
  Scribe(std::string session_members, std::string session_id)
      : session_members_(std::move(session_members)), session_id_(std::move(session_id)) {}

  void opened(std::string_view policy_sha256, Actions& actions) const;
  void closed(std::string_view reason, std::uint64_t statements, Actions& actions) const;
  // One intent for each statement of the text that touches PHI: a barrier for what follows.
  void intents(const Statement& statement, std::uint64_t first_number, Actions& actions) const;
  void result(std::uint64_t number, std::uint64_t rows, std::string_view sqlstate, Actions& actions) const;
  void denied(const Statement& statement, std::uint64_t number, policy::Refusal refusal, std::string_view object,
              Actions& actions) const;

  const std::string& session_id() const { return session_id_; }

 private:
  std::string session_members_;
  std::string session_id_;
};

// The name of a refusal in records: the enumerator.
std::string_view reason_of(policy::Refusal refusal);

}  // namespace pgward::proxy
