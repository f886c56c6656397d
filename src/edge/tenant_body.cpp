#include "tenant_body.hpp"

#include "rollcall/core/ids.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

sync::tenant_settings checked(const json::object& object, const std::string& path, faults& out) {
    auto read = sync::settings_from_json(object);
    for (auto& one : read.failures) out.push_back({path, std::move(one.detail)});
    return std::move(read.settings);
}

std::string under(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string unknown_setting(std::string_view name) {
    std::vector<std::string_view> known;
    for (const auto& row : sync::setting_rows()) known.push_back(row.name);
    const auto near = nearest_name(name, known);
    return "\"" + std::string(name) + "\" is not a setting" +
           (near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?");
}

} // namespace

std::string read_name(member_reader& from, const std::string& path, faults& out) {
    const auto name = from.text("name", presence::required, tenant_name_bytes_max);
    if (!name) return {};
    if (!valid_tenant_name(*name)) {
        out.push_back(
            {under(path, "name"),
             "has to begin with a-z or 0-9 and to consist of a-z, 0-9, '.', '_' and '-'"});
        return {};
    }
    return std::string(*name);
}

sync::tenant_settings read_settings(member_reader& from, const std::string& path, faults& out) {
    const auto* object = from.object("settings");
    return checked(object != nullptr ? *object : json::object{}, under(path, "settings"), out);
}

sync::tenant_settings read_settings_over(const sync::tenant_settings& present,
                                         const json::object& given, faults& out) {
    auto merged = sync::to_json(present);
    for (const auto& [name, value] : given) {
        if (value.is_null() && !merged.contains(name)) {
            out.push_back({"settings", unknown_setting(name)});
        } else if (value.is_null()) {
            merged.erase(name);
        } else {
            merged[name] = value;
        }
    }
    return checked(merged, "settings", out);
}

secret read_api_key(member_reader& from, presence p) {
    const auto text = from.text("api_key", p, api_key_bytes_max);
    return text ? secret{*text} : secret{};
}

} // namespace rollcall::edge
