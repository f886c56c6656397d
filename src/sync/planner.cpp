#include "rollcall/sync/planner.hpp"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "identity.hpp"
#include "rollcall/core/check.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_data;
using directory::user_ref;
using directory::user_state;
using verdict = identity::verdict;

namespace {

bool is_required(field f) noexcept {
    return f == field::external_id || f == field::email || f == field::first_name ||
           f == field::last_name;
}

// The rule by which a field moves, for the record (G-10).
const char* rule_of(field f, const tenant_settings& s, step_kind kind) noexcept {
    const bool learnamp = s.profile == profile::learnamp;
    if (kind == step_kind::create) return learnamp ? "LA-9" : "WT-2";
    switch (f) {
        case field::external_id: return learnamp ? "LA-11" : "WT-4";
        case field::email: return learnamp ? "LA-13" : "WT-4";
        case field::department: return learnamp ? "LA-28" : "WT-2";
        case field::manager_id: return learnamp ? "LA-36" : "WT-2";
        default: return learnamp ? "LA-3" : "WT-2";
    }
}

int weight(step_kind kind) noexcept {
    switch (kind) {
        case step_kind::create: return 9;
        case step_kind::deactivate: return 8;
        case step_kind::reactivate: return 7;
        case step_kind::relink: return 6;
        case step_kind::unmanage: return 5;
        case step_kind::manage: return 4;
        case step_kind::update: return 3;
        case step_kind::note_missing: return 2;
        case step_kind::note_found: return 1;
    }
    return 0;
}

const char* text_of(user_state s) noexcept {
    return s == user_state::active ? "active" : "inactive";
}

// Builds one user's step: every change goes through here, so that none is without its pre-image.
class step_builder {
  public:
    explicit step_builder(user_data start) { out_.after = std::move(start); }

    void text(field f, std::string_view value, step_kind kind, const char* rule) {
        auto& slot = out_.after.text[static_cast<std::size_t>(f)];
        if (slot == value) return;
        add(kind, name_of(f), slot, std::string(value), rule);
        slot = value;
    }
    void day(field f, date& slot, date value, step_kind kind, const char* rule) {
        if (slot == value) return;
        add(kind, name_of(f), to_string(slot), to_string(value), rule);
        slot = value;
    }
    void state(user_state to, step_kind kind, const char* rule) {
        auto& slot = out_.after.meta.state;
        if (slot == to) return;
        add(kind, "state", text_of(slot), text_of(to), rule);
        slot = to;
        out_.after.meta.deactivated_by_us = to == user_state::inactive;
    }
    void managed(bool to, const char* rule) {
        auto& slot = out_.after.meta.managed;
        if (slot == to) return;
        add(to ? step_kind::manage : step_kind::unmanage, "managed", slot ? "yes" : "no",
            to ? "yes" : "no", rule);
        slot = to;
    }
    void missing(std::uint8_t to, const char* rule) {
        auto& slot = out_.after.meta.missing;
        if (slot == to) return;
        add(to == 0 ? step_kind::note_found : step_kind::note_missing, "missing",
            std::to_string(slot), std::to_string(to), rule);
        slot = to;
    }
    void add(step_kind kind, std::string_view name, std::string old_value, std::string new_value,
             const char* rule) {
        if (out_.changes.empty() || weight(kind) > weight(out_.kind)) out_.kind = kind;
        out_.changes.push_back({out_.after.meta.uid,
                                kind,
                                {},
                                std::string(name),
                                std::move(old_value),
                                std::move(new_value),
                                rule});
    }
    [[nodiscard]] user_data& after() noexcept { return out_.after; }
    [[nodiscard]] bool any() const noexcept { return !out_.changes.empty(); }
    [[nodiscard]] step take() && {
        for (auto& each : out_.changes) each.external_id = out_.after.get(field::external_id);
        return std::move(out_);
    }

  private:
    step out_;
};

} // namespace

bool plan::changes_anything() const noexcept {
    return std::any_of(steps.begin(), steps.end(),
                       [](const step& s) { return !s.changes.empty(); });
}

