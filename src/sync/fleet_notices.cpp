// Notices: what the steps tell people outside, and the loop that hands them to the sink (G-11).
#include <algorithm>

#include "fleet_impl.hpp"

namespace rollcall::sync {
namespace {

constexpr std::size_t notices_at_once = 256;

// An update is worth a mail to somebody who knows of the account, and only then (LA-25, LA-27).
bool hears_of_updates(const books& of, const directory::user_data& user) {
    if (user.meta.state != directory::user_state::active) return false;
    const auto* entry = of.invitations.find(user.meta.uid);
    if (entry == nullptr) return !user.meta.created_by_us;
    return entry->state == invitation_state::sent || entry->state == invitation_state::confirmed;
}

bool is_update(step_kind kind) noexcept {
    return kind == step_kind::update || kind == step_kind::blank || kind == step_kind::move ||
           kind == step_kind::change_email;
}

} // namespace

void fleet::impl::add_notices(const live_tenant& t, const outcome_of_steps& what,
                              const run_record& record, std::vector<notice>& into) {
    absl::flat_hash_map<std::uint32_t, const directory::user_data*> after;
    for (const auto& each : what.users) after.emplace(each.meta.uid, &each);
    std::map<std::uint32_t, std::string> updated; // uid -> fields
    const bool by_hand = record.cause == run_cause::manual || record.cause == run_cause::undo;
    const auto add = [&](notice_kind kind, const directory::user_data& user, std::string fields) {
        notice n;
        n.number = ++last_notice;
        n.tenant = t.record.key;
        n.kind = kind;
        n.uid = user.meta.uid;
        n.run = record.id;
        n.at = record.finished;
        n.tenant_name = t.record.name;
        n.external_id = user.get(directory::field::external_id);
        n.email = user.get(directory::field::email);
        n.name =
            user.get(directory::field::first_name) + " " + user.get(directory::field::last_name);
        n.fields = std::move(fields);
        into.push_back(std::move(n));
    };
    for (const auto& each : what.done) {
        if (each.kind == step_kind::send_invitation) {
            if (const auto user = after.find(each.subject); user != after.end()) {
                add(notice_kind::invitation, *user->second, {});
                continue;
            }
            // Nothing else of the user changed.
            const auto ref = t.books.users.find_by_uid(each.subject);
            if (ref == directory::user_ref::none) continue;
            add(notice_kind::invitation,
                directory::own(t.books.users.values(ref), t.books.users.meta(ref)), {});
        } else if (is_update(each.kind) && !t.settings.silent_updates && !by_hand) {
            auto& fields = updated[each.subject];
            for (const auto& c : each.changes) {
                if (!fields.empty()) fields += ',';
                fields += name_of(c.what);
            }
        }
    }
    for (auto& [uid, fields] : updated) {
        const auto user = after.find(uid);
        if (user == after.end() || !hears_of_updates(t.books, *user->second)) continue;
        add(notice_kind::update, *user->second, std::move(fields));
    }
}

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
    std::map<std::pair<std::string_view, notice_kind>, std::int64_t> sent;
    for (const auto& each : waiting) ++sent[{each.tenant_name, each.kind}];
    for (const auto& [what, count] : sent) {
        publish(event_kind::notice_sent, what.first,
                {{"notice", std::string(name_of(what.second))}, {"count", count}});
    }
    co_return true;
}

} // namespace rollcall::sync
