// Precompiled for the layers that do I/O: the standard library, Asio and the parts of Beast that
// all use.
#pragma once
#include "std.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
