// What no rewriter can go below: libpg_query's raw parse of a text, the tree thrown away.
#pragma once

namespace pgward::bench {

// False: the text does not parse.
bool raw_parse(const char* sql);

}  // namespace pgward::bench
