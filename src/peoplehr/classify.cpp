#include "rollcall/peoplehr/classify.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "letters.hpp"

namespace rollcall::peoplehr {
namespace {

// Texts of Status 5, which is "everything else" (section 3), in the order in which they are tried.
struct known_text {
    std::string_view part;
    errc code;
    std::string_view detail;
};

constexpr std::string_view key_gone =
    "the API key is unknown to PeopleHR: deleted, mistyped, or for another account; enter a new "
    "key";
constexpr std::string_view no_grant =
    "the API key lacks the permission for this action: in PeopleHR grant it 'Get All Employee "
    "Detail' (and 'Get "
    "Employee Detail By Id'), and check its list of IP addresses";
constexpr std::string_view closed = "the PeopleHR account is suspended or its trial has expired";
constexpr std::string_view our_fault = "PeopleHR rejected the request as wrong";
constexpr std::string_view no_employee = "PeopleHR has no employee of this id";
constexpr std::string_view query_running = "PeopleHR is still running another query of this tenant";

constexpr std::array known_texts{
    known_text{"already in progress", errc::upstream_failed, query_running},
    known_text{"query execution", errc::upstream_failed, query_running},
    known_text{"api key does not exist", errc::key_refused, key_gone},
    known_text{"apikey does not exist", errc::key_refused, key_gone},
    known_text{"invalid api", errc::key_refused, key_gone},
    known_text{"unauthorized", errc::key_refused, key_gone},
    known_text{"no access", errc::permission_missing, no_grant},
    known_text{"access denied", errc::permission_missing, no_grant},
    known_text{"suspended", errc::account_closed, closed},
    known_text{"trial has expired", errc::account_closed, closed},
    known_text{"employeeid does not exist", errc::not_found, no_employee},
    known_text{"is missing", errc::request_rejected, our_fault},
    known_text{"not supplied", errc::request_rejected, our_fault},
    known_text{"cannot be empty", errc::request_rejected, our_fault},
    known_text{"contains invalid data", errc::request_rejected, our_fault},
    known_text{"contains more than", errc::request_rejected, our_fault},
    known_text{"invalid query name", errc::request_rejected, our_fault},
    known_text{"invalid action", errc::request_rejected, our_fault},
    known_text{"already in use", errc::request_rejected, our_fault},
    known_text{"should not be same", errc::request_rejected, our_fault},
    known_text{"already exists", errc::request_rejected, our_fault},
};

verdict make(errc code, std::string_view detail) {
    return {code, std::string{detail}, {}};
}

verdict throttle(std::string_view text) {
    return {errc::throttled, "PeopleHR's call limit was reached", limit_in(text)};
}

std::optional<verdict> of_known_text(std::string_view text, question asked) {
    for (const auto& known : known_texts) {
        if (!has_letters(text, known.part)) continue;
        // Who asked for everybody named no employee that could be missing.
        if (known.code == errc::not_found && asked != question::one_employee) continue;
        return make(known.code, known.detail);
    }
    return std::nullopt;
}

constexpr std::string_view digits = "0123456789";
constexpr std::string_view limit_lead = "limited to";
constexpr std::uint32_t limit_max = 100'000;
// What a text that is limited to something has to speak of to be about the call limit.
constexpr std::array<std::string_view, 2> call_words{"calls", "requests"};
constexpr std::array<std::string_view, 3> minute_words{"minute", "minutes", "min"};
// Whatever is counted in these alone is no number of calls a minute.
constexpr std::array<std::string_view, 6> other_spans{"second", "seconds", "hour",
                                                      "hours",  "day",     "days"};

bool is_one_of(char c, std::string_view set) noexcept {
    return set.find(c) != std::string_view::npos;
}

bool is_letter(char c) noexcept {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

bool has_word(std::string_view text, std::string_view word) noexcept {
    for (std::size_t from = 0;;) {
        const auto at = find_letters(text.substr(from), word);
        if (at == std::string_view::npos) return false;
        const auto begin = from + at;
        const auto end = begin + word.size();
        const bool whole = (begin == 0 || !is_letter(text[begin - 1])) &&
                           (end == text.size() || !is_letter(text[end]));
        if (whole) return true;
        from = end;
    }
}

bool has_any_word(std::string_view text, std::span<const std::string_view> words) noexcept {
    return std::ranges::any_of(words, [&](auto word) { return has_word(text, word); });
}

// The number that `text` begins with: digits, or groups of three with one separator between them.
// Nothing where a separator divides it otherwise, as in "1.5" and "1,00".
std::optional<std::uint32_t> leading_number(std::string_view text) noexcept {
    std::uint32_t value = 0;
    char separator = 0;
    for (bool first_group = true;; first_group = false) {
        const auto group = text.substr(0, text.find_first_not_of(digits));
        if (!first_group && group.size() != 3) return std::nullopt;
        for (const char digit : group) {
            value = value * 10 + static_cast<std::uint32_t>(digit - '0');
            if (value > limit_max) return std::nullopt;
        }
        text.remove_prefix(group.size());
        const bool divided =
            text.size() > 1 && is_one_of(text[0], ",. '") && is_one_of(text[1], digits);
        if (!divided) return value;
        if (separator == 0 ? group.size() > 3 : text[0] != separator) return std::nullopt;
        separator = text[0];
        text.remove_prefix(1);
    }
}

std::string at_place(std::string_view what, const answer& read) {
    std::string out{what};
    if (read.fault_row != 0) out += ", row " + std::to_string(read.fault_row);
    return out + ", byte " + std::to_string(read.fault_offset);
}

std::string in_row(std::string_view what, const answer& read) {
    return "row " + std::to_string(read.fault_row) + std::string{what};
}

verdict of_fault(const answer& read) {
    switch (read.fault) {
        case decode_fault::empty: return make(errc::bad_response, "HTTP 200 with an empty body");
        case decode_fault::not_utf8: return make(errc::bad_response, "the answer is not UTF-8");
        case decode_fault::too_deep:
            return make(errc::bad_response, at_place("the answer is nested too deeply", read));
        case decode_fault::too_large:
            return make(errc::response_too_large, "the answer is longer than 4 GiB");
        case decode_fault::duplicate_key:
            return make(errc::bad_response,
                        at_place("the answer has a key twice in one object", read));
        case decode_fault::envelope_type:
            return make(errc::bad_response, "isError, Status or Message is of an unknown type");
        case decode_fault::row_type:
            return make(errc::bad_response, in_row(" of Result is not an object", read));
        case decode_fault::row_without_id:
            return make(errc::bad_response, in_row(" of Result has no EmployeeId", read));
        case decode_fault::none:
        case decode_fault::not_json: break;
    }
    return make(errc::bad_response, at_place("the answer is not whole, valid JSON", read));
}

// Status and isError agree that the call went well: is Result what was asked for?
verdict of_result(const answer& read, question asked) {
    if (read.fault != decode_fault::none) return of_fault(read);
    if (asked == question::one_employee) {
        if (read.kind == result_kind::one_row) return {errc::ok, {}, {}};
        return make(errc::bad_response, "Status 0, but Result is not one employee");
    }
    if (asked == question::page) {
        if (read.kind == result_kind::page && read.rows_total) return {errc::ok, {}, {}};
        return make(errc::bad_response,
                    "Status 0, but Result is not a page of employees with their total");
    }
    if (read.kind == result_kind::page) {
        if (read.rows_total == read.rows) return {errc::ok, {}, {}};
        return make(errc::bad_response, "Result is a page that does not hold all rows");
    }
    if (read.kind == result_kind::rows) return {errc::ok, {}, {}};
    return make(errc::bad_response, "Status 0, but Result is not a list of employees");
}

std::string with_status(int status, std::string_view text) {
    return "Status " + std::to_string(status) + std::string{text};
}

verdict of_status(int status, const answer& read, question asked) {
    switch (status) {
        case 2: return make(errc::key_refused, key_gone);
        case 1:
        case 3:
        case 4:
        case 7:
        case 8:
        case 9:
            return {errc::request_rejected, with_status(status, ": ") + std::string{our_fault}, {}};
        case 5:
            if (auto known = of_known_text(read.message, asked)) return *known;
            return {errc::upstream_failed, "Status 5 with a message that is not known", {}};
        case 10:
            if (read.fault != decode_fault::none) return of_fault(read);
            if (read.rows != 0)
                return make(errc::bad_response, "Status 10, no record found, with records");
            if (asked != question::one_employee) return {errc::ok, {}, {}};
            return make(errc::not_found, no_employee);
        default: break;
    }
    if (status > 14 || status < 0) {
        return {errc::bad_response, with_status(status, " is not one of the API's"), {}};
    }
    return {errc::upstream_failed, with_status(status, ": a failure on PeopleHR's side"), {}};
}

} // namespace

bool is_throttle_text(std::string_view text) noexcept {
    if (has_letters(text, "per minute")) return true;
    // Fields and days off are limited to something as well.
    return has_letters(text, limit_lead) &&
           (has_any_word(text, call_words) || has_any_word(text, minute_words));
}

std::optional<std::uint32_t> limit_in(std::string_view text) noexcept {
    const auto at = find_letters(text, limit_lead);
    if (at == std::string_view::npos) return std::nullopt;
    text = text.substr(at + limit_lead.size());
    // "a" stands between in some texts and not in others; without a digit `first` is npos.
    const auto first = text.find_first_of(digits);
    if (first > 8) return std::nullopt;
    // A sign or a point belongs to the number, and then it is none of calls. Signs beyond ASCII
    // exist as well.
    const auto between = text.substr(0, first);
    if (!std::ranges::all_of(between, [](char c) { return c == ' ' || c == ':' || is_letter(c); }))
        return std::nullopt;
    text = text.substr(first);
    const auto value = leading_number(text);
    if (!value || *value == 0 || *value > limit_max) return std::nullopt;
    const bool other = has_any_word(text, other_spans) && !has_any_word(text, minute_words);
    return other ? std::nullopt : value;
}

namespace {

// The texts with which v4 and v3.1 refuse an action that the key, or the API itself, does not have.
bool refuses_action(const answer& read) {
    return read.status == 4 || has_letters(read.message, "access denied") ||
           has_letters(read.message, "invalid action");
}

verdict classify_any(const answer& read, question asked) {
    if (!read.complete) return of_fault(read);
    if (is_throttle_text(read.message)) return throttle(read.message);
    if (is_throttle_text(read.notice)) return throttle(read.notice);
    if (!read.status) return make(errc::bad_response, "the answer has no Status");
    if (*read.status != 0) return of_status(*read.status, read, asked);
    if (auto known = of_known_text(read.notice, asked)) return *known;
    if (!read.is_error) return of_result(read, asked);
    if (auto known = of_known_text(read.message, asked)) return *known;
    return make(errc::bad_response, "isError is true, but Status is 0");
}

} // namespace

verdict classify(const answer& read, question asked) {
    auto found = classify_any(read, asked);
    const bool refusal =
        found.code == errc::permission_missing || found.code == errc::request_rejected;
    found.pages_refused = asked == question::page && refusal && refuses_action(read);
    return found;
}

} // namespace rollcall::peoplehr
