// The inside of a service, shared by the files that implement it.
#pragma once
#include <functional>
#include <map>
#include <optional>

#include "gzip.hpp"
#include "rollcall/core/random.hpp"
#include "service.hpp"
#include "throttle.hpp"

namespace rollcall::sim {

struct api_key {
    std::string text;
    std::uint32_t grants = all_grants;
    bool revoked = false;
};

struct tenant_record {
    company firm;
    std::vector<api_key> keys;
    call_window window;
    std::optional<mono_time> query_ends; // a query runs until then
    std::uint64_t pages_served = 0;
    std::optional<company> stale; // as it was when a stale fault was set
};

struct world {
    struct key_place {
        std::size_t tenant;
        std::size_t key;
    };

    options chosen;
    std::vector<tenant_record> tenants;
    std::map<std::string, std::size_t, std::less<>> by_name;
    std::map<std::string, key_place, std::less<>> by_key; // 32 lower-case hexadecimal digits
    std::map<std::string, call_window, std::less<>> addresses;
    random_source traffic{0}; // latency and the chance of faults, in the order of calls
    gzip_cache packed{0};
    std::vector<fault> faults;
    call_counters counters;
    std::map<std::string, webhook_settings, std::less<>> webhooks; // by tenant
    random_source hook_traffic{0};                                 // their loss and order
    std::vector<webhook_post> outbox;
    webhook_counters hook_counters;

    // Something changed: posts what the tenant's webhook says of it, if it has one.
    void announce(std::string_view tenant, std::uint32_t action_id, std::string_view id,
                  const webhook_detail& detail = {});
    result<std::size_t> add(company firm);
    std::string issue_key(std::size_t tenant, std::uint32_t grants);
    [[nodiscard]] result<tenant_record*> tenant(std::string_view name);
    // The tenant and a person of it.
    struct place {
        company* firm;
        slot who;
    };
    [[nodiscard]] result<place> person_at(std::string_view tenant, std::string_view id);
};

// The 32 hexadecimal digits of a key that is written as a GUID, with or without dashes and braces;
// nothing for any other text.
[[nodiscard]] std::optional<std::string> normal_key(std::string_view text);

} // namespace rollcall::sim
