// PeopleHR without a network: a request goes in with the time of its arrival, an answer comes out
// with the time it takes. The same object serves the program peoplehr-sim over real sockets and the
// deterministic simulation over in-memory streams.
//
// A service belongs to one thread. It reads no clock and no system randomness: the same options and
// the same sequence of calls give the same answers, byte for byte.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "company.hpp"
#include "fault.hpp"
#include "generate.hpp"
#include "render.hpp"
#include "rollcall/core/error.hpp"
#include "rollcall/core/time.hpp"
#include "webhook.hpp"

namespace rollcall::sim {

enum class api_version { v3_1, v4 };

enum class limit_scope { none, address, tenant, both };
enum class throttle_style { status_5, silent, http_429 };
struct call_limits {
    limit_scope scope = limit_scope::none;
    std::uint32_t calls_per_minute = 30; // in any sliding minute, see throttle.hpp
    throttle_style style = throttle_style::silent;
};

// What a key may be used for; one bit for each action.
enum grant : std::uint32_t {
    get_all = 1u << 0,
    get_by_id = 1u << 1,
    get_paginated = 1u << 2,
    get_leavers = 1u << 3,
    get_company = 1u << 4,
    check_authentication = 1u << 5,
    update_id = 1u << 6,
    run_query = 1u << 7,
    all_grants = (1u << 8) - 1,
};

// What random life brings. Ids that change and records that are removed are of no kind by
// themselves.
enum class churn_kind { any, joiner, leaver, detail };

enum class query_busy_style { status_5, pseudo_row };

struct options {
    std::uint64_t seed = 1;
    std::size_t tenants = 10;
    std::uint32_t employees_mean = 60; // current staff; people who have left come on top
    size_distribution sizes = size_distribution::fleet;
    std::chrono::sys_days today{std::chrono::year{2026} / 11 / 21};
    api_version version = api_version::v4;
    blank_style blanks = blank_style::empty_text;
    call_limits limits{};
    std::uint32_t grants = all_grants;
    query_busy_style query_busy = query_busy_style::pseudo_row;
    // An answer takes latency_median times a log-normal factor of this sigma, and latency_per_row
    // for each row that it holds. Zero: no waiting.
    milliseconds latency_median{0};
    double latency_sigma = 0.5;
    microseconds latency_per_row{0};
    milliseconds query_duration{0}; // a query takes at least this long
    bool gzip = true;               // for clients that accept it
    int gzip_level = 1;
    std::size_t gzip_cache_bytes_max = 256u << 20; // packed answers kept for the next equal one
};

struct wire_request {
    std::string_view method = "POST";
    std::string_view target = "/Employee";
    std::string_view body{};
    std::string_view client_address = "127.0.0.1";
    std::string_view user_agent{};
    bool accepts_gzip = false;
    mono_time now{}; // must not go back from call to call
};

enum class delivery {
    whole,
    reset_before_answer, // the connection is reset, no byte is sent
    cut,                 // the connection ends after delivered_bytes of the body
    stall,               // nothing follows after delivered_bytes of the body
    drip,                // one byte a second after delivered_bytes of the body
};

struct wire_answer {
    unsigned http_status = 200;
    std::string_view content_type = "application/json; charset=utf-8"; // static text
    std::string body;        // as sent: packed when gzip is set
    bool gzip = false;       // the body is a gzip member
    milliseconds latency{0}; // from arrival to the first byte
    delivery how = delivery::whole;
    std::size_t delivered_bytes = 0;
};

struct tenant_info {
    std::string name;
    std::string api_key;
    std::uint32_t company_id = 0;
    std::string company_name;
    std::size_t current = 0; // listed without leavers
    std::size_t left = 0;    // listed only with leavers
};

struct call_counters {
    std::uint64_t calls = 0;
    std::uint64_t throttled = 0;
    std::uint64_t rows = 0;
    std::uint64_t faults = 0;
    std::size_t busiest_minute_of_an_address = 0; // arrivals, refused ones included
    std::size_t busiest_minute_of_a_tenant = 0;
};

struct world; // the inside, see world.hpp

class service {
  public:
    explicit service(options chosen);
    ~service();
    service(service&&) noexcept;
    service& operator=(service&&) noexcept;

