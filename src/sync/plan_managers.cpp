#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "draft.hpp"
#include "manager_graph.hpp"
#include "rollcall/core/hash.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_brief;
using directory::user_ref;
using directory::user_state;

namespace {

using person = draft::person;

// A user as the plan leaves them, borrowed from the draft or from the directory.
struct user_view {
    user_ref ref = user_ref::none;
    person* drafted = nullptr; // null: not touched by the plan so far
    std::uint32_t uid = 0;
    bool active = false;
    std::string_view external_id;
};

// Somebody whose manager is to be decided.
struct report_line {
    user_view who;
    std::uint32_t manager = 0;
    owner whose = owner::never_set;
    std::string_view wanted_id, wanted_name;
};

enum class finding : std::uint8_t { found, blank, unknown, ambiguous };
struct resolved {
    finding what = finding::blank;
    user_view manager;
};

class manager_pass final : public pass {
  public:
    explicit manager_pass(draft& d)
        : d_(d),
          users_(d.of.users),
          complete_(d.from != nullptr && d.from->complete),
          learnamp_(d.settings.profile == profile::learnamp) {
        if (complete_) marks_.resize(d.of.next_uid);
        drafted_by_uid_.reserve(d.people().size());
        drafted_by_id_.reserve(d.people().size());
    }

    [[nodiscard]] bool advance(std::size_t people) override;

  private:
    enum class stage : std::uint8_t { mark, drafted, walk, decide, cycles, apply };
    [[nodiscard]] bool go_on(std::size_t people);

    struct decision {
        std::size_t line = 0;
        std::uint32_t manager = 0; // 0: none
        const char* rule = "";
    };

    void mark(std::uint32_t uid, bool active, std::string_view id);
    void take_in(person& who);
    void look_at(user_ref which, const user_brief& brief);
    [[nodiscard]] bool needs_a_look(user_ref which, const user_brief& brief) const;
    [[nodiscard]] static user_view view_of(person& who);
    [[nodiscard]] user_view view_of(user_ref which) const;
    [[nodiscard]] user_view view_of(user_ref which, const user_brief& brief) const;
    [[nodiscard]] std::optional<user_view> find(std::uint32_t uid) const;
    [[nodiscard]] bool is_drafted(std::uint32_t uid) const {
        return !drafted_by_uid_.empty() && drafted_by_uid_.contains(uid);
    }

    [[nodiscard]] resolved resolve(const report_line& line);
    [[nodiscard]] resolved resolve_name(const report_line& line);
    void index_names();
    [[nodiscard]] std::string name_of(const user_view& who) const;

    void look_ahead(std::size_t line) const noexcept;
    void decide(std::size_t line);
    void decide_found(std::size_t line, const user_view& manager);
    void clear(std::size_t line, const char* rule);
    [[nodiscard]] const char* rule_of_setting(const report_line& line) const noexcept;
    void leave_out_cycles();
    void apply(const decision& what);
    void report(const report_line& line, issue_kind kind, std::string_view other, const char* rule);