std::string inconsistency(const directory::tenant_directory& users, const plan& made) {
    absl::flat_hash_set<std::uint32_t> moving;
    for (const auto& each : made.steps) moving.insert(each.after.meta.uid);
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> emails;
    const auto taken = [&](user_ref holder) {
        return holder != user_ref::none && !moving.contains(users.meta(holder).uid);
    };
    std::string scratch;
    for (const auto& each : made.steps) {
        const auto& id = each.after.get(field::external_id);
        if (!id.empty() && (taken(users.find_by_id(id)) || !ids.insert(id).second)) {
            return "two users would have the PeopleHR id '" + id + "'";
        }
        const std::string email(fold(each.after.get(field::email), scratch));
        if (!email.empty() && (taken(users.find_by_email(email)) || !emails.insert(email).second)) {
            return "two users would have the e-mail of '" + id + "'";
        }
    }
    return {};
}

struct planner::impl {
    impl(const directory::tenant_directory& u, const snapshot& f, const tenant_settings& s,
         std::uint32_t next_uid)
        : users(u), from(f), settings(s), generation(u.generation()) {
        out.next_uid = next_uid;
    }

    void begin();
    void plan_row(std::uint32_t row);
    void plan_create(const changed_row& person);
    void plan_known(const changed_row& person, const identity& who);
    void set_fields(step_builder& build, const changed_row& person, bool keep_email,
                    step_kind kind);
    void set_state(step_builder& build, const changed_row& person);
    void look_at_absence(user_ref which);
    void unlink_left_behind();
    void finish();
    void keep(step_builder&& build, std::uint64_t fingerprint_before);

    const directory::tenant_directory& users;
    const snapshot& from;
    const tenant_settings& settings;
    const std::uint64_t generation;
    plan out;
    enum class phase { begin, rows, absent, finish, done } at = phase::begin;
    std::vector<std::uint32_t> order;
    std::vector<identity> identities;
    std::size_t next_row = 0;
    user_ref walked = user_ref::none;
    absl::flat_hash_set<user_ref> touched;
};

planner::planner(const directory::tenant_directory& users, const snapshot& from,
                 const tenant_settings& settings, std::uint32_t next_uid)
    : impl_(std::make_unique<impl>(users, from, settings, next_uid)) {}
planner::~planner() = default;

plan planner::take() {
    ROLLCALL_CHECK(impl_->at == impl::phase::done);
    return std::move(impl_->out);
}

bool planner::advance(std::size_t people) {
    auto& p = *impl_;
    ROLLCALL_CHECK(p.users.generation() == p.generation);
    using phase = impl::phase;
    if (p.at == phase::begin) {
        p.begin();
        p.at = phase::rows;
        return false;
    }
    if (p.at == phase::rows) {
        for (; people != 0 && p.next_row < p.order.size(); --people)
            p.plan_row(p.order[p.next_row++]);
        if (p.next_row < p.order.size()) return false;
        p.unlink_left_behind();
        p.at = p.from.complete ? phase::absent : phase::finish;
    }
    if (p.at == phase::absent) {
        if (people == 0) return false;
        // Looking at somebody who is here is a fraction of the work of planning a change.
        for (std::size_t left = people * 8; left != 0; --left) {
            p.walked = p.users.next(p.walked);
            if (p.walked == user_ref::none) break;
            p.look_at_absence(p.walked);
        }
        if (p.walked != user_ref::none) return false;
        p.at = phase::finish;
    }
    if (p.at == phase::finish) {
        p.finish();
        p.at = phase::done;
    }
    return true;
}

void planner::impl::begin() {
    order.resize(from.changed.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        const auto left = from.changed[a].values.get(field::external_id);
        const auto right = from.changed[b].values.get(field::external_id);
        return left != right ? left < right : a < b;
    });
    // What is wrong inside one of two rows with one id depends on which came first: the id is the
    // issue.
    std::copy_if(from.issues.begin(), from.issues.end(), std::back_inserter(out.issues),
                 [this](const issue& each) {
                     return !std::binary_search(from.duplicate_ids.begin(),
                                                from.duplicate_ids.end(),
                                                std::string_view(each.external_id));
                 });
    for (const auto id : from.duplicate_ids) {
        out.issues.push_back({issue_kind::duplicate_id, std::string(id), {}, "external_id", "G-4"});
    }
    identities = identity_resolver(users, from, settings).resolve(order, out.issues);
    // A row may be about a user, and the same user be found absent, in either order.
    for (const auto& who : identities) {
        if (who.user != user_ref::none) touched.insert(who.user);
    }
    out.counts.rows = from.stats.rows;
    out.counts.in_scope = from.stats.in_scope;
    out.counts.unchanged = from.unchanged;
    out.counts.rejected = static_cast<std::uint32_t>(from.duplicate_ids.size());
}

