// The loop that hands notices to the sink (G-11).
#include "fleet_impl.hpp"

namespace rollcall::sync {
namespace {

constexpr std::size_t notices_at_once = 256;

} // namespace

// Looks into the store once after the start, and whenever a commit brought notices.
task<> fleet::impl::notice_loop() {
    for (;;) {
        const auto seen = notices_committed;
        const auto waiting = co_await storage.notices(notices_at_once);
        if (!waiting || (!waiting->empty() && !co_await hand_over(*waiting))) {
            co_await home.sleep_for(options.notice_retry);
        } else if (waiting->empty()) {
            while (seen == notices_committed) co_await notice_added.wait();
        }
    }
}

task<bool> fleet::impl::hand_over(const std::vector<notice>& waiting) {
    if (const auto done = co_await notices.deliver(waiting); !done) {
        log.error("notices.not_delivered",
                  {{"waiting", waiting.size()}, {"code", errc_of(done.error())}});
        co_return false;
    }
    const auto forgotten = co_await storage.notices_delivered(waiting.back().number);
    if (!forgotten) co_return false;
    totals.notices_delivered += waiting.size();
    co_return true;
}

} // namespace rollcall::sync
