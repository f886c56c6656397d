#include "hook_body.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>

#include "rollcall/core/text.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

constexpr std::size_t depth_max = 32;

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

// The three values, wherever they came from; blank ones are as good as none (G-12).
struct members {
    std::string action_id;
    std::string action;
    std::string employee_id;
    bool doubled = false; // a name came twice with different values

    void take(std::string_view name, std::string_view value) {
        name = trim(name);
        auto* const slot = same_word(name, "ActionId")     ? &action_id
                           : same_word(name, "Action")     ? &action
                           : same_word(name, "EmployeeId") ? &employee_id
                                                           : nullptr;
        value = trim(value);
        if (slot == nullptr || value.empty()) return;
        doubled = doubled || (!slot->empty() && *slot != value);
        *slot = value;
    }
};

// False: not JSON, or not an object.
bool read_json(std::string_view body, members& out) {
    std::array<unsigned char, 4096> room;
    json::monotonic_resource memory(room.data(), room.size());
    json::parse_options how;
    how.max_depth = depth_max;
    boost::system::error_code error;
    const auto parsed = json::parse(body, error, &memory, how);
    if (error || !parsed.is_object()) return false;
    for (const auto& [name, value] : parsed.get_object()) {
        if (value.is_string()) {
            out.take(name, value.get_string());
        } else if (value.is_int64()) {
            out.take(name, std::to_string(value.get_int64()));
        } else if (value.is_uint64()) {
            out.take(name, std::to_string(value.get_uint64()));
        } else if (value.is_double() && value.get_double() == std::floor(value.get_double()) &&
                   std::abs(value.get_double()) < 1e15) {
            out.take(name, std::to_string(static_cast<std::int64_t>(value.get_double())));
        }
    }
    return true;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

// Takes the next part that is not blank off the front; false where none is left.
bool next_part(std::string_view& body, char between, std::string_view& part) {
    do {
        if (body.empty()) return false;
        part = body.substr(0, body.find(between));
        body.remove_prefix(std::min(part.size() + 1, body.size()));
    } while (trim(part).empty());
    return true;
}

bool read_form(std::string_view body, members& out) {
    for (std::string_view part; next_part(body, '&', part);) {
        const auto at = part.find('=');
        if (at == part.npos) return false;
        const auto name = decoded(part.substr(0, at));
        const auto value = decoded(part.substr(at + 1));
        if (!name || !value) return false;
        out.take(*name, *value);
    }
    return true;
}

// A line without a name belongs to the value before it, which may be an address of several lines.
bool read_lines(std::string_view body, members& out) {
    bool any = false;
    for (std::string_view part; next_part(body, '\n', part);) {
        const auto at = part.find(':');
        if (at == part.npos) continue;
        out.take(part.substr(0, at), part.substr(at + 1));
        any = true;
    }
    return any;
}

bool read_members(std::string_view body, members& out) {
    if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
    body = trim(body);
    if (body.starts_with('{')) return read_json(body, out);
    const auto sign = body.find_first_of("=:");
    if (sign == body.npos) return false;
    return body[sign] == '=' ? read_form(body, out) : read_lines(body, out);
}

hook_reading faulty(std::string_view what) {
    return {what, std::nullopt};
}

// Nothing: not a number.
std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<sync::webhook_action> action_called(std::string_view name) {
    for (const auto number : {1, 2, 3, 18}) {
        const auto action = sync::read_webhook_action(number);
        if (action && same_word(name, sync::name_of(*action))) return action;
    }
    return std::nullopt;
}

bool is_printable(std::string_view text) {
    return valid_utf8(text) && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
           });
}

} // namespace

hook_reading read_hook_body(std::string_view body) {
    members found;
    if (!read_members(body, found)) {
        return faulty("The body is no JSON object, no form and no lines of \"Key:Value\".");
    }
    if (found.doubled) return faulty("A name stands twice with different values.");
    std::optional<sync::webhook_action> action;
    if (!found.action_id.empty()) {
        const auto number = number_of(found.action_id);
        if (!number) return faulty("ActionId is not a number.");
        action = sync::read_webhook_action(*number);
    } else if (!found.action.empty()) {
        action = action_called(found.action);
    } else {
        return faulty("Neither ActionId nor Action says what happened.");
    }
    if (!action) return {};
    if (found.employee_id.empty()) return faulty("EmployeeId is missing.");
    if (found.employee_id.size() > sync::hinted_id_bytes_max || !is_printable(found.employee_id)) {
        return faulty("EmployeeId is not an id.");
    }
    return {{}, sync::webhook_event{*action, std::move(found.employee_id)}};
}

} // namespace rollcall::edge