void planner::impl::plan_row(std::uint32_t row) {
    const auto& person = from.changed[row];
    const auto& who = identities[row];
    switch (who.what) {
        case verdict::skip:
            if (std::binary_search(from.duplicate_ids.begin(), from.duplicate_ids.end(),
                                   person.values.get(field::external_id))) {
                return; // counted already
            }
            if (person.left &&
                users.find_by_id(person.values.get(field::external_id)) == user_ref::none) {
                ++out.counts.left_before_first_seen;
            } else {
                ++out.counts.rejected;
            }
            return;
        case verdict::create: return plan_create(person);
        case verdict::update:
        case verdict::relink: return plan_known(person, who);
    }
}

void planner::impl::plan_create(const changed_row& person) {
    user_data fresh;
    fresh.meta.uid = out.next_uid++;
    fresh.meta.created_by_us = true;
    step_builder build(std::move(fresh));
    const char* rule = settings.profile == profile::learnamp ? "LA-9" : "WT-6";
    build.add(step_kind::create, "state", "", "active", rule);
    set_fields(build, person, false, step_kind::create);
    build.after().meta.fingerprint = person.fingerprint;
    ++out.counts.created;
    out.steps.push_back(std::move(build).take());
}

void planner::impl::set_fields(step_builder& build, const changed_row& person, bool keep_email,
                               step_kind kind) {
    auto& after = build.after();
    const auto own = [&](field f) { return after.meta.ownership[static_cast<std::size_t>(f)]; };
    const auto claim = [&](field f, bool blank) {
        after.meta.ownership[static_cast<std::size_t>(f)] = blank ? owner::never_set : owner::ours;
    };
    for (std::size_t i = 0; i < directory::text_field_count; ++i) {
        const auto f = static_cast<field>(i);
        if (person.keeps(f) || (f == field::email && keep_email)) continue;
        const auto value = person.values.get(f);
        // LA-18: never blank a required field. LA-19: what an admin set survives a blank.
        if (value.empty() && (is_required(f) || own(f) != owner::ours)) continue;
        const auto as =
            f == field::external_id && kind != step_kind::create ? step_kind::relink : kind;
        build.text(f, value, as, rule_of(f, settings, kind));
        claim(f, value.empty());
    }
    const auto set_day = [&](field f, date& slot, date value) {
        if (person.keeps(f) || (!value.is_set() && own(f) != owner::ours)) return;
        build.day(f, slot, value, kind, rule_of(f, settings, kind));
        claim(f, !value.is_set());
    };
    set_day(field::start_date, after.start_date, person.values.start_date);
    set_day(field::leaving_date, after.leaving_date, person.values.leaving_date);
}

void planner::impl::plan_known(const changed_row& person, const identity& who) {
    const auto meta = users.meta(who.user);
    step_builder build(directory::own(users.values(who.user), meta));
    build.missing(0, "G-3");
    if (!person.in_scope) {
        // LA-7: stop managing, and keep the person as they are, unless the tenant says otherwise.
        build.managed(false, "LA-7");
        if (settings.out_of_scope == out_of_scope::deactivate || person.left) {
            build.state(user_state::inactive, step_kind::deactivate,
                        person.left ? "LA-43" : "LA-7");
        }
    } else {
        build.managed(true, "LA-7");
        set_fields(build, person, who.keep_email, step_kind::update);
        set_state(build, person);
    }
    // A user with an open conflict is looked at anew by each sweep (LA-10).
    if (!who.keep_email) build.after().meta.fingerprint = person.fingerprint;
    keep(std::move(build), meta.fingerprint);
}

void planner::impl::set_state(step_builder& build, const changed_row& person) {
    const bool learnamp = settings.profile == profile::learnamp;
    const auto& meta = build.after().meta;
    if (!person.state_known) return;
    if (person.left) {
        build.state(user_state::inactive, step_kind::deactivate, learnamp ? "LA-43" : "WT-8");
    } else if (meta.state == user_state::inactive) {
        if (meta.deactivated_by_us || settings.reactivation == reactivation::hr_wins) {
            build.state(user_state::active, step_kind::reactivate, learnamp ? "LA-17" : "WT-9");
        } else {
            // LA-16: an admin's deactivation stands.
            out.issues.push_back({issue_kind::manual_deactivation,
                                  std::string(person.values.get(field::external_id)),
                                  {},
                                  "state",
                                  "LA-16"});
        }
    }
}

