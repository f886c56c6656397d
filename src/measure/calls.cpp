// What a call costs whatever it reads: the client, from the request to the rows, over a pipe in
// memory. The other side's share is in it, so that it is rather too much than too little.
#include <boost/asio/write.hpp>

#include "company.hpp"
#include "parts.hpp"
#include "passes.hpp"
#include "rollcall/async/task_group.hpp"
#include "rollcall/async/virtual_time.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/secret.hpp"
#include "rollcall/http/memory_stream.hpp"
#include "rollcall/peoplehr/source.hpp"

namespace rollcall::measure {
namespace {

constexpr int calls = 200;

// Answers whatever is asked with one text.
class answering_network final : public http::connector {
  public:
    answering_network(shard& owner, std::string answer)
        : owner_(owner), answer_(std::move(answer)), servers_(owner) {}

    task<result<std::unique_ptr<http::io_stream>>> connect(const http::endpoint&,
                                                           mono_time) override {
        auto [ours, theirs] = http::make_pipe(owner_);
        servers_.spawn(serve(std::move(theirs)));
        std::unique_ptr<http::io_stream> stream = std::move(ours);
        co_return stream;
    }
    task<> stop() {
        servers_.cancel();
        co_await servers_.join();
    }

  private:
    task<> serve(std::unique_ptr<http::memory_stream> stream) {
        std::array<char, 4096> buffer{};
        for (;;) {
            // The small request of a call is one write.
            const auto [error, size] =
                co_await stream->async_read_some(asio::buffer(buffer), use_tuple);
            if (error || size == 0) co_return;
            co_await asio::async_write(*stream, asio::buffer(answer_), use_tuple);
        }
    }

    shard& owner_;
    std::string answer_;
    task_group servers_;
};

class row_counter final : public sync::row_sink {
  public:
    void on_row(const sync::source_row&) override { ++rows; }
    std::size_t rows = 0;
};

} // namespace

void measure_calls(capacity::machine& into, double seconds) {
    virtual_world world(1, wall_time{});
    const auto body_text = answer_json(1, 1, "Engineer");
    answering_network network(world.home(),
                              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                              "Content-Length: " +
                                  std::to_string(body_text.size()) + "\r\n\r\n" + body_text);
    const secret key(std::string_view("not-a-key"));
    {
        peoplehr::source source(world.home(), network, {});
        into.call_us = of_passes(seconds, [&] {
            const double rate = rate_of(calls, [&] {
                for (int i = 0; i < calls; ++i) {
                    row_counter rows;
                    sync::fetch_request what;
                    what.tenant = "measured";
                    what.base_url = "https://api.peoplehr.net";
                    what.key = &key;
                    const auto report = world.run(source.fetch(what, rows));
                    ROLLCALL_CHECK(report.code == errc::ok && rows.rows == 1);
                }
            });
            return 1e6 / rate;
        });
        source.close_idle();
    }
    world.run(network.stop());
}

} // namespace rollcall::measure
