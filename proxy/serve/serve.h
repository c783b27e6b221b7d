// `pgward serve`: puts the parts together, listens, and answers signals.
//
// SIGHUP  reads policy, key sets and certificates again; a file with a mistake changes nothing.
// SIGTERM stops listening, ends idle sessions at once and busy ones when they are idle or after `drain`.
// SIGINT  ends everything at once.
// Of each systemd is told (supervisor.h).
#pragma once

#include "proxy/config/config.h"

namespace pgward::proxy {

struct ServeOptions {
  int ready_fd = -1;  // ADDRESS:PORT lines are written there when listening, then it is closed
};

// The exit status.
int serve(const Config& config, const ServeOptions& options);

}  // namespace pgward::proxy
