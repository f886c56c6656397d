#include "rollcall/peoplehr/source.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "request.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/http/egress_fault.hpp"
#include "rollcall/peoplehr/base_url.hpp"
#include "rollcall/peoplehr/classify.hpp"
#include "rollcall/peoplehr/decode.hpp"

namespace rollcall::peoplehr {
namespace {

using sync::fetch_report;

// An answer in memory and what reads it, kept from fetch to fetch so that its pages are faulted in
// once.
struct reader {
    http::body_buffer body;
    decoder json;
};

// The readers that exist, and those who wait for one.
class reader_pool {
  public:
    reader_pool(shard& owner, std::size_t count_max, std::size_t kept_bytes)
        : freed_(owner), count_max_(count_max), kept_bytes_(kept_bytes) {
        ROLLCALL_CHECK(count_max != 0);
    }

    class lease {
      public:
        lease(reader_pool& pool, std::unique_ptr<reader> held)
            : pool_(&pool), held_(std::move(held)) {}
        lease(lease&&) noexcept = default;
        lease& operator=(lease&&) = delete;
        ~lease() {
            if (held_) pool_->give_back(std::move(held_));
        }
        [[nodiscard]] reader& held() const noexcept { return *held_; }

      private:
        reader_pool* pool_;
        std::unique_ptr<reader> held_;
    };

    // Waits until a reader is free.
    [[nodiscard]] task<lease> acquire() {
        while (free_.empty() && count_ == count_max_) co_await freed_.wait();
        if (free_.empty()) {
            ++count_;
            co_return lease{*this, std::make_unique<reader>()};
        }
        auto held = std::move(free_.back());
        free_.pop_back();
        co_return lease{*this, std::move(held)};
    }

  private:
    void give_back(std::unique_ptr<reader> held) noexcept {
        held->json.finish(kept_bytes_);
        held->body.wipe();
        held->body.shrink(kept_bytes_);
        free_.push_back(std::move(held));
        freed_.notify_all();
    }

    std::vector<std::unique_ptr<reader>> free_;
    signal_event freed_;
    std::size_t count_ = 0;
    std::size_t count_max_;
    std::size_t kept_bytes_;
};

std::string transport_detail(errc code, const http::endpoint& to) {
    const auto host = to.host + ":" + to.port;
    switch (code) {
        case errc::deadline_exceeded: return host + " did not answer in time";
        case errc::connection_failed: return "the connection to " + host + " failed or was lost";
        case errc::tls_failed:
            return "no trusted TLS connection to " + host + ": check base_url and the CA file";
        case errc::response_too_large: return "the answer of " + host + " is longer than the limit";
        case errc::bad_response:
            return "the answer of " + host + " is not HTTP, or its gzip is damaged";
        case errc::invalid_argument: return "base_url cannot be sent in a request";
        default: return "the request to " + host + " failed";
    }
}

fetch_report refused(failure what) {
    fetch_report out;
    out.code = what.code;
    out.detail = std::move(what.detail);
    return out;
}

// No answer has come.
void conclude_unanswered(fetch_report& report, const error_code& error, http::endpoint to,
                         std::string_view source_address) {
    if (const auto fault = http::egress_fault_of(error)) {
        to.source_address = source_address;
        report.code = errc::connection_failed;
        report.detail = http::explain(*fault, to);
        report.egress_failed = true;
        return;
    }
    report.code = errc_of(error);
    report.detail = transport_detail(report.code, to);
}

void conclude(fetch_report& report, verdict found) {
    report.code = found.code;
    report.detail = std::move(found.detail);
    report.learned_limit = found.learned_limit;
    report.pages_refused = found.pages_refused;
}

question question_of(const sync::fetch_request& what) {
    if (!what.employee_id.empty()) return question::one_employee;
    return what.page ? question::page : question::everybody;
}

} // namespace

struct source::impl {
    impl(shard& o, http::connector& network, source_options given)
        : owner(o),
          options(std::move(given)),
          client(owner, network, options.http),
          readers(owner, options.concurrent_max, options.kept_bytes) {}

    // Sends the request and leaves the answer's body in `into`.
    task<result<http::client_answer>> send(const sync::fetch_request& what,
                                           const api_address& where, http::body_buffer& into,
                                           bool& sent) {
        auto to = where.to;
        to.source_address = what.source_address;
        const auto path = where.path + "/Employee";
        const auto request = write_request(what);
        co_return co_await client.post(to, path, request.view(), into, sent);
    }

    // Decodes in slices, between which others on the shard get their turn.
    task<> decode(reader& from, const sync::fetch_request& what, question asked,
                  sync::row_sink& rows) {
        from.json.begin({from.body.data(), from.body.size()}, asked, what.extra_names);
        while (from.json.advance(options.rows_per_slice, rows)) co_await owner.yield();
    }

    // Overwrites a long body from its end in slices, and gives the memory of each back, which costs
    // the kernel as much; a short one is overwritten when its reader is.
    task<> wipe_long(http::body_buffer& body) {
        constexpr std::size_t slice_bytes = 2u << 20;
        if (body.size() <= options.kept_bytes) co_return;
        while (body.size() != 0) {
            const auto bytes = std::min(slice_bytes, body.size());
            const auto left = body.size() - bytes;
            rollcall::wipe(body.data() + left, bytes);
            body.resize(left);
            body.shrink(std::max(left, options.kept_bytes));
            co_await owner.yield();
        }
    }

    shard& owner;
    source_options options;
    http::client client;
    reader_pool readers;
};

source::source(shard& owner, http::connector& network, source_options options)
    : impl_(std::make_unique<impl>(owner, network, std::move(options))) {}

source::~source() = default;

void source::close_idle() noexcept {
    impl_->client.close_idle();
}

task<fetch_report> source::fetch(const sync::fetch_request& what, sync::row_sink& rows) {
    auto& self = *impl_;
    const auto where = parse_base_url(what.base_url);
    if (!where) co_return refused(where.error());
    if (what.key == nullptr || what.key->empty()) {
        co_return refused({errc::invalid_argument, "the tenant has no API key"});
    }

    if (what.extra_names.size() > extra_names_max) {
        co_return refused({errc::invalid_argument, "more extra fields than can be read"});
    }

    const auto lease = co_await self.readers.acquire();
    auto& [body, json] = lease.held();
    fetch_report report;
    const auto answered = co_await self.send(what, *where, body, report.sent);
    report.body_bytes = body.size();
    if (answered) report.answered_at = answered->header_at;
    if (!answered) {
        conclude_unanswered(report, answered.error(), where->to, what.source_address);
        co_return report;
    }
    const auto asked = question_of(what);
    auto found = classify_http(answered->status, answered->content_type, body.view());
    if (!found) {
        co_await self.decode(lease.held(), what, asked, rows);
        found = classify(json.outcome(), asked);
        report.rows = json.outcome().rows;
        // "No records found" is a page that counts nobody.
        if (asked == question::page) report.rows_total = json.outcome().rows_total.value_or(0);
    }
    conclude(report, std::move(*found));
    co_await self.wipe_long(body);
    co_return report;
}

} // namespace rollcall::peoplehr
