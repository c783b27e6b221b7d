// Names of settings that an error text may show: a client's own spelling may hold anything, a name of this table is ours.
#pragma once

#include <string_view>

namespace pgward::proxy {

// The setting of that name, in memory that lives for ever; empty when PostgreSQL has none.
std::string_view known_setting(std::string_view lower_name);

}  // namespace pgward::proxy
