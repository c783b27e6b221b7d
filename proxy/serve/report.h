// What became of a loading, told to whoever reads pgward's own log.
#pragma once

#include "proxy/serve/load_world.h"

namespace pgward::proxy {

// Errors in full, with their places; warnings by number; and what could not be reached.
void show(const LoadedWorld& loaded, const Config& config);
void tell_unfetched(const LoadedWorld& loaded);

}  // namespace pgward::proxy
