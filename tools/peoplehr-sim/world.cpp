// The service's world seen from outside: tenants, their people, keys, limits and faults.
#include <algorithm>
#include <utility>

#include "service.hpp"
#include "texts.hpp"
#include "world.hpp"

namespace rollcall::sim {
namespace {

constexpr std::uint64_t key_purpose = 0x6b657973;

} // namespace

result<std::size_t> world::add(company firm) {
    const std::size_t index = tenants.size();
    if (!by_name.emplace(firm.tenant, index).second) return errc::already_exists;
    tenants.emplace_back().firm = std::move(firm);
    (void)issue_key(index, chosen.grants);
    return index;
}

std::string world::issue_key(std::size_t tenant, std::uint32_t grants) {
    tenant_record& record = tenants[tenant];
    const std::uint64_t number = record.keys.size();
    std::string text = guid(mix(mix(chosen.seed, key_purpose), mix(record.firm.seed, number)));
    by_key.emplace(*normal_key(text), key_place{tenant, record.keys.size()});
    record.keys.push_back({text, grants, false});
    return text;
}

result<tenant_record*> world::tenant(std::string_view name) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) return errc::not_found;
    return &tenants[found->second];
}

result<world::place> world::person_at(std::string_view name, std::string_view id) {
    const auto record = tenant(name);
    if (!record) return record.error();
    const auto who = (*record)->firm.find(id);
    if (!who) return errc::not_found;
    return place{&(*record)->firm, *who};
}

service::service(options chosen) : world_(std::make_unique<world>()) {
    world_->chosen = chosen;
    world_->packed = gzip_cache{chosen.gzip_cache_bytes_max};
    world_->traffic = random_source{mix(chosen.seed, 0x74726166)};
    world_->hook_traffic = random_source{mix(chosen.seed, 0x686f6f6b)};
    const auto counts =
        head_counts(chosen.seed, chosen.tenants, chosen.employees_mean, chosen.sizes);
    world_->tenants.reserve(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        (void)world_->add(generate_company(chosen.seed, i, counts[i], chosen.today));
    }
}
service::~service() = default;
service::service(service&&) noexcept = default;
service& service::operator=(service&&) noexcept = default;

std::chrono::sys_days service::today() const noexcept {
    return world_->chosen.today;
}

result<void> service::set_today(std::chrono::sys_days day) {
    if (day < world_->chosen.today) return errc::invalid_argument;
    world_->chosen.today = day;
    for (auto& record : world_->tenants) record.firm.settle(day);
    return {};
}

std::size_t service::tenant_count() const noexcept {
    return world_->tenants.size();
}

tenant_info service::tenant_at(std::size_t index) const {
    const tenant_record& record = world_->tenants.at(index);
    tenant_info info{record.firm.tenant, record.keys.front().text, record.firm.company_id,
                     record.firm.title};
    for (slot who = 0; who < record.firm.people.size(); ++who) {
        if (record.firm.listed(who, false)) {
            ++info.current;
        } else if (record.firm.listed(who, true)) {
            ++info.left;
        }
    }
    return info;
}

result<void> service::add_company(company firm) {
    const auto added = world_->add(std::move(firm));
    if (!added) return added.error();
    return {};
}

result<std::vector<employee>> service::truth(std::string_view tenant) const {
    const auto record = world_->tenant(tenant);
    if (!record) return record.error();
    const company& firm = (*record)->firm;
    std::vector<employee> people;
    for (slot who = 0; who < firm.people.size(); ++who) {
        if (firm.listed(who, true)) firm.describe(who, people.emplace_back());
    }
    return people;
}

result<std::string> service::truth_json(std::string_view tenant) const {
    const auto people = truth(tenant);
    if (!people) return people.error();
    std::string out = R"({"tenant":)";
    append_json(out, tenant);
    out += R"(,"today":")";
    append_date(out, today());
    out += R"(","people":[)";
    for (const employee& someone : *people) {
        out += out.back() == '[' ? "{" : ",{";
        for (const auto& [name, text] : employee_members()) {
            append_json(out, name);
            out += ':';
            append_json(out, someone.*text);
            out += ',';
        }
        out.back() = '}';
    }
    out += "]}";
    return out;
}

result<std::string> service::hire(std::string_view tenant, const employee& starter) {
    const auto record = world_->tenant(tenant);
    if (!record) return record.error();
    company& firm = (*record)->firm;
    const auto who = firm.hire(starter, today());
    if (!who) return who.error();
    std::string id;
    firm.append_id(id, *who);
    world_->announce(tenant, 1, id);
    return id;
}

