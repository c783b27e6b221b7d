// What is served after a reading: the new one, with what it could not read taken from the one before.
#pragma once

#include <cstdint>
#include <memory>

#include "proxy/serve/load_world.h"

namespace pgward::proxy {

// While nothing has changed the version stays: plans that were made for it stay good. A database that cannot
// be reached for a while keeps the catalog that was read last: without the server nothing is run anyway, and World::read_by
// tells those who have to know how old it is. `reading`: the number of this one.
std::shared_ptr<const NetWorld> merged(const NetWorld& before, const LoadedWorld& loaded, std::uint64_t reading);

}  // namespace pgward::proxy
