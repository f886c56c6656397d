// The process of a virtual world: all of the daemon but its sockets, its files and its thread. It
// is destroyed as a process is: what it had only in memory is gone.
#pragma once
#include <memory>
#include <string_view>
#include <utility>

#include "rollcall/app/engine.hpp"
#include "rollcall/async/virtual_time.hpp"
#include "rollcall/storage/key_vault.hpp"
#include "virtual-program/crash_store.hpp"
#include "virtual-program/network.hpp"

namespace rollcall::sim {

struct program {
    program(virtual_world& world, network& net, std::shared_ptr<sync::store> inner,
            sync::notice_sink& notices, logger to, const app::config& chosen)
        : storage(world.home(), std::move(inner)),
          vault(secret(std::string_view("0123456789abcdef0123456789abcdef"))),
          log(std::move(to)),
          engine({world.home(), net, storage, vault, notices, log, numbers}, chosen) {}

    crash_store storage;
    storage::file_key_vault vault;
    metrics numbers;
    logger log;
    app::engine engine;
};

} // namespace rollcall::sim