result<void> service::change(std::string_view tenant, std::string_view id,
                             std::span<const field_change> changes) {
    const auto at = world_->person_at(tenant, id);
    if (!at) return at.error();
    const auto done = at->firm->change(at->who, changes);
    if (!done) return done;
    for (const auto& [field, value] : changes) {
        world_->announce(tenant, 2, id, {.field_name = field, .new_value = value});
    }
    return {};
}

result<void> service::swap_emails(std::string_view tenant, std::string_view id,
                                  std::string_view other) {
    const auto a = world_->person_at(tenant, id);
    if (!a) return a.error();
    const auto b = world_->person_at(tenant, other);
    if (!b) return b.error();
    a->firm->swap_emails(a->who, b->who);
    for (const auto each : {id, other}) world_->announce(tenant, 2, each, {.field_name = "email"});
    return {};
}

result<void> service::leave(std::string_view tenant, std::string_view id,
                            std::chrono::sys_days last_day, leaving when, leaver_email email) {
    const auto at = world_->person_at(tenant, id);
    if (!at) return at.error();
    at->firm->leave(at->who, last_day, today(), when == leaving::immediately,
                    email == leaver_email::cleared);
    world_->announce(tenant, 3, id);
    return {};
}

result<void> service::rehire(std::string_view tenant, std::string_view id,
                             std::chrono::sys_days start) {
    const auto at = world_->person_at(tenant, id);
    if (!at) return at.error();
    at->firm->rehire(at->who, start);
    world_->announce(tenant, 2, id, {.field_name = "status"});
    return {};
}

result<void> service::remove(std::string_view tenant, std::string_view id) {
    const auto at = world_->person_at(tenant, id);
    if (!at) return at.error();
    at->firm->remove(at->who);
    world_->announce(tenant, 18, id);
    return {};
}

result<void> service::change_id(std::string_view tenant, std::string_view id,
                                std::string_view new_id) {
    const auto at = world_->person_at(tenant, id);
    if (!at) return at.error();
    const auto done = at->firm->change_id(at->who, new_id);
    if (!done) return done;
    world_->announce(tenant, 2, new_id,
                     {.field_name = "employee_id", .old_value = id, .new_value = new_id});
    return {};
}

result<void> service::rename_value(std::string_view tenant, std::string_view list,
                                   std::string_view from, std::string_view to) {
    const auto record = world_->tenant(tenant);
    if (!record) return record.error();
    company& firm = (*record)->firm;
    managed_list* values = list == "department" ? &firm.departments
                           : list == "location" ? &firm.locations
                           : list == "job_role" ? &firm.job_roles
                           : list == "company"  ? &firm.legal_entities
                                                : nullptr;
    if (values == nullptr || to.empty()) return errc::invalid_argument;
    if (!values->rename(from, to)) return errc::not_found;
    return {};
}

result<void> service::revoke_keys(std::string_view tenant) {
    const auto record = world_->tenant(tenant);
    if (!record) return record.error();
    for (api_key& key : (*record)->keys) key.revoked = true;
    return {};
}

result<void> service::restore_keys(std::string_view tenant) {
    const auto record = world_->tenant(tenant);
    if (!record) return record.error();
    for (api_key& key : (*record)->keys) key.revoked = false;
    return {};
}

result<void> service::set_grants(std::string_view tenant, std::uint32_t grants) {
    const auto record = world_->tenant(tenant);
    if (!record) return record.error();
    (*record)->keys.front().grants = grants;
    return {};
}

result<std::string> service::add_key(std::string_view tenant, std::uint32_t grants) {
    const auto found = world_->by_name.find(tenant);
    if (found == world_->by_name.end()) return errc::not_found;
    return world_->issue_key(found->second, grants);
}

void service::set_limits(call_limits limits) {
    world_->chosen.limits = limits;
}
const call_limits& service::limits() const noexcept {
    return world_->chosen.limits;
}

result<void> service::add_fault(fault what) {
    if (!what.tenant.empty() && !world_->by_name.contains(what.tenant)) return errc::not_found;
    if (what.kind == fault_kind::stale) {
        for (auto& record : world_->tenants) {
            const bool meant = what.tenant.empty() || what.tenant == record.firm.tenant;
            if (meant) record.stale = record.firm;
        }
    }
    world_->faults.push_back(std::move(what));
    return {};
}

void service::clear_faults(std::string_view tenant) {
    std::erase_if(world_->faults,
                  [&](const fault& f) { return tenant.empty() || f.tenant == tenant; });
    for (auto& record : world_->tenants) {
        if (tenant.empty() || record.firm.tenant == tenant) record.stale.reset();
    }
}

std::span<const fault> service::faults() const noexcept {
    return world_->faults;
}
call_counters service::counters() const {
    return world_->counters;
}

} // namespace rollcall::sim
