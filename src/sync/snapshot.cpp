#include "rollcall/sync/snapshot.hpp"

#include <algorithm>
#include <cstring>

#include "stored_rows.hpp"

namespace rollcall::sync {

using directory::field;
using directory::user_ref;

std::string_view text_arena::keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > left_) {
        const auto size = std::max(block_bytes, text.size());
        next_ = blocks_.emplace_back(std::make_unique_for_overwrite<char[]>(size)).get();
        left_ = size;
    }
    std::memcpy(next_, text.data(), text.size());
    const std::string_view kept(next_, text.size());
    next_ += text.size();
    left_ -= text.size();
    return kept;
}

namespace {

// The rule by which something about one field of a row is reported.
const char* rule_of(issue_kind kind, bool learnamp) noexcept {
    switch (kind) {
        case issue_kind::required_blank:
        case issue_kind::invalid_email: return "LA-18";
        case issue_kind::blank_department: return "LA-34";
        case issue_kind::leaver_without_date:
        case issue_kind::unknown_status: return learnamp ? "LA-43" : "WT-8";
        default: return "G-1";
    }
}

} // namespace

snapshot_builder::snapshot_builder(directory::tenant_directory& users,
                                   const tenant_settings& settings, date today, std::uint32_t epoch,
                                   bool complete, std::size_t text_bytes_max)
    : users_(users),
      mapper_(settings, today, text_bytes_max),
      learnamp_(settings.profile == profile::learnamp),
      packer_(extra_names_of(settings)),
      out_(std::make_unique<snapshot>()),
      department_seen_(users.dictionary_size()),
      location_seen_(users.dictionary_size()) {
    out_->epoch = epoch;
    out_->complete = complete;
    // About what the users' texts are, with a length before each value.
    if (complete) packer_.reserve(users.mapped_text_bytes() + users.size() * 64);
}

void snapshot_builder::on_row(const source_row& row) {
    const auto& person = mapper_.map(row);
    const auto id = person.values.get(field::external_id);
    if (!expected_.empty() && id != expected_) {
        out_->foreign_row = true;
        return;
    }
    pack(row, person);
    const auto known = users_.find_by_id(id);
    // A Company that can not be read moves nobody: known people stay where they are.
    const bool in_scope = person.scope_known
                              ? person.in_scope
                              : known != user_ref::none && users_.meta(known).managed;
    bool unchanged = false;
    if (known != user_ref::none) {
        if (users_.epoch(known) == out_->epoch) return duplicate(id);
        users_.mark(known, out_->epoch);
        // Besides the fingerprint the state must agree: a manual deactivation is looked at each
        // time.
        unchanged = users_.fingerprint(known) == person.fingerprint &&
                    (!person.state_known || users_.is_active(known) != person.left || !in_scope);
    } else if (new_ids_.contains(id)) {
        return duplicate(id);
    } else {
        new_ids_.insert(out_->texts.keep(id));
    }
    count(person, known, unchanged, in_scope);
    if (person.issue_count != 0) add_issues(person, known);
    if (!in_scope && known != user_ref::none && !person.left) {
        out_->issues.push_back({issue_kind::out_of_scope, std::string(id), {}, "company", "LA-7"});
    }
    if (unchanged) {
        ++out_->unchanged;
    } else if (known != user_ref::none || in_scope) {
        collect(person, in_scope);
    }
}

// The picture itself is not kept, neither here nor anywhere.
void snapshot_builder::pack(const source_row& row, const mapped_person& person) {
    const auto avatar = person.values.get(field::avatar);
    image_.clear();
    if (!avatar.empty()) image_.append(image_hash_prefix).append(avatar);
    packer_.add(row, image_);
}

void snapshot_builder::duplicate(std::string_view id) {
    if (!duplicates_.contains(id)) duplicates_.insert(out_->texts.keep(id));
    ++out_->stats.rows;
}

void snapshot_builder::count(const mapped_person& person, user_ref known, bool unchanged,
                             bool in_scope) {
    auto& stats = out_->stats;
    ++stats.rows;
    // Leaving dates are mostly those of people who have left.
    stats.blanks[static_cast<std::size_t>(field::leaving_date)] +=
        !person.values.leaving_date.is_set() ? 1u : 0u;
    if (person.left) return;
    ++stats.people;
    // The Company decides who is in scope, so its blanks are counted among all people.
    constexpr auto company = static_cast<std::size_t>(field::company);
    stats.blanks[company] += person.values.text[company].empty() ? 1u : 0u;
    if (!in_scope) return;
    ++stats.in_scope;
    for (std::size_t i = 0; i < directory::text_field_count; ++i) {
        if (i != company) stats.blanks[i] += person.values.text[i].empty() ? 1u : 0u;
    }
    stats.blanks[static_cast<std::size_t>(field::start_date)] +=
        !person.values.start_date.is_set() ? 1u : 0u;
    if (unchanged) {
        const auto department = users_.department_number(known);
        if (!department_seen_[department]) {
            department_seen_[department] = true;
            see(departments_, users_.text(known, field::department));
        }
        const auto location = users_.location_number(known);
        if (!location_seen_[location]) {
            location_seen_[location] = true;
            see(locations_, users_.text(known, field::location));
        }
    } else {
        see(departments_, person.values.get(field::department));
        see(locations_, person.values.get(field::location));
    }
}

void snapshot_builder::see(absl::flat_hash_set<std::string_view>& distinct, std::string_view text) {
    if (!text.empty() && !distinct.contains(text)) distinct.insert(out_->texts.keep(text));
}

void snapshot_builder::collect(const mapped_person& person, bool in_scope) {
    auto& row = out_->changed.emplace_back();
    row.values = person.values;
    for (auto& text : row.values.text) text = out_->texts.keep(text);
    row.folded_email = out_->texts.keep(person.folded_email);
    row.fingerprint = person.fingerprint;
    row.keep = person.keep;
    row.left = person.left;
    row.in_scope = in_scope;
    row.scope_known = person.scope_known;
    row.state_known = person.state_known;
    row.rejected = person.rejected;
}

void snapshot_builder::add_issues(const mapped_person& person, user_ref known) {
    // Those whom the tenant does not want, and leavers never seen (LA-8), are nobody's problem.
    if (known == user_ref::none && (!person.in_scope || person.left)) return;
    for (std::uint8_t i = 0; i < person.issue_count; ++i) {
        const auto& each = person.issues[i];
        // LA-34: only who has a team has one that is left as it is.
        if (each.kind == issue_kind::blank_department &&
            (known == user_ref::none || users_.text(known, field::department).empty())) {
            continue;
        }
        out_->issues.push_back({each.kind,
                                std::string(person.values.get(field::external_id)),
                                {},
                                std::string(name_of(each.field)),
                                rule_of(each.kind, learnamp_)});
    }
}

std::unique_ptr<snapshot> snapshot_builder::finish() {
    out_->stats.departments = static_cast<std::uint32_t>(departments_.size());
    out_->stats.locations = static_cast<std::uint32_t>(locations_.size());
    out_->company_matched = mapper_.company_matched() || out_->stats.rows == 0;
    out_->company_near_miss = mapper_.company_near_miss();
    out_->duplicate_ids.assign(duplicates_.begin(), duplicates_.end());
    std::sort(out_->duplicate_ids.begin(), out_->duplicate_ids.end());
    out_->packed_digest = packer_.digest();
    out_->packed = std::move(packer_).take();
    return std::move(out_);
}

} // namespace rollcall::sync
