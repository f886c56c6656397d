// The coroutine type of the program and the two tokens to await with.
//
// A task runs on one shard's io_context; the concrete executor saves 370 bytes and 40 ns per parked
// coroutine over any_io_executor (measured, see bench/README.md). Only async and app spawn:
// everyone else calls task_group::spawn, so that every coroutine has an owner who joins it.
#pragma once
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall {

namespace asio = boost::asio;

using executor = asio::io_context::executor_type;

template <class T = void>
using task = asio::awaitable<T, executor>;

// co_await op(use_task) throws on an error; co_await op(use_tuple) returns (error_code, value...).
inline constexpr asio::use_awaitable_t<executor> use_task{};
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<executor>> use_tuple{};

using error_code = boost::system::error_code;

} // namespace rollcall
