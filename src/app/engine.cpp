#include "rollcall/app/engine.hpp"

#include "rollcall/edge/control.hpp"
#include "rollcall/edge/hooks.hpp"
#include "rollcall/edge/observe.hpp"

namespace rollcall::app {
namespace {

// As many answers in memory as there are runs that read them; a tenant's test call waits its turn.
peoplehr::source_options source_options_of(const config& chosen) {
    peoplehr::source_options out;
    out.http = chosen.peoplehr;
    out.concurrent_max = chosen.sync.concurrent_runs_max;
    out.rows_per_slice = chosen.sync.rows_per_slice;
    return out;
}

} // namespace

engine::engine(const engine_ports& ports, const config& chosen)
    : source_(ports.home, ports.network, source_options_of(chosen)),
      fleet_(ports.home, chosen.sync, source_, ports.storage, ports.vault, ports.notices, ports.log,
             ports.numbers) {
    edge::add_control_routes(control_, fleet_, ports.home, ports.log);
    edge::add_webhook_routes(control_, fleet_, ports.home, ports.log,
                             {chosen.hooks.public_url, !chosen.hooks.listen.empty()});
    edge::add_hook_routes(hooks_, fleet_, ports.home, chosen.hooks.events);
    edge::add_observe_routes(observe_, fleet_, ports.numbers, [this] { return started_; });
}

task<outcome<void>> engine::start() {
    auto loaded = co_await fleet_.start();
    started_ = loaded.has_value();
    co_return loaded;
}

task<> engine::stop(nanoseconds grace) {
    co_await fleet_.stop(grace);
    source_.close_idle();
}

void engine::reload(const config& chosen) {
    fleet_.reload(chosen.sync);
}

} // namespace rollcall::app
