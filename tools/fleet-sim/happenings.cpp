// What happens to a fleet: its days, its webhooks, its outages, and the people who look after it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "rollcall/core/check.hpp"
#include "rollcall/sync/desk.hpp"
#include "simulation.hpp"

namespace rollcall::fleet_sim {

// ---- the course of time -------------------------------------------------------------------------

void simulation::at(mono_time when, std::function<void()> what) {
    agenda_.emplace(when, std::move(what));
}

void simulation::pass_until(mono_time until) {
    while (!agenda_.empty() && agenda_.begin()->first <= until) {
        const auto next = agenda_.extract(agenda_.begin());
        // What happened before may have taken its time.
        if (next.key() > world_.clock().mono_now()) world_.run_until(next.key());
        next.mapped()();
    }
    if (until > world_.clock().mono_now()) world_.run_until(until);
}

// The world begins at a midnight.
void simulation::plan_day() {
    const auto begin = world_.clock().mono_now() -
                       (world_.clock().wall_now() -
                        std::chrono::floor<std::chrono::days>(world_.clock().wall_now()));
    at(begin + hours{24}, [this] { midnight(); });
    if (!changes_go_on_) return;
    for (const auto& each : calendar_->next_day()) {
        if (begin + each.at >= world_.clock().mono_now()) {
            at(begin + each.at, [this, each] { happen(each); });
        }
    }
}

// PeopleHR's calendar goes on: whose last day has ended has left.
void simulation::midnight() {
    const auto day = std::chrono::floor<std::chrono::days>(
        std::chrono::time_point_cast<seconds>(world_.clock().wall_now()));
    std::vector<std::size_t> left;
    left.reserve(accounts_.size());
    for (std::size_t i = 0; i < accounts_.size(); ++i) left.push_back(peoplehr_.tenant_at(i).left);
    ROLLCALL_CHECK(peoplehr_.set_today(day));
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (peoplehr_.tenant_at(i).left == left[i]) continue;
        accounts_[i].changed_at = world_.clock().mono_now();
        accounts_[i].unchecked = true;
    }
    plan_day();
}

void simulation::hour_ends() {
    sample_hour();
    check_ages();
    work_of_an_operator();
    at(world_.clock().mono_now() + hours{1}, [this] { hour_ends(); });
}

// ---- people -------------------------------------------------------------------------------------

void simulation::happen(const planned& what) {
    if (!changes_go_on_) return;
    auto& where = accounts_[what.tenant];
    switch (what.what) {
        case happening::joiner:
        case happening::leaver:
        case happening::detail: return change(where, what.what);
        case happening::button: return press(where);
        case happening::touch: {
            const auto id = peoplehr_.somebody_at(where.name, random_.next());
            if (id) (void)peoplehr_.send_webhook(where.name, 2, *id);
            return send_webhooks(where);
        }
    }
}

void simulation::change(account& where, happening what) {
    const auto kind = what == happening::joiner   ? sim::churn_kind::joiner
                      : what == happening::leaver ? sim::churn_kind::leaver
                                                  : sim::churn_kind::detail;
    const auto done = peoplehr_.churn(where.name, 1, random_.next(), kind);
    ROLLCALL_CHECK(done);
    const auto now = world_.clock().mono_now();
    for (const auto& each : *done) {
        ++out_.measured.changes;
        note("change", where.name, each);
        where.unread.push_back({now, each.substr(each.find(' ') + 1)});
        where.changed_at = now;
        where.unchecked = true;
    }
    send_webhooks(where);
}

void simulation::press(account& where) {
    ++out_.measured.buttons;
    note("button", where.name);
    const auto ticket = fleet().request_sync(where.name);
    if (!ticket) return; // stopped, say: a person was told
    where.pressed.push_back({world_.clock().mono_now(), ticket->estimated_start});
}

// ---- webhooks -----------------------------------------------------------------------------------

void simulation::send_webhooks(account& where) {
    for (auto& post : peoplehr_.take_webhooks()) {
        ++out_.measured.webhooks;
        const auto late =
            draw_lognormal(of_.webhook_delay_median_s, of_.webhook_delay_p99_s, random_);
        const auto delay = nanoseconds{static_cast<std::int64_t>(late * 1e9)};
        const auto id_at = post.body.find(R"("EmployeeId":")") + 14;
        auto id = post.body.substr(id_at, post.body.find('"', id_at) - id_at);
        at(world_.clock().mono_now() + delay,
           [this, &where, body = std::move(post.body), id = std::move(id)] {
               webhooks_->spawn(deliver_webhook(where, body, id));
           });
    }
}

