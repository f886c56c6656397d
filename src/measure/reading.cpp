// What reading costs: decoding and comparing, inflating, planning what changed, and the memory that
// users take.
#include <malloc.h>
#include <zlib.h>

#include "company.hpp"
#include "parts.hpp"
#include "passes.hpp"
#include "rollcall/core/check.hpp"

namespace rollcall::measure {
namespace {

constexpr std::size_t people = 500;

std::string packed(const std::string& text) {
    z_stream stream{};
    constexpr int gzip = 16;
    ROLLCALL_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + gzip, 8,
                                Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    std::string in = text; // zlib does not write to it, and does not say so
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ROLLCALL_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

void unpack(std::string& from, std::string& into) {
    z_stream stream{};
    constexpr int gzip = 16;
    ROLLCALL_CHECK(inflateInit2(&stream, MAX_WBITS + gzip) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(from.data());
    stream.avail_in = static_cast<uInt>(from.size());
    stream.next_out = reinterpret_cast<Bytef*>(into.data());
    stream.avail_out = static_cast<uInt>(into.size());
    ROLLCALL_CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    inflateEnd(&stream);
}

void apply(tenant& to, body& answer) {
    const auto from = to.read(answer);
    const auto made = to.plan_of(*from);
    to.install(made, to.carry_out(made));
}

// Of people with no history, with some, and with much of it.
void measure_bytes(capacity::machine& into) {
    std::vector<double> plain;
    std::vector<double> zipped;
    for (const std::size_t history : {0u, 2u, 4u}) {
        std::string all;
        for (std::size_t i = 0; i < people; ++i) all += employee_json(1, i, "Engineer", history);
        plain.push_back(static_cast<double>(all.size()) / people);
        zipped.push_back(static_cast<double>(packed(all).size()) / people);
    }
    into.json_bytes_person = of_values(plain);
    into.gzip_bytes_person = of_values(zipped);
}

double heap_bytes() {
    const auto info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

// The heap of so many tenants of that size.
double bytes_of_tenants(std::size_t tenants, std::size_t size) {
    std::vector<std::unique_ptr<tenant>> fleet;
    const double before = heap_bytes();
    for (std::size_t i = 0; i < tenants; ++i) {
        body answer(answer_json(i, size, "Engineer"));
        apply(*fleet.emplace_back(std::make_unique<tenant>()), answer);
    }
    malloc_trim(0);
    return heap_bytes() - before;
}

} // namespace

void measure_reading(capacity::machine& into, double seconds) {
    measure_bytes(into);
    const auto text = answer_json(1, people, "Engineer");
    auto zipped = packed(text);
    std::string room(text.size(), '\0');
    into.inflated_people_s =
        of_passes(seconds, [&] { return rate_of(people, [&] { unpack(zipped, room); }); });

    tenant one;
    body unchanged(text);
    apply(one, unchanged);
    into.unchanged_people_s = of_passes(seconds, [&] {
        body again(text); // the decoder writes to it
        return rate_of(people, [&] {
            const auto from = one.read(again);
            ROLLCALL_CHECK(from->changed.size() < people);
            ROLLCALL_CHECK(one.plan_of(*from).steps.empty());
        });
    });
    std::size_t version = 0;
    into.changed_people_s = of_passes(seconds, [&] {
        body other(answer_json(1, people, version++ % 2 == 0 ? "Designer" : "Engineer"));
        const auto from = one.read(other);
        const auto changed = static_cast<double>(from->changed.size());
        ROLLCALL_CHECK(changed > 0);
        return rate_of(changed, [&] {
            const auto made = one.plan_of(*from);
            one.install(made, one.carry_out(made));
        });
    });
}

void measure_memory(capacity::machine& into, bool quick) {
    // A straight line through a small size and a large one: what a tenant takes, and each of its
    // users. A fifth of the people have left, and are no users.
    constexpr std::size_t small = 5;
    const std::size_t tenants = quick ? 8 : 40;
    std::vector<double> each_user;
    std::vector<double> each_tenant;
    for (const std::size_t large : {100u, 200u, 500u}) {
        const double few = bytes_of_tenants(tenants, small) / static_cast<double>(tenants);
        const double many = bytes_of_tenants(tenants, large) / static_cast<double>(tenants);
        const double user = (many - few) / (static_cast<double>(large - small) * 0.8);
        each_user.push_back(std::max(1.0, user));
        each_tenant.push_back(std::max(1.0, few - user * small * 0.8));
    }
    into.memory_bytes_user = of_values(each_user);
    into.memory_bytes_tenant = of_values(each_tenant);
    // The heap is not all that a process holds: what the allocator keeps between the blocks, and
    // what the fleet keeps of a tenant beside its books.
    into.memory_bytes_user.high *= 1.3;
    into.memory_bytes_tenant = into.memory_bytes_tenant + capacity::range{1'000, 1'500, 3'000};
}

} // namespace rollcall::measure
