// How a person reads: the texts of a record. Changes are in changes.cpp.
#include "company.hpp"

#include <algorithm>
#include <charconv>

#include "names.hpp"
#include "texts.hpp"

namespace rollcall::sim {
namespace {

constexpr std::array<employee_member, 25> members{{
    {"employee_id", &employee::employee_id},
    {"first_name", &employee::first_name},
    {"last_name", &employee::last_name},
    {"known_as", &employee::known_as},
    {"other_name", &employee::other_name},
    {"email", &employee::email},
    {"job_role", &employee::job_role},
    {"company", &employee::company},
    {"location", &employee::location},
    {"department", &employee::department},
    {"reports_to_id", &employee::reports_to_id},
    {"reports_to", &employee::reports_to},
    {"reports_to_email", &employee::reports_to_email},
    {"status", &employee::status},
    {"start_date", &employee::start_date},
    {"leaving_date", &employee::leaving_date},
    {"image", &employee::image},
    {"unique_key", &employee::unique_key},
    {"analysis_code_1", &employee::analysis_code_1},
    {"analysis_code_2", &employee::analysis_code_2},
    {"api_column_1", &employee::api_column_1},
    {"api_column_2", &employee::api_column_2},
    {"api_column_3", &employee::api_column_3},
    {"api_column_4", &employee::api_column_4},
    {"api_column_5", &employee::api_column_5},
}};
constexpr std::size_t extra_count = 7;

// Purposes of derived numbers, so that two of one person are independent.
constexpr std::uint64_t key_purpose = 0x756e6971;
constexpr std::uint64_t image_purpose = 0x696d6167;
constexpr std::uint64_t extra_purpose = 0x65787472;

void assign_date(std::string& out, day_number day) {
    out.clear();
    if (day != no_day) append_date(out, day_of(day));
}

void assign_nickname(std::string& out, const person& someone, std::uint8_t index) {
    if (index == 0) {
        out.clear();
    } else {
        out.assign(name_scripts()[someone.script].first[index - 1u].native);
    }
}

} // namespace

std::span<const employee_member> employee_members() noexcept {
    return members;
}

std::span<const employee_member> extra_members() noexcept {
    return std::span{members}.last(extra_count);
}

std::uint32_t managed_list::ensure(std::string_view value) {
    const auto found = std::ranges::find(values_, value);
    const auto index = static_cast<std::uint32_t>(found - values_.begin());
    if (found == values_.end()) values_.emplace_back(value);
    return index;
}

bool managed_list::rename(std::string_view from, std::string_view to) {
    const auto found = std::ranges::find(values_, from);
    if (found == values_.end() || found == values_.begin()) return false;
    found->assign(to);
    return true;
}

std::uint64_t company::salt(slot who) const noexcept {
    return mix(seed, who + 1);
}

bool company::listed(slot who, bool with_leavers) const {
    const employment status = people[who].status;
    return status == employment::employed || status == employment::leaving ||
           (with_leavers && status == employment::left);
}

void company::append_id(std::string& out, slot who) const {
    const own_texts* texts = texts_if_any(people[who]);
    if (texts != nullptr && texts->employee_id) {
        out += *texts->employee_id;
        return;
    }
    const std::uint64_t number = who + 1;
    switch (ids) {
        case id_style::auto_number:
            out += "PW";
            append_number(out, number);
            break;
        case id_style::padded: append_number(out, number, 4); break;
        case id_style::plain: append_number(out, number); break;
        case id_style::letters:
            out += "EMP-";
            append_number(out, number, 3);
            out += "_x";
            break;
    }
}

void company::append_display_name(std::string& out, slot who) const {
    const person& someone = people[who];
    const own_texts* texts = texts_if_any(someone);
    const name_script& script = name_scripts()[someone.script];
    if (texts != nullptr && texts->first_name) {
        out += *texts->first_name;
    } else {
        out += script.first[someone.first].native;
    }
    out += ' ';
    if (texts != nullptr && texts->last_name) {
        out += *texts->last_name;
    } else {
        out += script.last[someone.last].native;
    }
}

void company::append_email(std::string& out, slot who) const {
    const person& someone = people[who];
    if (someone.email == email_kind::blank) return;
    const own_texts* texts = texts_if_any(someone);
    if (texts != nullptr && texts->email) {
        out += *texts->email;
        return;
    }
    if (someone.email == email_kind::shared) {
        out += "reception@";
    } else {
        const name_script& script = name_scripts()[someone.script];
        const auto begin = out.size();
        out += script.first[someone.first].ascii;
        out += '.';
        out += script.last[someone.last].ascii;
        append_number(out, who + 1);
        if (salt(who) % 10 == 0) { // some address books write capitals
            out[begin] = static_cast<char>(out[begin] - 32);
        }
        out += '@';
    }
    out += tenant;
    out += ".example.com";
}

void company::describe(slot who, employee& out) const {
    const person& someone = people[who];
    const own_texts* texts = texts_if_any(someone);
    const name_script& script = name_scripts()[someone.script];
    const auto typed = [&](std::string& text, std::optional<std::string> own_texts::* member) {
        if (texts == nullptr || !(texts->*member)) return false;
        text = *(texts->*member);
        return true;
    };
    out.employee_id.clear();
    append_id(out.employee_id, who);
    if (!typed(out.first_name, &own_texts::first_name)) {
        out.first_name.assign(script.first[someone.first].native);
    }
    if (!typed(out.last_name, &own_texts::last_name)) {
        out.last_name.assign(script.last[someone.last].native);
    }
    if (!typed(out.known_as, &own_texts::known_as)) {
        assign_nickname(out.known_as, someone, someone.known_as);
    }
    if (!typed(out.other_name, &own_texts::other_name)) {
        assign_nickname(out.other_name, someone, someone.other);
    }
    out.email.clear();
    append_email(out.email, who);
    out.job_role = job_roles.at(someone.job_role);
    out.company = legal_entities.at(someone.legal_entity);
    out.location = locations.at(someone.location);
    out.department = departments.at(someone.department);

    out.reports_to_id.clear();
    out.reports_to.clear();
    out.reports_to_email.clear();
    // A deleted manager leaves no trace: the record is gone for good.
    if (someone.manager != nobody && people[someone.manager].status != employment::deleted) {
        append_id(out.reports_to_id, someone.manager);
        append_display_name(out.reports_to, someone.manager);
        append_email(out.reports_to_email, someone.manager);
    }
    out.status.assign(1, static_cast<char>('0' + static_cast<int>(someone.status)));
    assign_date(out.start_date, someone.start_day);
    assign_date(out.leaving_date, someone.leaving_day);
    if (!typed(out.image, &own_texts::image)) {
        out.image.clear();
        if (salt(who) % 16 == 1) {
            out.image += "https://images.example.com/";
            append_hex8(out.image, static_cast<std::uint32_t>(mix(salt(who), image_purpose)));
            out.image += ".jpg";
        }
    }
    if (!typed(out.unique_key, &own_texts::unique_key)) {
        out.unique_key = guid(mix(salt(who), key_purpose));
    }
    describe_extra(who, out);
}

void company::describe_extra(slot who, employee& out) const {
    for (const auto& [name, text] : extra_members()) (out.*text).clear();
    out.api_column_2 = salt(who) % 2 == 0 ? "cost centre 4711" : "cost centre 0815";
    if (uses_extra) {
        const auto number = mix(salt(who), extra_purpose);
        out.analysis_code_2 = "Grade ";
        append_number(out.analysis_code_2, 1 + number % 9);
        out.api_column_3 = "badge ";
        append_number(out.api_column_3, (number >> 8) % 1'000'000, 6);
        if ((number >> 32) % 3 == 0) out.api_column_4 = "night shift";
    }
    const own_texts* texts = texts_if_any(people[who]);
    if (texts == nullptr) return;
    for (const auto& [place, text] : texts->extra) out.*extra_members()[place].text = text;
}

std::optional<slot> company::find(std::string_view employee_id) const {
    std::string id;
    const auto is = [&](slot who) {
        if (people[who].status == employment::deleted) return false;
        id.clear();
        append_id(id, who);
        return id == employee_id;
    };
    // Generated ids carry the slot's number: try that one before looking at everybody.
    const auto first_digit = employee_id.find_first_of("0123456789");
    if (first_digit != std::string_view::npos) {
        slot number = 0;
        const auto* end = employee_id.data() + employee_id.size();
        if (std::from_chars(employee_id.data() + first_digit, end, number).ec == std::errc{} &&
            number >= 1 && number <= people.size() && is(number - 1)) {
            return number - 1;
        }
    }
    for (slot who = 0; who < people.size(); ++who) {
        if (people[who].own != 0 && is(who)) return who;
    }
    return std::nullopt;
}

} // namespace rollcall::sim
