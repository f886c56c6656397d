// What must hold while a fleet is simulated, and what is measured of it.
#include <fmt/format.h>

#include <algorithm>

#include "rollcall/core/hash.hpp"
#include "rollcall/sync/desk.hpp"
#include "simulation.hpp"
#include "virtual-program/truth.hpp"

namespace rollcall::fleet_sim {
namespace {

constexpr std::size_t violations_max = 20;
constexpr auto hint_wait_max = hours{2};

const std::string* text_of(const sync::event& e, std::string_view name) {
    for (const auto& each : e.fields) {
        if (each.name == name) return std::get_if<std::string>(&each.value);
    }
    return nullptr;
}

// The text of a member of the request's JSON, which the program writes without blanks.
std::string_view member(std::string_view body, std::string_view opening) {
    const auto begin = body.find(opening);
    if (begin == std::string_view::npos) return {};
    const auto text = body.substr(begin + opening.size());
    return text.substr(0, text.find('"'));
}

std::uint64_t digest_of(const directory::user_values& values, const directory::user_meta& meta) {
    std::uint64_t out = meta.uid;
    for (const auto text : values.text) out = hash64(text, out);
    const auto number = [&out](auto n) { out = combine(out, static_cast<std::uint64_t>(n)); };
    number(meta.fingerprint);
    number(meta.state);
    number(meta.role);
    number(meta.manager);
    number(meta.missing);
    number((meta.created_by_us ? 1u : 0u) | (meta.deactivated_by_us ? 2u : 0u) |
           (meta.managed ? 4u : 0u));
    for (const auto each : meta.ownership) number(each);
    number(values.start_date.days);
    number(values.leaving_date.days);
    return out;
}

} // namespace

void simulation::violation(std::string what) {
    auto& all = out_.violations;
    if (all.size() >= violations_max) return;
    const auto day =
        std::chrono::duration<double>(world_.clock().mono_now() - began_).count() / 86'400;
    all.push_back(fmt::format("day {:.3f}: {}", std::max(0.0, day), what));
}

void simulation::note(std::string_view kind, std::string_view tenant, std::string_view more) {
    fmt::memory_buffer line;
    fmt::format_to(std::back_inserter(line), "{} {} {}", kind, tenant, more);
    const std::string_view text(line.data(), line.size());
    world_.trace(text);
    if (!options_.on_trace) return;
    const auto since = world_.clock().mono_now() - began_;
    options_.on_trace(fmt::format("{:.3f} {}", std::chrono::duration<double>(since).count(), text));
}

// ---- while it runs ------------------------------------------------------------------------------

void simulation::on_call(const sim::wire_request& call, const sim::wire_answer&) {
    const auto found = by_key_.find(member(call.body, R"("APIKey":")"));
    if (found == by_key_.end()) return violation("a call came with a key of nobody");
    auto& of = accounts_[found->second];
    of.called_at = world_.clock().mono_now();
    of.called_id = member(call.body, R"("EmployeeId":")");
    for (std::size_t i = 0; i < config_.sync.egress.size(); ++i) {
        if (config_.sync.egress[i].address == call.client_address) ++calls_of_hour_[i];
    }
    note("call", of.name, of.called_id);
}

void simulation::after_turn() {
    check_limit();
    if (!program_) return;
    const auto& feed = fleet().events();
    if (feed.last_id() == seen_event_) return;
    const auto news = feed.read(seen_event_, 4'096);
    if (news.missed != 0) violation("events were lost before they were looked at");
    seen_event_ = feed.last_id();
    for (const auto* each : news.events) on_event(*each);
}

void simulation::on_event(const sync::event& e) {
    const auto found = by_name_.find(e.tenant);
    if (found == by_name_.end()) return;
    auto& of = accounts_[found->second];
    if (e.kind == sync::event_kind::run_started) {
        const auto* cause = text_of(e, "cause");
        on_run_started(of, cause == nullptr ? "" : *cause);
    } else if (e.kind == sync::event_kind::run_finished) {
        const auto* outcome = text_of(e, "outcome");
        on_run_finished(of, outcome == nullptr ? "" : *outcome);
    } else {
        note(sync::name_of(e.kind), e.tenant);
    }
}

void simulation::on_run_started(account& of, std::string_view cause) {
    note("start", of.name, cause);
    // Whatever its cause is called, a tenant's next run is that of the person who waits.
    for (const auto& each : of.pressed) {
        const auto waited = world_.clock().mono_now() - each.at;
        out_.measured.start_wait.add(waited);
        const auto wrong = std::chrono::abs(waited - each.estimated);
        const auto whole = std::max<nanoseconds>(waited, seconds{1});
        out_.measured.start_error.add_number(static_cast<double>(wrong.count()) /
                                             static_cast<double>(whole.count()));
    }
    of.pressed.clear();
}

void simulation::on_run_finished(account& of, std::string_view outcome) {
    note("end", of.name, outcome);
    auto& m = out_.measured;
    if (outcome == "held") ++m.runs_held;
    if (outcome == "failed") ++m.runs_failed;
    if (outcome == "applied") ++m.runs_applied;
    if (outcome == "unchanged") ++m.runs_unchanged;
    if (outcome == "applied" || outcome == "unchanged") on_read(of);
}

void simulation::on_read(account& of) {
    const auto now = world_.clock().mono_now();
    if (of.called_whole()) {
        if (!of.truth && ++out_.measured.loaded == accounts_.size()) {
            out_.measured.first_load_s = std::chrono::duration<double>(now - began_).count();
        }
        of.truth = of.called_at;
        of.complained = false;
    }
    take_read(of.unread, of, [&](const account::change& each) {
        auto& lag = each.announced ? out_.measured.lag_announced : out_.measured.lag_other;
        lag.add(now - each.at);
    });
    take_read(of.told, of, [](const account::change&) {});
    if (const auto wrong = fleet().users(of.name)->verify()) violation(of.name + ": " + *wrong);
    if (of.called_whole() && of.unchecked && of.changed_at < of.called_at) check_tenant(of);
}

bool simulation::held(const account& of) {
    const auto* books = fleet().books_of(of.name);
    return books == nullptr || !books->held.empty() || books->gate.suspect;
}

// Its directory is as PeopleHR: nothing that was read is lost.
void simulation::check_tenant(account& of) {
    const auto today = sim::london_date(world_.clock().wall_now());
    const auto then =
        sim::london_date(world_.clock().wall_now() - (world_.clock().mono_now() - of.called_at));
    if (held(of) || today != then) return;
    of.unchecked = false;
    ++out_.measured.comparisons;
    sim::compare_with_truth(of.name, *fleet().users(of.name), fleet().tenant(of.name)->settings,
                            *peoplehr_.truth(of.name), today,
                            [this](std::string what) { violation(std::move(what)); });
}

void simulation::check_limit() {
    const auto busiest = peoplehr_.counters().busiest_minute_of_an_address;
    auto& seen = out_.measured.busiest_minute;
    if (busiest <= seen) return;
    seen = busiest;
    if (static_cast<double>(busiest) > of_.calls_per_minute) {
        violation(fmt::format("an address made {} calls in a sliding minute; the limit is {}",
                              busiest, of_.calls_per_minute));
    }
}

// ---- each hour ----------------------------------------------------------------------------------

// What an outage kept from being read is read after it, at the pace of the limit.
nanoseconds simulation::age_allowed(mono_time now) const {
    auto allowed = of_.truth_age_max();
    const auto used = std::min(1.0, of_.sweeps_per_day() / of_.calls_per_day());
    for (const auto& each : of_.outages) {
        const auto begin = began_ + each.start;
        const auto end = std::min(now, begin + each.length);
        if (begin >= now) continue;
        const auto extra = nanoseconds{
            static_cast<std::int64_t>(static_cast<double>((end - begin).count()) * (1.1 + used))};
        if (now - end < allowed + extra) allowed += extra;
    }
    for (const auto& each : of_.restarts) {
        const auto since = now - (began_ + each.at);
        if (since > nanoseconds{0} && since < allowed) allowed += minutes{2};
    }
    return allowed;
}

void simulation::check_ages() {
    const auto now = world_.clock().mono_now();
    const auto allowed = age_allowed(now);
    for (auto& each : accounts_) {
        check_hints(each);
        if (each.complained || each.age(now) <= allowed) continue;
        each.complained = true;
        const auto hours_of = [](nanoseconds n) {
            return std::chrono::duration<double>(n).count() / 3'600;
        };
        violation(fmt::format("{}'s truth is {:.2f} h old; {:.2f} h are allowed", each.name,
                              hours_of(each.age(now)), hours_of(allowed)));
    }
}

// A webhook that was acknowledged is read soon, unless the tenant can not be read at all. Before
// its first load a tenant waits for that.
void simulation::check_hints(account& of) {
    if (!of.truth) return;
    const auto now = world_.clock().mono_now();
    const auto late = hint_wait_max + (age_allowed(now) - of_.truth_age_max());
    for (const auto& each : of.told) {
        if (now - each.at <= late) continue;
        const auto state = fleet().tenant(of.name)->state;
        const bool excused = state == sync::tenant_state::held ||
                             state == sync::tenant_state::backing_off ||
                             state == sync::tenant_state::quarantined;
        if (excused) return;
        violation(fmt::format("{}: a webhook was acknowledged {:.1f} h ago and nobody was read",
                              of.name,
                              std::chrono::duration<double>(now - each.at).count() / 3'600));
        of.told.clear();
        return;
    }
}

void simulation::sample_hour() {
    const auto now = world_.clock().mono_now();
    sample_set ages;
    for (const auto& each : accounts_) ages.add(each.age(now));
    hour_figures hour;
    hour.truth_p50_s = ages.quantile(0.5);
    hour.truth_p99_s = ages.quantile(0.99);
    hour.truth_max_s = ages.max();
    for (const auto& each : fleet().status().queues)
        hour.queues[std::string(each.name)] = each.ready;
    hour.calls = calls_of_hour_;
    std::ranges::fill(calls_of_hour_, 0u);
    out_.measured.hours.push_back(std::move(hour));
}

// ---- over a restart -----------------------------------------------------------------------------

simulation::contents simulation::contents_now() {
    contents out;
    std::map<sync::tenant_key, std::string> names;
    for (const auto& each : accounts_) {
        const auto* users = fleet().users(each.name);
        if (users == nullptr) continue;
        std::uint64_t sum = 0;
        users->for_each(
            [&](directory::user_ref u) { sum += digest_of(users->values(u), users->meta(u)); });
        out.certain[each.name] = sum;
        if (!program_->storage.under_way().empty()) {
            names[fleet().tenant(each.name)->key] = each.name;
        }
    }
    for (const auto& [key, batch] : program_->storage.under_way()) {
        if (!names.contains(key)) continue;
        const auto& name = names[key];
        const auto& users = *fleet().users(name);
        std::map<std::uint32_t, std::uint64_t> whole;
        users.for_each([&](directory::user_ref u) {
            whole[users.meta(u).uid] = digest_of(users.values(u), users.meta(u));
        });
        for (const auto& user : batch) whole[user.meta.uid] = digest_of(user.values(), user.meta);
        std::uint64_t sum = 0;
        for (const auto& [uid, digest] : whole) sum += digest;
        out.possible[name] = sum;
    }
    return out;
}

// G-11: the database has what the memory had; of a run that was under way all or nothing.
void simulation::compare_contents(const contents& before, std::string_view when) {
    const auto now = contents_now();
    for (const auto& [name, digest] : before.certain) {
        const auto found = now.certain.find(name);
        if (found == now.certain.end()) {
            violation(fmt::format("{} is lost {}", name, when));
            continue;
        }
        const auto other = before.possible.find(name);
        const bool whole = other != before.possible.end() && other->second == found->second;
        if (found->second != digest && !whole) {
            violation(fmt::format("{}: the database is not what the memory was {}", name, when));
        }
    }
}

} // namespace rollcall::fleet_sim
