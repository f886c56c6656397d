#include "rollcall/sync/settings.hpp"

#include <array>
#include <charconv>
#include <vector>

#include <boost/json/value.hpp>

#include "rollcall/core/check.hpp"
#include "rollcall/core/ids.hpp"
#include "rollcall/core/text.hpp"
#include "settings_table.hpp"

namespace rollcall::sync {
namespace {

constexpr std::size_t text_bytes_max = 200;
constexpr std::size_t list_bytes_max = 4096;
constexpr std::size_t quoted_bytes_max = 60;

failure refuse(const setting_entry& which, std::string_view value, std::string_view why = {}) {
    std::string detail = "setting '" + std::string(which.row.name) + "': '" +
                         std::string(value.substr(0, quoted_bytes_max)) +
                         (value.size() > quoted_bytes_max ? "…' " : "' ");
    if (why.empty()) {
        detail += "is not allowed; it takes " + std::string(which.row.allowed);
    } else {
        detail += "is not allowed: " + std::string(why);
    }
    return {errc::invalid_argument, std::move(detail)};
}

failure unknown(std::string_view name) {
    std::vector<std::string_view> known;
    for (const auto& each : setting_rows()) known.push_back(each.name);
    std::string detail = "there is no setting '" + std::string(name) + "'";
    if (const auto near = nearest_name(name, known); !near.empty()) {
        detail += "; did you mean '" + std::string(near) + "'?";
    }
    return {errc::invalid_argument, std::move(detail)};
}

// ---- by kind of setting: false, or a text that is not empty, if the value is not good -----------

bool assign(tenant_settings& in, const enum_access& how, std::string_view value) {
    for (std::size_t i = 0; i < how.names.size(); ++i) {
        if (how.names[i] == value) {
            how.set(in, i);
            return true;
        }
    }
    return false;
}

bool assign(tenant_settings& in, const number_access& how, std::string_view value) {
    std::int64_t parsed = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc{} || end != value.data() + value.size() || parsed < how.low ||
        parsed > how.high) {
        return false;
    }
    how.set(in, parsed);
    return true;
}

bool assign(tenant_settings& in, const bool_access& how, std::string_view value) {
    if (value != "true" && value != "false") return false;
    in.*(how.member) = value == "true";
    return true;
}

outcome<void> assign_text(tenant_settings& in, const setting_entry& which, std::string_view value) {
    const auto* grammar = std::get_if<grammar_access>(&which.how);
    const auto bytes_max = grammar != nullptr ? list_bytes_max : text_bytes_max;
    if (!valid_utf8(value)) return refuse(which, "…", "it is not UTF-8");
    if (value.size() > bytes_max) {
        return refuse(which, value.substr(0, 20),
                      "it is longer than " + std::to_string(bytes_max) + " bytes");
    }
    if (grammar != nullptr) {
        if (auto why = grammar->read(in, value); !why.empty()) {
            return refuse(which, value, why + "; it takes " + std::string(which.row.allowed));
        }
        return {};
    }
    const auto& text = std::get<text_access>(which.how);
    if (const auto why = text.check(value); !why.empty()) return refuse(which, value, why);
    std::string scratch;
    in.*(text.member) = normalise(value, scratch);
    return {};
}

outcome<void> apply(tenant_settings& in, const setting_entry& which, std::string_view value) {
    bool good = false;
    if (const auto* e = std::get_if<enum_access>(&which.how)) {
        good = assign(in, *e, value);
    } else if (const auto* n = std::get_if<number_access>(&which.how)) {
        good = assign(in, *n, value);
    } else if (const auto* b = std::get_if<bool_access>(&which.how)) {
        good = assign(in, *b, value);
    } else {
        return assign_text(in, which, value);
    }
    if (!good) return refuse(which, value);
    return {};
}

// ---- JSON ---------------------------------------------------------------------------------------

// The members of an array of texts as the one text that the grammar reads.
outcome<std::string> joined(const setting_entry& which, const boost::json::array& members) {
    std::string text;
    for (const auto& member : members) {
        if (!member.is_string()) return refuse(which, "(an array with what is not a text)");
        const std::string_view one(member.get_string());
        if (one.find(',') != std::string_view::npos) {
            return refuse(which, one, "a member of its array has a comma in it");
        }
        if (!text.empty()) text += ", ";
        text += one;
    }
    return text;
}

outcome<std::string> text_of(const setting_entry& which, const boost::json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_bool()) return std::string(value.get_bool() ? "true" : "false");
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    const auto* grammar = std::get_if<grammar_access>(&which.how);
    if (value.is_array() && grammar != nullptr && grammar->list) {
        return joined(which, value.get_array());
    }
    return refuse(which, "(not a text, number or boolean)");
}

} // namespace

outcome<void> set_setting(tenant_settings& in, std::string_view name, std::string_view value) {
    const auto* which = find_setting(name);
    if (which == nullptr) return unknown(name);
    return apply(in, *which, value);
}

std::string setting_text(const tenant_settings& in, std::string_view name) {
    const auto* which = find_setting(name);
    ROLLCALL_CHECK(which != nullptr);
    return text_of(in, *which);
}

boost::json::object to_json(const tenant_settings& settings) {
    boost::json::object out;
    for (const auto& each : setting_table()) {
        auto& slot = out[each.row.name];
        if (const auto* n = std::get_if<number_access>(&each.how)) {
            slot = n->get(settings);
        } else if (const auto* b = std::get_if<bool_access>(&each.how)) {
            slot = settings.*(b->member);
        } else {
            slot = text_of(settings, each);
        }
    }
    return out;
}

settings_or_failures settings_from_json(const boost::json::object& object) {
    settings_or_failures out;
    // The profile first: it decides what all others start from.
    out.settings = defaults_of(profile::learnamp);
    if (const auto* chosen = object.if_contains("profile");
        chosen != nullptr && chosen->is_string()) {
        const auto names = profile_names();
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == std::string_view(chosen->get_string())) {
                out.settings = defaults_of(static_cast<profile>(i));
            }
        }
    }
    for (const auto& member : object) {
        const auto* which = find_setting(std::string_view(member.key()));
        if (which == nullptr) {
            out.failures.push_back(unknown(std::string_view(member.key())));
            continue;
        }
        const auto text = text_of(*which, member.value());
        if (!text) {
            out.failures.push_back(text.error());
            continue;
        }
        if (auto done = apply(out.settings, *which, *text); !done) {
            out.failures.push_back(done.error());
        }
    }
    return out;
}

} // namespace rollcall::sync
