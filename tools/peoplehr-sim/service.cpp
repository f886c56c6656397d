// The way of one call: arrival, limits, faults, checks, action, delivery.
#include "service.hpp"

#include <algorithm>
#include <cmath>

#include "call.hpp"
#include "texts.hpp"

namespace rollcall::sim {
namespace {

using std::string_view;

constexpr string_view html_type = "text/html; charset=utf-8";

void answer_html(wire_answer& answer, unsigned http_status) {
    answer.http_status = http_status;
    answer.content_type = html_type;
    answer.body = html_page(http_status);
}

void answer_throttled(wire_answer& answer, throttle_style style, std::uint32_t calls_per_minute) {
    const std::string text = throttle_text(calls_per_minute);
    switch (style) {
        case throttle_style::status_5: answer.body = envelope(true, 5, text, "null"); break;
        case throttle_style::silent: answer.body = envelope(false, 0, text, "[]"); break;
        case throttle_style::http_429: answer_html(answer, 429); break;
    }
}

// True if the limit applies to what the window counts and this arrival is over it.
bool over(const call_limits& limits, bool by_address, std::size_t arrivals) {
    const bool counted = limits.scope == limit_scope::both ||
                         limits.scope == (by_address ? limit_scope::address : limit_scope::tenant);
    return counted && arrivals > limits.calls_per_minute;
}

bool is_row_fault(fault_kind kind) {
    return kind >= fault_kind::invalid_utf8 && kind <= fault_kind::repeated_page;
}

// Chooses the newest fault that hits this call, and takes it off the list once it is used up.
std::optional<fault> take_fault(world& here, const call& current) {
    for (auto it = here.faults.rbegin(); it != here.faults.rend(); ++it) {
        const bool this_tenant = it->tenant.empty() || (current.tenant != nullptr &&
                                                        it->tenant == current.tenant->firm.tenant);
        const bool this_action = it->action.empty() || it->action == current.action_name;
        const bool this_page = it->page == 0 || it->page == page_of(current);
        if (!this_tenant || !this_action || !this_page) continue;
        if (it->probability < 1.0 && !here.traffic.chance(it->probability)) continue;
        fault taken = *it;
        const bool last_hit = it->calls == 1;
        if (it->calls != 0) --it->calls;
        if (last_hit) here.faults.erase(std::next(it).base());
        ++here.counters.faults;
        return taken;
    }
    return std::nullopt;
}

std::string status_body(const fault& what) {
    const int status = static_cast<int>(std::clamp<std::int64_t>(what.amount, 1, 14));
    return refusal_body(
        {status, what.text.empty() ? std::string{default_message(status)} : what.text});
}

// Answers for the faults that take the place of the whole answer; false if the call goes on.
bool answer_by_fault(wire_answer& answer, const fault& what, std::uint32_t calls_per_minute) {
    switch (what.kind) {
        case fault_kind::throttle_status_5:
            answer_throttled(answer, throttle_style::status_5, calls_per_minute);
            break;
        case fault_kind::throttle_silent:
            answer_throttled(answer, throttle_style::silent, calls_per_minute);
            break;
        case fault_kind::throttle_http_429:
            answer_throttled(answer, throttle_style::http_429, calls_per_minute);
            break;
        case fault_kind::status: answer.body = status_body(what); break;
        case fault_kind::key_gone:
            answer.body = refusal_body({5, "API key does not exists."});
            break;
        case fault_kind::no_grant:
            answer.body = refusal_body({5, "No access on employee schema."});
            break;
        case fault_kind::access_denied: answer.body = refusal_body({5, "Access Denied."}); break;
        case fault_kind::suspended:
            answer.body = refusal_body({5, "This company has been suspended."});
            break;
        case fault_kind::trial_expired:
            answer.body = refusal_body({5, "Your trial has expired."});
            break;
        case fault_kind::html:
            answer_html(answer, what.amount == 0 ? 503 : static_cast<unsigned>(what.amount));
            break;
        case fault_kind::empty_body: break;
        case fault_kind::null_result: answer.body = envelope(false, 0, success_text, "null"); break;
        case fault_kind::empty_list: answer.body = envelope(false, 0, success_text, "[]"); break;
        case fault_kind::wrong_result:
            answer.body = envelope(false, 0, success_text, what.text.empty() ? "{}" : what.text);
            break;
        case fault_kind::pseudo_row:
            answer.body = envelope(false, 0, success_text, pseudo_row_result);
            break;
        case fault_kind::not_json: answer_html(answer, 200); break;
        case fault_kind::reset: answer.how = delivery::reset_before_answer; break;
        default: return false;
    }
    return true;
}

std::size_t bytes_or_half(std::int64_t amount, std::size_t whole) {
    if (amount == 0) return whole / 2;
    const auto bytes = static_cast<std::size_t>(amount > 0 ? amount : -amount);
    if (amount > 0) return std::min(bytes, whole);
    return whole - std::min(bytes, whole);
}

// The faults of the whole body. Padding goes behind the array's bracket, where blanks are valid.
void distort_body(std::string& body, const fault& what) {
    if (what.kind == fault_kind::byte_order_mark) body.insert(0, "\xEF\xBB\xBF");
    if (what.kind == fault_kind::truncated) body.resize(bytes_or_half(what.amount, body.size()));
    const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(what.amount, 0));
    if (what.kind == fault_kind::huge && wanted > body.size()) {
        body.insert(body.size() - 1, wanted - body.size(), ' ');
    }
}

// Faults of delivery count bytes as sent, so they come after the packing.
void distort_delivery(wire_answer& answer, const fault& what) {
    switch (what.kind) {
        case fault_kind::slow: answer.latency += what.delay; return;
        case fault_kind::stall: answer.how = delivery::stall; break;
        case fault_kind::drip: answer.how = delivery::drip; break;
        case fault_kind::cut: answer.how = delivery::cut; break;
        default: return;
    }
    const bool from_start = what.kind == fault_kind::drip && what.amount == 0;
    answer.delivered_bytes = from_start ? 0 : bytes_or_half(what.amount, answer.body.size());
}

milliseconds draw_latency(world& here, std::size_t rows) {
    const options& chosen = here.chosen;
    double spent = static_cast<double>(chosen.latency_median.count());
    if (spent > 0) spent *= std::exp(chosen.latency_sigma * standard_normal(here.traffic));
    const auto per_row = chosen.latency_per_row * static_cast<std::int64_t>(rows);
    return milliseconds{std::llround(spent)} + std::chrono::duration_cast<milliseconds>(per_row);
}

// The call itself, once neither a limit nor a fault answered in its place.
reply answer_call(world& here, call& current, const fault* active) {
    if (current.refused) return {refusal_body(*current.refused)};
    return perform(here, current, active);
}

} // namespace

