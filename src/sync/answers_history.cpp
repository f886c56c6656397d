// The user as it was: what the audit recorded, taken back change by change.
#include "rollcall/sync/answers.hpp"
#include "step_text.hpp"

namespace rollcall::sync {

directory::user_data before_changes(directory::user_data now, std::span<const audit_entry> later) {
    for (const auto& entry : later) {
        const auto& done = entry.step;
        if (!entry.readable || subject_of(done.kind) != subject_kind::user ||
            done.subject != now.meta.uid) {
            continue;
        }
        for (auto each = done.changes.rbegin(); each != done.changes.rend(); ++each) {
            // The texts come from a database: one that is no value changes nothing.
            if (holder_of(each->what) != holder::user || !is_value(each->what, each->old_value)) {
                continue;
            }
            write(now, each->what, each->old_value, each->old_owner);
        }
        if (done.kind == step_kind::create) now.meta.created_by_us = false;
    }
    // A fingerprint is of what was last applied, which this is not.
    now.meta.fingerprint = 0;
    return now;
}

} // namespace rollcall::sync