// As the listener does, without its socket. While the daemon is down nobody takes it, and PeopleHR
// does not try again.
task<> simulation::deliver_webhook(account& where, std::string body, std::string employee_id) {
    const auto sent = world_.clock().mono_now();
    note("webhook", where.name, employee_id);
    if (options_.bug == plant::hint_lost && bug_planted_) {
        options_.bug = plant::none;
        where.told.push_back({sent, employee_id});
        co_return;
    }
    http::request post;
    post.method = "POST";
    post.path = post.raw_path = "/h/" + where.token;
    post.content_type = "application/json";
    post.body = std::move(body);
    post.from.address = "198.51.100.7:443";
    const auto answer = co_await program_->engine.hook_routes().dispatch(std::move(post));
    if (answer.status != 202) co_return;
    ++out_.measured.webhooks_taken;
    where.told.push_back({sent, employee_id});
    for (auto& each : where.unread) each.announced |= each.employee_id == employee_id;
}

// ---- the way to PeopleHR ------------------------------------------------------------------------

void simulation::begin_outage(const outage& what) {
    note("outage", {});
    if (what.how == outage_kind::refused) return network_.cut();
    sim::fault page;
    page.kind = sim::fault_kind::html;
    ROLLCALL_CHECK(peoplehr_.add_fault(page));
}

void simulation::end_outage() {
    note("outage ends", {});
    network_.restore();
    // The stale answers of a planted bug are no outage.
    if (options_.bug != plant::change_dropped) peoplehr_.clear_faults();
}

// ---- the operator -------------------------------------------------------------------------------

// Somebody who looked at what is held, and found it right; and who lets a loaded tenant go live.
void simulation::work_of_an_operator() {
    sync::desk desk(fleet());
    for (const auto& [tenant, held] : desk.all_held()) {
        const auto done = world_.run(desk.approve(tenant, held.digest, {}));
        if (done) {
            ++out_.measured.holds_approved;
        } else if (done.error().code != errc::held && done.error().code != errc::busy) {
            violation(tenant + ": a hold can not be approved: " + done.error().detail);
        }
        note("approved", tenant);
    }
    for (auto& each : accounts_) {
        if (each.live || !each.truth) continue;
        const auto shown = world_.run(desk.plan_go_live(each.name));
        each.live = shown && world_.run(desk.go_live(each.name, shown->digest)).has_value();
    }
}

// ---- planted bugs -------------------------------------------------------------------------------

void simulation::plant_the_bug() {
    bug_planted_ = true;
    auto& first = accounts_.front();
    switch (options_.bug) {
        case plant::change_dropped: {
            sim::fault stale;
            stale.kind = sim::fault_kind::stale;
            stale.tenant = first.name;
            ROLLCALL_CHECK(peoplehr_.add_fault(stale));
            for (int i = 0; i < 5; ++i) change(first, happening::detail);
            break;
        }
        case plant::index_stale: {
            const auto& users = *fleet().users(first.name);
            bool done = false;
            users.for_each([&](directory::user_ref each) {
                const auto email = users.text(each, directory::field::email);
                if (done || email.empty()) return;
                // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): that is the bug
                const_cast<char&>(email.front()) = email.front() == 'q' ? 'x' : 'q';
                done = true;
            });
            break;
        }
        case plant::commit_lost:
            program_->storage.set_faults({.bug = sim::store_faults::planted::lies});
            break;
        case plant::tenant_forgotten: {
            sync::tenant_change quiet;
            quiet.settings = fleet().tenant(first.name)->settings;
            quiet.settings->schedule = sync::schedule::off;
            quiet.verify = false;
            ROLLCALL_CHECK(world_.run(fleet().change_tenant(first.name, std::move(quiet))));
            break;
        }
        case plant::not_repeatable:
            world_.trace(std::to_string(system_time{}.mono_now().time_since_epoch().count()));
            break;
        default: break; // planted elsewhere
    }
}

void simulation::leak_a_task() {
    asio::co_spawn(
        world_.home().get_executor(),
        [](shard& home) -> task<> { co_await home.sleep_for(hours{24'000}); }(world_.home()),
        asio::detached);
}

// ---- who is told --------------------------------------------------------------------------------

task<result<void>> simulation::mailbox::deliver(std::span<const sync::notice> notices) {
    for (const auto& each : notices) {
        if (each.number <= last_) continue;
        last_ = each.number;
        if (each.kind != sync::notice_kind::invitation) continue;
        invite(each);
        if (of_.bug_planted_ && of_.options_.bug == plant::invitation_twice) invite(each);
    }
    co_return result<void>{};
}

// LA-26: at most one automatic invitation for each person, whatever happened.
void simulation::mailbox::invite(const sync::notice& who) {
    of_.note("invitation", who.tenant_name, who.external_id);
    if (!invited.insert({who.tenant, who.uid}).second) {
        of_.violation(who.tenant_name + "/" + who.external_id + " was invited twice");
    }
}

} // namespace rollcall::fleet_sim