wire_answer service::handle(const wire_request& request) {
    world& here = *world_;
    wire_answer answer;
    call_counters& counters = here.counters;
    ++counters.calls;
    call_window& address =
        here.addresses.try_emplace(std::string{request.client_address}).first->second;
    const bool address_over = over(here.chosen.limits, true, address.arrive(request.now));
    counters.busiest_minute_of_an_address =
        std::max(counters.busiest_minute_of_an_address, address.busiest_minute());
    const resource where = resource_of(request.target);
    if (request.user_agent.empty()) {
        answer_html(answer, 403);
        return answer;
    }
    if (where == resource::unknown || request.method != "POST") {
        answer_html(answer, where == resource::unknown ? 404 : 405);
        return answer;
    }

    call current = read_call(here, request, where);
    bool tenant_over = false;
    if (current.tenant != nullptr) {
        call_window& window = current.tenant->window;
        tenant_over = over(here.chosen.limits, false, window.arrive(request.now));
        counters.busiest_minute_of_a_tenant =
            std::max(counters.busiest_minute_of_a_tenant, window.busiest_minute());
    }
    if (address_over || tenant_over) {
        ++counters.throttled;
        answer_throttled(answer, here.chosen.limits.style, here.chosen.limits.calls_per_minute);
        return answer;
    }

    const std::optional<fault> hit = take_fault(here, current);
    const bool replaced = hit && answer_by_fault(answer, *hit, here.chosen.limits.calls_per_minute);
    reply done;
    if (!replaced) {
        const bool in_rows = hit && is_row_fault(hit->kind);
        done = answer_call(here, current, in_rows ? &*hit : nullptr);
        answer.body = std::move(done.body);
        if (hit) distort_body(answer.body, *hit);
    }
    counters.rows += done.rows;
    answer.latency = draw_latency(here, done.rows);
    if (done.ran_query) {
        answer.latency = std::max(answer.latency, here.chosen.query_duration);
        current.tenant->query_ends = request.now + answer.latency;
    }
    if (here.chosen.gzip && request.accepts_gzip && answer.body.size() > 256) {
        answer.body = here.packed.pack(answer.body, here.chosen.gzip_level);
        answer.gzip = true;
    }
    if (hit) distort_delivery(answer, *hit);
    return answer;
}

} // namespace rollcall::sim
