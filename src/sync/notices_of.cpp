// What the steps tell people outside.
#include <absl/container/flat_hash_map.h>

#include <map>
#include <utility>

#include "edits.hpp"
#include "enactment.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_data;

namespace {

// An update is worth a mail to somebody who knows of the account, and only then (LA-25, LA-27).
bool hears_of_updates(const books& of, const user_data& user) {
    if (user.meta.state != directory::user_state::active) return false;
    const auto* entry = of.invitations.find(user.meta.uid);
    if (entry == nullptr) return !user.meta.created_by_us;
    return entry->state == invitation_state::sent || entry->state == invitation_state::confirmed;
}

bool is_update(step_kind kind) noexcept {
    return kind == step_kind::update || kind == step_kind::blank || kind == step_kind::move ||
           kind == step_kind::change_email;
}

notice notice_of(notice_kind kind, const user_data& user, const run_record& record) {
    notice out;
    out.kind = kind;
    out.uid = user.meta.uid;
    out.run = record.id;
    out.at = record.finished;
    out.external_id = user.get(field::external_id);
    out.email = user.get(field::email);
    out.name = full_name_of(user);
    return out;
}

} // namespace

std::vector<notice> notices_of(const books& of, const tenant_settings& settings,
                               const outcome_of_steps& what, const run_record& record) {
    std::vector<notice> out;
    absl::flat_hash_map<std::uint32_t, const user_data*> after;
    for (const auto& each : what.users) after.emplace(each.meta.uid, &each);
    std::map<std::uint32_t, std::string> updated; // uid -> fields
    const bool by_hand = record.cause == run_cause::manual || record.cause == run_cause::undo;
    for (const auto& each : what.done) {
        if (each.kind == step_kind::send_invitation) {
            const auto user = after.find(each.subject);
            const auto before = of.users.find_by_uid(each.subject);
            if (user != after.end()) {
                out.push_back(notice_of(notice_kind::invitation, *user->second, record));
            } else if (before != directory::user_ref::none) {
                // Nothing else of the user changed.
                out.push_back(notice_of(notice_kind::invitation, copy_of(of, before), record));
            }
        } else if (is_update(each.kind) && !settings.silent_updates && !by_hand) {
            auto& fields = updated[each.subject];
            for (const auto& c : each.changes) {
                if (!fields.empty()) fields += ',';
                fields += name_of(c.what);
            }
        }
    }
    for (auto& [uid, fields] : updated) {
        const auto user = after.find(uid);
        if (user == after.end() || !hears_of_updates(of, *user->second)) continue;
        out.push_back(notice_of(notice_kind::update, *user->second, record));
        out.back().fields = std::move(fields);
    }
    return out;
}

} // namespace rollcall::sync