    [[nodiscard]] wire_answer handle(const wire_request& request);

    // ---- the world. An unknown tenant or employee is not_found. ----
    [[nodiscard]] std::chrono::sys_days today() const noexcept;
    // Turns marked leavers whose last day has ended into leavers. Never goes back.
    result<void> set_today(std::chrono::sys_days day);
    [[nodiscard]] std::size_t tenant_count() const noexcept;
    [[nodiscard]] tenant_info tenant_at(std::size_t index) const; // index < tenant_count()
    // Adds a company (made by load_company) under its own tenant name, with a key of its own.
    result<void> add_company(company firm);

    // Everybody whom PeopleHR lists, people who have left included, in wire order.
    [[nodiscard]] result<std::vector<employee>> truth(std::string_view tenant) const;
    [[nodiscard]] result<std::string> truth_json(std::string_view tenant) const;

    result<std::string> hire(std::string_view tenant, const employee& starter); // gives the id
    result<void> change(std::string_view tenant, std::string_view id,
                        std::span<const field_change> changes);
    result<void> swap_emails(std::string_view tenant, std::string_view id, std::string_view other);
    enum class leaving { on_the_day, immediately };
    enum class leaver_email { kept, cleared };
    result<void> leave(std::string_view tenant, std::string_view id, std::chrono::sys_days last_day,
                       leaving when, leaver_email email);
    result<void> rehire(std::string_view tenant, std::string_view id, std::chrono::sys_days start);
    result<void> remove(std::string_view tenant, std::string_view id);
    result<void> change_id(std::string_view tenant, std::string_view id, std::string_view new_id);
    // A managed-list value that is renamed for everybody; list is department, location, job_role or
    // company.
    result<void> rename_value(std::string_view tenant, std::string_view list, std::string_view from,
                              std::string_view to);
    // count random changes from the seed; tells what was done, "hire PW12" and so on. Where there
    // is nobody to whom a change could happen it is left out.
    result<std::vector<std::string>> churn(std::string_view tenant, std::size_t count,
                                           std::uint64_t seed, churn_kind of = churn_kind::any);
    // Somebody who is employed; not_found where a few tries find nobody.
    [[nodiscard]] result<std::string> somebody_at(std::string_view tenant,
                                                  std::uint64_t seed) const;

    // ---- keys ----
    result<void> revoke_keys(std::string_view tenant);
    result<void> restore_keys(std::string_view tenant);
    result<void> set_grants(std::string_view tenant, std::uint32_t grants); // of the first key
    result<std::string> add_key(std::string_view tenant, std::uint32_t grants);

    // ---- limits and faults ----
    void set_limits(call_limits limits);
    [[nodiscard]] const call_limits& limits() const noexcept;
    // Later faults are looked at first. An unknown tenant is not_found.
    result<void> add_fault(fault what);
    // Ends the faults of that tenant; all of them for "".
    void clear_faults(std::string_view tenant = {});
    [[nodiscard]] std::span<const fault> faults() const noexcept;

    // ---- webhooks: changes made by the verbs above are announced ----
    result<void> set_webhook(std::string_view tenant, webhook_settings how);
    // Any event, also one that nothing happened for; the tenant has to have a webhook.
    result<void> send_webhook(std::string_view tenant, std::uint32_t action_id,
                              std::string_view id);
    // Those that wait to be posted; they are the caller's from now on.
    [[nodiscard]] std::vector<webhook_post> take_webhooks();
    [[nodiscard]] webhook_counters webhooks() const noexcept;

    [[nodiscard]] call_counters counters() const;

  private:
    std::unique_ptr<world> world_;
};

} // namespace rollcall::sim
