#include "rollcall/app/engine.hpp"

#include "rollcall/edge/control.hpp"
#include "rollcall/edge/observe.hpp"

namespace rollcall::app {
namespace {

// As many buffers for answers as there are runs that fill them.
peoplehr::source_options source_options_of(const config& chosen) {
    peoplehr::source_options out;
    out.concurrent_max = chosen.sync.concurrent_runs_max;
    return out;
}

} // namespace

engine::engine(const engine_ports& ports, const config& chosen)
    : client_(ports.home, ports.network, chosen.peoplehr),
      source_(ports.home, client_, source_options_of(chosen)),
      fleet_(ports.home, chosen.sync, source_, ports.storage, ports.vault, ports.log,
             ports.numbers) {
    edge::add_control_routes(control_, fleet_, ports.home, ports.log);
    edge::add_observe_routes(observe_, fleet_, ports.numbers, [this] { return started_; });
}

task<outcome<void>> engine::start() {
    auto loaded = co_await fleet_.start();
    started_ = loaded.has_value();
    co_return loaded;
}

task<> engine::stop(nanoseconds grace) {
    co_await fleet_.stop(grace);
    client_.close_idle();
}

void engine::reload(const config& chosen) {
    fleet_.reload(chosen.sync);
}

} // namespace rollcall::app
