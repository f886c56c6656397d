// What the directory costs in time and memory: 1,000,000 users in 10,000 tenants of 100 on average
// (exponential), and tenants of 50 and of 500, before and after ten sweeps in which everybody
// changes; and its look-ups, next to two peers in the same run: std::unordered_map over structs of
// strings, and boost::unordered_flat_set of references over the same arena.
//
// Counters: ns_user; text_B (mapped text per user), own_B (memory_bytes() per user), heap_B (what
// malloc has handed out per user, its headers included), ratio (heap_B / text_B, goal <= 1.35).
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "company.hpp"
#include "peers.hpp"
#include "rollcall/directory/tenant_directory.hpp"

namespace rollcall::bench {
namespace {

using directory::tenant_directory;
using directory::user_ref;

constexpr std::uint32_t user_count = 1'000'000;
constexpr std::size_t query_count = 1 << 19;

// Of this thread, so that other work on the machine does not count.
double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double heap_bytes() {
    const auto info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

std::vector<std::uint32_t> sizes_of(std::uint32_t mean, std::uint32_t users) {
    return tenant_sizes(users, mean, mean == 100);
}

// Runs `change(tenant number, its people)` for every tenant and gives the time within `change`.
template <class Change>
double seconds_over(const std::vector<std::uint32_t>& sizes, std::uint32_t version,
                    Change&& change) {
    double spent = 0;
    for (std::uint32_t tenant = 0; tenant < sizes.size(); ++tenant) {
        const auto people = company(tenant, sizes[tenant], version);
        const double begin = cpu_seconds();
        change(tenant, people);
        spent += cpu_seconds() - begin;
    }
    return spent;
}

void report(benchmark::State& state, double seconds, const std::vector<tenant_directory>& fleet,
            double heap) {
    double text = 0;
    double own = 0;
    double users = 0;
    for (const tenant_directory& tenant : fleet) {
        text += static_cast<double>(tenant.mapped_text_bytes());
        own += static_cast<double>(tenant.memory_bytes());
        users += static_cast<double>(tenant.size());
    }
    state.SetIterationTime(seconds);
    state.counters["ns_user"] = seconds * 1e9 / users;
    state.counters["text_B"] = text / users;
    state.counters["own_B"] = own / users;
    state.counters["heap_B"] = heap / users;
    state.counters["ratio"] = heap / text;
}

// ---- building and changing
// -----------------------------------------------------------------------

// Mean size of a tenant and users in all. Bytes per user do not depend on the latter.
void fleets(benchmark::internal::Benchmark* each) {
    each->Args({50, user_count / 10})->Args({100, user_count})->Args({500, user_count / 10});
    each->ArgNames({"mean", "users"})->Iterations(1)->UseManualTime();
}

void build(benchmark::State& state) {
    const auto sizes = sizes_of(static_cast<std::uint32_t>(state.range(0)),
                                static_cast<std::uint32_t>(state.range(1)));
    for (auto _ : state) {
        const double before = heap_bytes();
        std::vector<tenant_directory> fleet(sizes.size());
        const double seconds = seconds_over(sizes, 0, [&](std::uint32_t tenant, auto& people) {
            fleet[tenant].put_all(people);
            fleet[tenant].compact_if_worthwhile();
        });
        report(state, seconds, fleet, heap_bytes() - before);
    }
}
BENCHMARK(build)->Apply(fleets);

enum change_by { put_all, put };

// Ten sweeps in which every user changes, in one call per tenant or user by user.
template <change_by By>
void change_everybody(benchmark::State& state) {
    const auto sizes = sizes_of(static_cast<std::uint32_t>(state.range(0)),
                                static_cast<std::uint32_t>(state.range(1)));
    for (auto _ : state) {
        const double before = heap_bytes();
        std::vector<tenant_directory> fleet(sizes.size());
        double seconds = 0;
        for (std::uint32_t version = 0; version <= 10; ++version) {
            const double spent = seconds_over(sizes, version, [&](std::uint32_t t, auto& people) {
                if (By == put_all) {
                    fleet[t].put_all(people);
                } else {
                    for (const user_data& person : people) fleet[t].put(person);
                }
                fleet[t].compact_if_worthwhile();
            });
            if (version > 0) seconds += spent / 10;
        }
        report(state, seconds, fleet, heap_bytes() - before);
    }
}
BENCHMARK(change_everybody<put_all>)->Apply(fleets);
BENCHMARK(change_everybody<put>)->Apply(fleets);

// ---- the peers
std::string lowered(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return text;
}

// ---- the three fleets of the look-up benches, each built once -----------------------------------

struct query {
    std::uint32_t tenant;
    std::uint64_t fingerprint;
    std::string_view id; // into the texts of the world
    std::string_view email;
};

struct world {
    std::vector<tenant_directory> ours;
    std::vector<std::unique_ptr<flat_set_tenant>> flat; // behind a pointer, as ours are
    std::vector<string_map_tenant> maps;
    std::vector<std::string> texts;
    std::vector<query> in_order; // everybody, tenant by tenant: an unchanged sweep
    std::vector<query> random;
    std::string random_texts;
    double map_heap = 0;
};

void add_queries(world& all, std::uint32_t tenant, const std::vector<user_data>& people) {
    std::string& text = all.texts.emplace_back();
    for (const user_data& person : people) {
        text += person.get(field::external_id) + lowered(person.get(field::email));
    }
    std::size_t at = 0;
    const auto next = [&](std::size_t bytes) {
        at += bytes;
        return std::string_view(text).substr(at - bytes, bytes);
    };
    for (const user_data& person : people) {
        const std::string_view id = next(person.get(field::external_id).size());
        const std::string_view email = next(person.get(field::email).size());
        all.in_order.push_back({tenant, person.meta.fingerprint, id, email});
    }
}

world make_world() {
    world all;
    const auto sizes = sizes_of(100, user_count);
    all.ours.resize(sizes.size());
    all.flat.resize(sizes.size());
    all.maps.resize(sizes.size());
    all.texts.reserve(sizes.size());
    seconds_over(sizes, 0, [&](std::uint32_t tenant, const std::vector<user_data>& people) {
        all.ours[tenant].put_all(people);
        all.ours[tenant].compact_if_worthwhile();
        flat_set_tenant& flat = *(all.flat[tenant] = std::make_unique<flat_set_tenant>());
        flat.users.put_all(people);
        flat.users.compact_if_worthwhile();
        // Index and records of a tenant lie near each other, as ours do.
        for (std::uint32_t at = flat.users.following(0); at != 0; at = flat.users.following(at)) {
            flat.by_id.insert(at);
            flat.by_email.insert(at);
        }
        add_queries(all, tenant, people);
    });
    const double before = heap_bytes();
    seconds_over(sizes, 0, [&](std::uint32_t tenant, const std::vector<user_data>& people) {
        for (const user_data& person : people) {
            auto& kept = all.maps[tenant].by_id[person.get(field::external_id)] = person;
            all.maps[tenant].by_email[lowered(person.get(field::email))] = &kept;
        }
    });
    all.map_heap = heap_bytes() - before;
    random_source random(99);
    for (std::size_t i = 0; i < query_count; ++i) {
        all.random.push_back(all.in_order[random.below(all.in_order.size())]);
    }
    // Texts of the random queries lie together, so that only the store misses the cache.
    std::string& packed = all.random_texts;
    for (const query& each : all.random) packed.append(each.id).append(each.email);
    std::size_t at = 0;
    for (query& each : all.random) {
        each.id = std::string_view(packed).substr(at, each.id.size());
        each.email = std::string_view(packed).substr(at + each.id.size(), each.email.size());
        at += each.id.size() + each.email.size();
    }
    return all;
}

world& shared_world() {
    static world all = make_world();
    return all;
}

// ---- look-ups ----------------------------------------------------------------------------------

// For each peer: the fingerprint it has stored for the person, or 0.
struct ours {
    static std::uint64_t by_id(world& all, std::uint32_t tenant, std::string_view id) {
        const tenant_directory& users = all.ours[tenant];
        const user_ref found = users.find_by_id(id);
        return found == user_ref::none ? 0 : users.fingerprint(found);
    }
    static std::uint64_t by_email(world& all, std::uint32_t tenant, std::string_view email) {
        const tenant_directory& users = all.ours[tenant];
        const user_ref found = users.find_by_email(email);
        return found == user_ref::none ? 0 : users.fingerprint(found);
    }
};

struct flat_set {
    static std::uint64_t by_id(world& all, std::uint32_t tenant, std::string_view id) {
        const auto found = all.flat[tenant]->by_id.find(id);
        if (found == all.flat[tenant]->by_id.end()) return 0;
        return all.flat[tenant]->users.at(*found).fingerprint;
    }
    static std::uint64_t by_email(world& all, std::uint32_t tenant, std::string_view email) {
        const auto found = all.flat[tenant]->by_email.find(email);
        if (found == all.flat[tenant]->by_email.end()) return 0;
        return all.flat[tenant]->users.at(*found).fingerprint;
    }
};

struct string_map {
    static std::uint64_t by_id(world& all, std::uint32_t tenant, std::string_view id) {
        const auto found = all.maps[tenant].by_id.find(std::string(id));
        return found == all.maps[tenant].by_id.end() ? 0 : found->second.meta.fingerprint;
    }
    static std::uint64_t by_email(world& all, std::uint32_t tenant, std::string_view email) {
        const auto found = all.maps[tenant].by_email.find(std::string(email));
        return found == all.maps[tenant].by_email.end() ? 0 : found->second->meta.fingerprint;
    }
};

template <class Peer, field Key>
void find_random(benchmark::State& state) {
    world& all = shared_world();
    std::size_t next = 0;
    std::size_t wrong = 0;
    for (auto _ : state) {
        const query& each = all.random[next];
        next = (next + 1) & (query_count - 1);
        const std::uint64_t found = Key == field::email
                                        ? Peer::by_email(all, each.tenant, each.email)
                                        : Peer::by_id(all, each.tenant, each.id);
        wrong += found != each.fingerprint ? 1 : 0;
    }
    if (wrong != 0) state.SkipWithError("a user was not found");
}
BENCHMARK(find_random<ours, field::external_id>);
BENCHMARK(find_random<flat_set, field::external_id>);
BENCHMARK(find_random<string_map, field::external_id>);
BENCHMARK(find_random<ours, field::email>);
BENCHMARK(find_random<flat_set, field::email>);
BENCHMARK(find_random<string_map, field::email>);

// Ids that nobody has: a person's e-mail is no id.
template <class Peer>
void miss_random(benchmark::State& state) {
    world& all = shared_world();
    std::size_t next = 0;
    std::uint64_t found = 0;
    for (auto _ : state) {
        const query& each = all.random[next];
        next = (next + 1) & (query_count - 1);
        found |= Peer::by_id(all, each.tenant, each.email);
    }
    if (found != 0) state.SkipWithError("a stranger was found");
}
BENCHMARK(miss_random<ours>);
BENCHMARK(miss_random<flat_set>);
BENCHMARK(miss_random<string_map>);

// What a sweep without changes does per employee, once it has the fingerprint.
void unchanged_sweep(benchmark::State& state) {
    world& all = shared_world();
    std::uint32_t epoch = 0;
    std::size_t changed = 0;
    for (auto _ : state) {
        ++epoch;
        for (const query& each : all.in_order) {
            tenant_directory& users = all.ours[each.tenant];
            const user_ref found = users.find_by_id(each.id);
            if (found == user_ref::none || users.fingerprint(found) != each.fingerprint) {
                ++changed;
                continue;
            }
            users.mark(found, epoch);
        }
    }
    if (changed != 0) state.SkipWithError("somebody changed");
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * user_count);
    state.counters["map_heap_B"] = all.map_heap / user_count;
}
BENCHMARK(unchanged_sweep)->Unit(benchmark::kMillisecond);

// What the planner asks of everybody in a tenant that did not change: who is there, who has left by
// now, and whether the manager is still active. Goal: 4,000,000 users a second.
void walk_briefs(benchmark::State& state) {
    const bool managers = state.range(0) != 0;
    world& all = shared_world();
    std::int64_t users = 0;
    std::size_t orphans = 0;
    for (auto _ : state) {
        for (tenant_directory& tenant : all.ours) {
            tenant.for_each_brief([&](user_ref, const directory::user_brief& each) {
                ++users;
                if (!managers || each.manager == 0) return;
                if (tenant.find_by_uid(each.manager) == user_ref::none) ++orphans;
            });
            tenant.compact_if_worthwhile();
        }
    }
    if (orphans != 0) state.SkipWithError("a manager was not found");
    state.SetItemsProcessed(users);
}
BENCHMARK(walk_briefs)->ArgName("managers")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace rollcall::bench

BENCHMARK_MAIN();