void planner::impl::keep(step_builder&& build, std::uint64_t fingerprint_before) {
    const bool refreshed = build.after().meta.fingerprint != fingerprint_before;
    if (!build.any()) {
        ++out.counts.unchanged;
        if (refreshed) out.steps.push_back(std::move(build).take());
        return;
    }
    auto made = std::move(build).take();
    const auto has = [&made](step_kind kind) {
        return std::any_of(made.changes.begin(), made.changes.end(),
                           [kind](const change& c) { return c.kind == kind; });
    };
    out.counts.relinked += has(step_kind::relink) ? 1u : 0u;
    out.counts.deactivated += has(step_kind::deactivate) ? 1u : 0u;
    out.counts.reactivated += has(step_kind::reactivate) ? 1u : 0u;
    out.counts.unmanaged += has(step_kind::unmanage) ? 1u : 0u;
    out.counts.updated += has(step_kind::update) ? 1u : 0u;
    out.steps.push_back(std::move(made));
}

// WT-4, literal mode: the address of an id moved to another user. The one left behind keeps its
// history and loses the id, which makes it a missing person.
void planner::impl::unlink_left_behind() {
    if (settings.link_key != link_key::email) return;
    for (const auto row : order) {
        const auto& who = identities[row];
        if (who.what != verdict::create && who.what != verdict::relink) continue;
        const auto behind = users.find_by_id(from.changed[row].values.get(field::external_id));
        if (behind == user_ref::none || !touched.insert(behind).second) continue;
        const auto meta = users.meta(behind);
        step_builder build(directory::own(users.values(behind), meta));
        build.text(field::external_id, {}, step_kind::relink, "WT-4");
        build.after().meta.fingerprint = 0;
        keep(std::move(build), meta.fingerprint);
    }
}

void planner::impl::look_at_absence(user_ref which) {
    const auto meta = users.meta(which);
    if (users.epoch(which) == from.epoch) {
        if (meta.missing == 0 || touched.contains(which)) return;
        step_builder build(directory::own(users.values(which), meta));
        build.missing(0, "G-3");
        return keep(std::move(build), meta.fingerprint);
    }
    // G-3 concerns people whom we manage and who are still with us.
    const auto id = users.text(which, field::external_id);
    if (touched.contains(which) || !meta.managed || meta.state == user_state::inactive ||
        id.empty())
        return;
    ++out.counts.missing;
    const auto seen =
        static_cast<std::uint8_t>(std::min<int>(meta.missing + 1, settings.missing_after));
    step_builder build(directory::own(users.values(which), meta));
    build.missing(seen, "G-3");
    if (seen >= settings.missing_after) {
        out.issues.push_back({issue_kind::missing_person, std::string(id), {}, "", "G-3"});
        if (settings.missing_policy == missing_policy::deactivate) {
            build.state(user_state::inactive, step_kind::deactivate, "LA-44");
        }
    }
    if (build.any()) keep(std::move(build), meta.fingerprint);
}

void planner::impl::finish() {
    std::sort(out.issues.begin(), out.issues.end());
    out.issues.erase(std::unique(out.issues.begin(), out.issues.end()), out.issues.end());
    std::sort(out.steps.begin(), out.steps.end(), [](const step& a, const step& b) {
        const auto& left = a.after.get(field::external_id);
        const auto& right = b.after.get(field::external_id);
        return left != right ? left < right : a.after.meta.uid < b.after.meta.uid;
    });
    if (settings.bad_email == bad_email::stop) {
        const bool bad = std::any_of(out.issues.begin(), out.issues.end(), [](const issue& i) {
            return i.kind == issue_kind::invalid_email || i.kind == issue_kind::shared_email ||
                   (i.kind == issue_kind::required_blank && i.field == "email");
        });
        if (bad) {
            out.stopped = true;
            out.steps.clear();
        }
    }
}

} // namespace rollcall::sync