    draft& d_;
    const directory::tenant_directory& users_;
    const bool complete_;
    const bool learnamp_;
    stage at_ = stage::mark;
    sliced_loop loop_;
    absl::flat_hash_map<std::uint32_t, person*> drafted_by_uid_;
    absl::flat_hash_map<absl::string_view, person*> drafted_by_id_;
    // By uid: a hash of the PeopleHR id of an active user, 0 for all others. Comparing with it
    // keeps a walk over everybody from jumping to the record of each one's manager.
    std::vector<std::uint64_t> marks_;
    manager_graph graph_;
    std::vector<report_line> lines_;
    std::vector<decision> decisions_;
    // Active users by folded full name, 0 where there are several. Made when a name is first asked
    // for.
    std::optional<absl::flat_hash_map<std::string, std::uint32_t>> by_name_;
};

absl::string_view as_key(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

// ---- in slices ----

bool manager_pass::advance(std::size_t people) {
    if (!go_on(people)) return false;
    if (at_ == stage::apply) return true;
    at_ = static_cast<stage>(static_cast<std::uint8_t>(at_) + 1);
    return false;
}

// Whom to look at is everybody who was edited or created; of the others those whose manager is not,
// or may no longer be, the one who is wanted. A complete snapshot finds the tenant's issues anew
// and looks at all; otherwise an unresolved manager heals, and one who changed in this plan is
// followed. True once the present stage is done.
bool manager_pass::go_on(std::size_t people) {
    const auto looks = people * sliced_loop::looks_per_person;
    switch (at_) {
        case stage::mark:
            if (!complete_) return true;
            return loop_.over(users_, looks, [this](user_ref which, const user_brief& brief) {
                mark(brief.uid, brief.state == user_state::active,
                     users_.text(which, field::external_id));
            });
        case stage::drafted:
            return loop_.over(d_.people().size(), looks,
                              [this](std::size_t i) { take_in(d_.people()[i]); });
        case stage::walk:
            return loop_.over(users_, looks, [this](user_ref which, const user_brief& brief) {
                look_at(which, brief);
            });
        case stage::decide:
            return loop_.over(lines_.size(), people, [this](std::size_t i) { decide(i); });
        case stage::cycles: leave_out_cycles(); return true;
        case stage::apply:
            return loop_.over(decisions_.size(), people,
                              [this](std::size_t i) { apply(decisions_[i]); });
    }
    return true;
}

// ---- who is who ----

user_view manager_pass::view_of(person& who) {
    const auto& after = who.after;
    return {who.ref, &who, after.meta.uid, after.meta.state == user_state::active,
            after.get(field::external_id)};
}

user_view manager_pass::view_of(user_ref which, const user_brief& brief) const {
    return {which, nullptr, brief.uid, brief.state == user_state::active,
            users_.text(which, field::external_id)};
}

user_view manager_pass::view_of(user_ref which) const {
    return view_of(which, users_.brief(which));
}

std::optional<user_view> manager_pass::find(std::uint32_t uid) const {
    if (const auto at = drafted_by_uid_.find(uid); at != drafted_by_uid_.end()) {
        return view_of(*at->second);
    }
    const auto which = users_.find_by_uid(uid);
    if (which == user_ref::none) return std::nullopt;
    return view_of(which);
}

// ---- whom to look at ----

void manager_pass::mark(std::uint32_t uid, bool active, std::string_view id) {
    if (uid >= marks_.size()) marks_.resize(std::size_t{uid} + 1);
    marks_[uid] = active && !id.empty() ? hash64(id) : 0;
}

void manager_pass::take_in(person& who) {
    if (who.withdrawn) return;
    const auto& meta = who.after.meta;
    const auto& id = who.after.get(field::external_id);
    drafted_by_uid_[meta.uid] = &who;
    if (!id.empty()) drafted_by_id_[as_key(id)] = &who;
    if (complete_) mark(meta.uid, meta.state == user_state::active, id);
    graph_.set(meta.uid, meta.manager);
    if (!meta.managed) return;
    lines_.push_back({view_of(who), meta.manager,
                      meta.ownership[static_cast<std::size_t>(field::manager_id)],
                      who.after.get(field::manager_id), who.after.get(field::manager_name)});
}

void manager_pass::look_at(user_ref which, const user_brief& brief) {
    if (is_drafted(brief.uid)) return;
    if (brief.manager != 0) graph_.set(brief.uid, brief.manager);
    if (!brief.managed || !needs_a_look(which, brief)) return;
    lines_.push_back({view_of(which, brief), brief.manager, brief.manager_owner,
                      users_.text(which, field::manager_id),
                      users_.text(which, field::manager_name)});
}

bool manager_pass::needs_a_look(user_ref which, const user_brief& brief) const {
    const auto id = users_.text(which, field::manager_id);
    if (brief.manager == 0) {
        return brief.manager_owner != owner::manual &&
               !(id.empty() && users_.text(which, field::manager_name).empty());
    }
    if (!complete_) return is_drafted(brief.manager) || drafted_by_id_.contains(as_key(id));
    return id.empty() || brief.manager >= marks_.size() || marks_[brief.manager] != hash64(id);
}

// ---- who is wanted ----

resolved manager_pass::resolve(const report_line& line) {
    if (line.wanted_id.empty()) {
        return line.wanted_name.empty() ? resolved{} : resolve_name(line);
    }
    if (const auto at = drafted_by_id_.find(as_key(line.wanted_id)); at != drafted_by_id_.end()) {
        return {finding::found, view_of(*at->second)};
    }
    const auto which = users_.find_by_id(line.wanted_id);
    // One who is drafted under another id than before is not the one who is wanted.
    if (which == user_ref::none || d_.find(which) != nullptr) return {finding::unknown, {}};
    return {finding::found, view_of(which)};
}

std::string manager_pass::name_of(const user_view& who) const {
    const auto part = [&](field f) -> std::string_view {
        return who.drafted == nullptr ? users_.text(who.ref, f) : who.drafted->after.get(f);
    };
    std::string full(part(field::first_name));
    full += ' ';
    full += part(field::last_name);
    std::string scratch;
    return std::string(fold(full, scratch));
}

// A name that was found stays found while its bearer has it: a namesake who joins later takes
// nobody's reports away.
resolved manager_pass::resolve_name(const report_line& line) {
    std::string scratch;
    const auto wanted = fold(line.wanted_name, scratch);
    if (line.manager != 0) {
        const auto present = find(line.manager);
        if (present && name_of(*present) == wanted) return {finding::found, *present};
    }
    if (!by_name_) index_names();
    const auto at = by_name_->find(as_key(wanted));
    if (at == by_name_->end()) return {finding::unknown, {}};
    if (at->second == 0) return {finding::ambiguous, {}};
    return {finding::found, *find(at->second)};
}

void manager_pass::index_names() {
    auto& names = by_name_.emplace();
    const auto add = [&](const user_view& who) {
        if (!who.active) return;
        const auto [at, fresh] = names.try_emplace(name_of(who), who.uid);
        if (!fresh) at->second = 0;
    };
    for (auto& who : d_.people()) {
        if (!who.withdrawn) add(view_of(who));
    }
    users_.for_each_brief([&](user_ref which, const user_brief& brief) {
        if (!is_drafted(brief.uid)) add(view_of(which, brief));
    });
}

// ---- decisions ----

// Managers are anywhere in the directory: what the memory needs to find one is asked of it while
// others are decided.
void manager_pass::look_ahead(std::size_t line) const noexcept {
    constexpr std::size_t to_record = 8;
    constexpr std::size_t to_index = 16;
    if (line + to_index < lines_.size()) users_.prefetch_index(lines_[line + to_index].wanted_id);
    if (line + to_record < lines_.size()) {
        users_.prefetch_record(lines_[line + to_record].wanted_id);
    }
}

void manager_pass::decide(std::size_t line) {
    look_ahead(line);
    const auto& at = lines_[line];
    if (at.whose == owner::manual) {
        // A person's choice: the source has not named anybody since.
        const auto manager = at.manager == 0 ? std::nullopt : find(at.manager);
        if (manager && !manager->active) {
            report(at, issue_kind::manager_inactive, manager->external_id, "LA-41");
        }
        return;
    }
    const auto wanted = resolve(at);
    switch (wanted.what) {
        case finding::found: return decide_found(line, wanted.manager);
        case finding::blank:
            if (!learnamp_) return clear(line, "WT-11");
            return clear(line, d_.settings.manager_from_reports_to ? "LA-38" : "LA-36");
        case finding::unknown:
            report(at, issue_kind::manager_unknown, at.wanted_id, learnamp_ ? "LA-39" : "WT-11");
            return clear(line, learnamp_ ? "LA-39" : "WT-11");
        case finding::ambiguous:
            report(at, issue_kind::manager_ambiguous, {}, learnamp_ ? "LA-39" : "WT-11");
            return clear(line, learnamp_ ? "LA-39" : "WT-11");
    }
}

void manager_pass::decide_found(std::size_t line, const user_view& manager) {
    const auto& at = lines_[line];
    if (manager.uid == at.who.uid) {
        report(at, issue_kind::manager_self, manager.external_id, "LA-40");
        return clear(line, "LA-40");
    }
    if (!manager.active) report(at, issue_kind::manager_inactive, manager.external_id, "LA-41");
    if (manager.uid == at.manager || !manager.active) return;
    decisions_.push_back({line, manager.uid, rule_of_setting(at)});
}

void manager_pass::clear(std::size_t line, const char* rule) {
    if (lines_[line].manager != 0) decisions_.push_back({line, 0, rule});
}

const char* manager_pass::rule_of_setting(const report_line& line) const noexcept {
    if (!learnamp_) return "WT-11";
    if (line.wanted_id.empty() || line.who.drafted == nullptr) return "LA-39";
    if (line.who.ref == user_ref::none) return "LA-36";
    // Wanted before, found only now: healed.
    return users_.text(line.who.ref, field::manager_id) == line.wanted_id ? "LA-39" : "LA-36";
}

void manager_pass::leave_out_cycles() {
    std::vector<manager_graph::added> added;
    std::vector<std::size_t> from; // in decisions_
    for (std::size_t i = 0; i < decisions_.size(); ++i) {
        const auto& each = decisions_[i];
        const auto& who = lines_[each.line].who;
        graph_.set(who.uid, each.manager);
        if (each.manager == 0) continue;
        added.push_back({who.uid, who.external_id});
        from.push_back(i);
    }
    for (const auto place : graph_.break_cycles(added)) {
        auto& left_out = decisions_[from[place]];
        const auto& line = lines_[left_out.line];
        report(line, issue_kind::manager_cycle, find(left_out.manager)->external_id, "LA-40");
        left_out = {left_out.line, 0, "LA-40"};
    }
}

void manager_pass::apply(const decision& what) {
    const auto& line = lines_[what.line];
    if (what.manager == line.manager) return;
    auto& who = line.who.drafted == nullptr ? d_.edit(line.who.ref) : *line.who.drafted;
    if (what.manager == 0) {
        d_.set(who, step_kind::clear_manager, attribute::manager, {}, line.whose, what.rule);
    } else {
        d_.set(who, step_kind::set_manager, attribute::manager, std::to_string(what.manager),
               owner::ours, what.rule);
    }
}

// What an inactive person's manager would be is nobody's concern.
void manager_pass::report(const report_line& line, issue_kind kind, std::string_view other,
                          const char* rule) {
    if (line.who.active) {
        d_.report(kind, line.who.external_id, other, "manager_id", rule);
    }
}

} // namespace

std::unique_ptr<pass> plan_managers(draft& d) {
    return std::make_unique<manager_pass>(d);
}

} // namespace rollcall::sync
