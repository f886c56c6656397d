// Boost.JSON, compiled here once: the edges read and write JSON with it.
#include <boost/json/src.hpp>
