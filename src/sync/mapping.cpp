#include "rollcall/sync/mapping.hpp"

#include <sodium.h>

#include <cstring>

#include "rollcall/core/hash.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::sync {

using directory::field;

namespace {

constexpr std::uint16_t bit(field f) noexcept {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(f));
}

bool known_status(std::string_view status) noexcept {
    return status.size() == 1 && status[0] >= '1' && status[0] <= '4';
}

bool wrong_type(const source_row& row, source_field f) noexcept {
    return ((row.wrong_type >> static_cast<unsigned>(f)) & 1u) != 0;
}

// The digits of an image that is given by its hash; empty for a real one.
std::string_view hash_in(std::string_view image) noexcept {
    constexpr std::size_t digits = 32;
    if (image.size() != image_hash_prefix.size() + digits) return {};
    if (!image.starts_with(image_hash_prefix)) return {};
    const auto hash = image.substr(image_hash_prefix.size());
    return hash.find_first_not_of("0123456789abcdef") == std::string_view::npos
               ? hash
               : std::string_view();
}

// As short as JSON has it, so that equal values are equal texts.
void append_json_text(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += hex[byte >> 4];
            out += hex[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

} // namespace

bool has_left(std::string_view status, date start, date leaving, date today) noexcept {
    if (status == "3" || status == "4") return true;
    if (!leaving.is_set() || leaving >= today) return false;
    return !start.is_set() || start <= leaving;
}

mapper::mapper(const tenant_settings& settings, date today, std::size_t text_bytes_max)
    : settings_(settings),
      today_(today),
      text_bytes_max_(text_bytes_max),
      settings_fingerprint_(mapping_fingerprint(settings)) {
    std::string scratch;
    folded_filter_ = fold(settings.company, scratch);
}

const mapped_person& mapper::map(const source_row& row) {
    person_.keep = 0;
    person_.rejected = false;
    person_.issue_count = 0;
    map_text(row, source_field::employee_id, field::external_id);
    map_names(row);
    map_email(row);
    map_text(row, source_field::job_role, field::job_title);
    map_text(row, source_field::location, field::location);
    map_department(row);
    map_text(row, source_field::company, field::company);
    map_manager(row);
    map_date(row, source_field::start_date, field::start_date, person_.values.start_date);
    map_date(row, source_field::leaving_date, field::leaving_date, person_.values.leaving_date);
    map_avatar(row);
    map_attributes(row);
    decide_left(row);
    decide_scope();
    seal_fingerprint();
    return person_;
}

void mapper::note(issue_kind kind, field f) {
    if (person_.issue_count < person_.issues.size()) {
        person_.issues[person_.issue_count++] = {kind, f};
    }
}

void mapper::map_text(const source_row& row, source_field from, field to) {
    auto& scratch = scratch_[static_cast<std::size_t>(to)];
    const auto text = normalise(row.get(from), scratch);
    person_.values.set(to, text);
    if (wrong_type(row, from)) {
        person_.keep |= bit(to);
        note(issue_kind::wrong_type, to);
    } else if (text.size() > text_bytes_max_) [[unlikely]] {
        person_.values.set(to, {});
        person_.keep |= bit(to);
        note(issue_kind::too_long, to);
        if (to == field::external_id || to == field::email || to == field::first_name ||
            to == field::last_name) {
            person_.rejected = true;
        }
    }
}

void mapper::map_names(const source_row& row) {
    // LA: Known As replaces the first name where the option is on and it is set; WT-2 never uses
    // it.
    if (settings_.known_as && settings_.profile == profile::learnamp) {
        map_text(row, source_field::known_as, field::first_name);
        if (person_.values.get(field::first_name).empty() && !person_.keeps(field::first_name)) {
            map_text(row, source_field::first_name, field::first_name);
        }
    } else {
        map_text(row, source_field::first_name, field::first_name);
    }
    map_text(row, source_field::last_name, field::last_name);
    require(field::first_name);
    require(field::last_name);
}

void mapper::require(field f) {
    if (!person_.values.get(f).empty()) return;
    if (!person_.keeps(f)) note(issue_kind::required_blank, f);
    person_.keep |= bit(f); // LA-18: a required field is never blanked
    person_.rejected = true;
}

void mapper::map_email(const source_row& row) {
    map_text(row, source_field::email, field::email);
    const auto email = person_.values.get(field::email);
    person_.folded_email = {};
    if (!email.empty() && !valid_email(email)) {
        person_.values.set(field::email, {});
        person_.keep |= bit(field::email);
        person_.rejected = true;
        note(issue_kind::invalid_email, field::email);
        return;
    }
    require(field::email);
    if (!email.empty()) person_.folded_email = fold(email, fold_scratch_);
}

void mapper::map_date(const source_row& row, source_field from, field to, date& into) {
    const auto text = trim(row.get(from));
    into = date{};
    if (wrong_type(row, from)) {
        person_.keep |= bit(to);
        note(issue_kind::wrong_type, to);
    } else if (!text.empty()) {
        const auto parsed = parse_date(text);
        if (parsed) {
            into = *parsed;
        } else {
            person_.keep |= bit(to);
            note(issue_kind::invalid_date, to);
        }
    }
}

void mapper::map_department(const source_row& row) {
    if (settings_.profile == profile::learnamp && !settings_.team_from_department) {
        // LA-28: with the option off the primary team is never touched.
        person_.values.set(field::department, {});
        person_.keep |= bit(field::department);
        return;
    }
    map_text(row, source_field::department, field::department);
    // LA-34: nobody loses the team over a blank, unless the tenant says so. WeThrive's department
    // is a value like any other.
    const bool blank =
        person_.values.get(field::department).empty() && !person_.keeps(field::department);
    if (blank && settings_.profile == profile::learnamp && !settings_.clear_blank_department) {
        person_.keep |= bit(field::department);
        note(issue_kind::blank_department, field::department);
    }
}

// LA-39: the id says who is meant; the name stands in only where there is no id. What cannot be
// read of either is no evidence about the other.
void mapper::map_manager(const source_row& row) {
    person_.values.set(field::manager_id, {});
    person_.values.set(field::manager_name, {});
    // LA-36: with the option off an override of ours is cleared and a manual one stays: what a
    // blank does.
    if (settings_.profile == profile::learnamp && !settings_.manager_from_reports_to) return;
    map_text(row, source_field::reports_to_id, field::manager_id);
    if (person_.values.get(field::manager_id).empty() && !person_.keeps(field::manager_id)) {
        map_text(row, source_field::reports_to, field::manager_name);
    }
    constexpr auto both =
        static_cast<std::uint16_t>(bit(field::manager_id) | bit(field::manager_name));
    if ((person_.keep & both) != 0) {
        person_.keep |= both;
        person_.values.set(field::manager_id, {});
        person_.values.set(field::manager_name, {});
    }
}

// Compared by content: the picture itself is not kept (16 bytes of BLAKE2b, in hex).
void mapper::map_avatar(const source_row& row) {
    person_.values.set(field::avatar, {});
    if (settings_.profile == profile::wethrive || wrong_type(row, source_field::image)) {
        person_.keep |= bit(field::avatar);
        return;
    }
    const auto image = trim(row.get(source_field::image));
    if (image.empty()) return;
    if (const auto known = hash_in(image); !known.empty()) {
        person_.values.set(field::avatar, known);
        return;
    }
    std::array<unsigned char, 16> digest;
    crypto_generichash(digest.data(), digest.size(),
                       reinterpret_cast<const unsigned char*>(image.data()), image.size(), nullptr,
                       0);
    avatar_.resize(2 * digest.size() + 1);
    sodium_bin2hex(avatar_.data(), avatar_.size(), digest.data(), digest.size());
    avatar_.resize(2 * digest.size());
    person_.values.set(field::avatar, avatar_);
}

// G-14: {"cost_centre":"12","grade":"B"}, by name, as the settings are; blanks are left out.
void mapper::map_attributes(const source_row& row) {
    person_.values.set(field::attributes, {});
    if (settings_.extra_fields.empty()) return;
    auto& out = scratch_[static_cast<std::size_t>(field::attributes)];
    out.clear();
    for (std::size_t i = 0; i < settings_.extra_fields.size() && i < row.extra.size(); ++i) {
        const auto value = normalise(row.extra[i], value_scratch_);
        if (value.empty()) continue;
        out += out.empty() ? '{' : ',';
        append_json_text(out, settings_.extra_fields[i].attribute);
        out += ':';
        append_json_text(out, value);
    }
    if (out.empty()) return;
    out += '}';
    if (out.size() > text_bytes_max_) {
        person_.keep |= bit(field::attributes);
        return note(issue_kind::too_long, field::attributes);
    }
    person_.values.set(field::attributes, out);
}

void mapper::decide_left(const source_row& row) {
    const auto status = trim(row.get(source_field::status));
    const auto start = person_.values.start_date;
    const auto leaving = person_.values.leaving_date;
    person_.left = has_left(status, start, leaving, today_);
    const bool odd_status =
        (!status.empty() && !known_status(status)) || wrong_type(row, source_field::status);
    // Garbage is no evidence, neither of leaving nor of return.
    const bool silent = status.empty() && !leaving.is_set();
    person_.state_known =
        person_.left || (!odd_status && !silent && !person_.keeps(field::leaving_date));
    if (status == "2" && !leaving.is_set())
        note(issue_kind::leaver_without_date, field::leaving_date);
    if (odd_status) {
        note(issue_kind::unknown_status, field::leaving_date);
    }
    if (!person_.left) return;
    // A leaver's e-mail is often cleared just when somebody leaves (Q7): no reason to reject, and
    // what is stored stays. Only a broken value is still worth a word.
    person_.rejected = false;
    std::uint8_t kept = 0;
    for (std::uint8_t i = 0; i < person_.issue_count; ++i) {
        const auto kind = person_.issues[i].kind;
        if (kind != issue_kind::required_blank && kind != issue_kind::blank_department)
            person_.issues[kept++] = person_.issues[i];
    }
    person_.issue_count = kept;
}

void mapper::decide_scope() {
    person_.scope_known = true;
    if (folded_filter_.empty()) {
        person_.in_scope = true;
        company_matched_ = true;
        return;
    }
    if (person_.keeps(field::company)) {
        person_.scope_known = person_.in_scope = false;
        return;
    }
    const auto company = person_.values.get(field::company);
    if (company != last_company_ || last_company_.empty()) {
        std::string scratch;
        const auto folded = fold(company, scratch);
        last_company_ = company;
        last_in_scope_ = folded == folded_filter_;
        // LA-6: "Acme Ltd" for "Acme Limited" is the usual mistake: same beginning, other ending.
        if (!last_in_scope_ && near_miss_.empty() && !folded.empty() &&
            (folded.starts_with(folded_filter_) || folded_filter_.starts_with(folded))) {
            near_miss_ = company;
        }
    }
    person_.in_scope = last_in_scope_;
    company_matched_ = company_matched_ || last_in_scope_;
}

void mapper::seal_fingerprint() {
    // Length-prefixed, so that no two different persons give the same bytes.
    const std::int32_t dates[2] = {person_.values.start_date.days,
                                   person_.values.leaving_date.days};
    const std::uint32_t flags =
        person_.keep | (person_.left ? 1u << 16 : 0u) | (person_.in_scope ? 1u << 17 : 0u) |
        (person_.rejected ? 1u << 18 : 0u) | (person_.state_known ? 1u << 19 : 0u) |
        (person_.scope_known ? 1u << 20 : 0u);
    std::size_t bytes = sizeof dates + sizeof flags;
    for (const auto text : person_.values.text) bytes += sizeof(std::uint16_t) + text.size();
    if (canonical_.size() < bytes) canonical_.resize(bytes);

    char* next = canonical_.data();
    const auto put = [&next](const void* data, std::size_t size) {
        std::memcpy(next, data, size);
        next += size;
    };
    for (const auto text : person_.values.text) {
        const auto size = static_cast<std::uint16_t>(text.size());
        put(&size, sizeof size);
        if (!text.empty()) put(text.data(), text.size());
    }
    put(dates, sizeof dates);
    put(&flags, sizeof flags);
    person_.fingerprint = hash64({canonical_.data(), bytes}, settings_fingerprint_);
    if (person_.fingerprint == 0) person_.fingerprint = 1;
}

} // namespace rollcall::sync
