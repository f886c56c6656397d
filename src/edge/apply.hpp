// Tenants as code: what a file wants, against what is there.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "request_reader.hpp"
#include "rollcall/core/secret.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::edge {

struct wanted_tenant {
    std::string name;
    sync::tenant_settings settings;
    secret api_key; // empty: not given
};

struct apply_request {
    std::vector<wanted_tenant> tenants;
    bool dry_run = false;
    bool prune = false;        // remove the tenants that the request does not name
    bool replace_keys = false; // give existing tenants the request's keys too
};

struct setting_difference {
    std::string name;
    std::string old_value;
    std::string new_value;
    friend bool operator==(const setting_difference&, const setting_difference&) = default;
};

enum class apply_action { unchanged, create, change, not_in_file };
[[nodiscard]] std::string_view name_of(apply_action action) noexcept;

struct apply_step {
    std::string name;
    apply_action action = apply_action::unchanged;
    std::vector<setting_difference>
        changes{};          // of a change; a new tenant's are against its profile
    bool takes_key = false; // the request's key is stored
    std::size_t wanted = 0; // index into apply_request::tenants; not for not_in_file
};

// What the daemon knows of a tenant that matters here.
struct known_tenant {
    sync::tenant_settings settings;
    bool key_was_refused = false; // then the file's key replaces it without being asked
};
using find_tenant = std::function<std::optional<known_tenant>(std::string_view)>;

// Reads the body of POST /v1/apply. Everything that is wrong in it becomes a fault.
[[nodiscard]] apply_request read_apply(const boost::json::object& body, faults& out);

[[nodiscard]] std::vector<setting_difference> differences(const sync::tenant_settings& from,
                                                          const sync::tenant_settings& to);

// {"company": ["", "Acme"]}
[[nodiscard]] boost::json::object to_json(const std::vector<setting_difference>& changes);

// One step for each wanted tenant in the request's order, then the tenants that it does not name,
// sorted. `names` are all known tenants, sorted. A new tenant without a key is a fault.
[[nodiscard]] std::vector<apply_step> plan_apply(const apply_request& request,
                                                 const std::vector<std::string>& names,
                                                 const find_tenant& find, faults& out);

[[nodiscard]] boost::json::object to_json(const apply_step& step);

} // namespace rollcall::edge
