#include "resolve.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

namespace rollcall::http {
namespace {

using tcp = asio::ip::tcp;
using addresses = std::vector<tcp::endpoint>;

// Shared by the waiter and the job, whichever lives longer.
struct look_up {
    explicit look_up(shard& owner) : done(owner), keep_alive(owner.get_executor()) {}
    signal_event done; // the shard's; the worker touches only `found`, before it posts
    bool ready = false;
    addresses found;
    asio::executor_work_guard<executor> keep_alive;
};

addresses ask_system(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    addresses found;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &list) != 0) return found;
    for (const auto* each = list; each != nullptr; each = each->ai_next) {
        tcp::endpoint address;
        if (each->ai_addrlen > address.capacity()) continue;
        std::memcpy(address.data(), each->ai_addr, each->ai_addrlen);
        address.resize(each->ai_addrlen);
        found.push_back(address);
    }
    freeaddrinfo(list);
    return found;
}

} // namespace

task<result<addresses>> resolve(shard& owner, worker& where, std::string host, std::string port,
                                mono_time deadline) {
    std::uint16_t number = 0;
    const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (bad != std::errc{} || end != port.data() + port.size()) co_return errc::invalid_argument;
    error_code not_literal;
    const auto literal = asio::ip::make_address(host, not_literal);
    if (!not_literal) co_return addresses{tcp::endpoint{literal, number}};

    auto state = std::make_shared<look_up>(owner);
    // The job's last reference is dropped on the shard, because the event is the shard's.
    const bool taken = where.submit([state, host, port]() mutable {
        state->found = ask_system(host, port);
        const auto ex = state->keep_alive.get_executor();
        asio::post(ex, [state = std::move(state)] {
            state->ready = true;
            state->done.notify_all();
        });
    });
    if (!taken) co_return errc::busy;
    while (!state->ready) {
        if (co_await state->done.wait_until(deadline) == wake::deadline) {
            co_return errc::deadline_exceeded;
        }
    }
    if (state->found.empty()) co_return errc::connection_failed;
    co_return std::move(state->found);
}

} // namespace rollcall::http
