// Snapshots, which are kept compressed, and notices on their way to a receiver.
#include <zlib.h>

#include "tables.hpp"
#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

// The fastest level: packed rows shrink to about a fifth at it, and the best one gains little.
constexpr int compression_level = 1;

std::string compress(std::string_view plain) {
    auto size = ::compressBound(plain.size());
    std::string packed(size, '\0');
    const int code =
        ::compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                    reinterpret_cast<const Bytef*>(plain.data()), plain.size(), compression_level);
    // With room for the worst case it fails for want of memory only.
    if (code != Z_OK) throw std::bad_alloc{};
    packed.resize(size);
    return packed;
}

bool decompress(std::string_view packed, std::int64_t size, std::string& into) {
    // Deflate gains at most some 1,030 to 1: a larger number was not written by compress.
    const auto most = static_cast<std::int64_t>(packed.size()) * 1100;
    if (size < 0 || size > most) return false;
    into.resize(static_cast<std::size_t>(size));
    auto left = static_cast<uLongf>(size);
    const int code = ::uncompress(reinterpret_cast<Bytef*>(into.data()), &left,
                                  reinterpret_cast<const Bytef*>(packed.data()), packed.size());
    return code == Z_OK && left == static_cast<uLongf>(size);
}

} // namespace

parcel_writers::parcel_writers(connection& on)
    : snapshots_(on, "snapshots", insert_into("INSERT OR REPLACE", "snapshots", 6)),
      notices_(on, "notices", insert_into("INSERT", "notices", 12)),
      delivered_(on, "notices", "SELECT * FROM notices WHERE number <= ? ORDER BY number"),
      drop_notice_(on, "DELETE FROM notices WHERE number = ?") {}

void parcel_writers::put(sync::tenant_key tenant, const sync::stored_snapshot& snapshot) {
    const auto rows = compress(snapshot.rows);
    snapshots_.begin().integer(tenant).integer(to_unix_ms(snapshot.taken));
    snapshots_.integer(static_cast<std::int64_t>(snapshot.digest));
    snapshots_.integer(static_cast<std::int64_t>(snapshot.rows.size())).blob(rows).finish();
}

void parcel_writers::add(const sync::notice& notice) {
    notices_.begin().integer(notice.tenant).integer(static_cast<std::int64_t>(notice.number));
    notices_.text(word_of(notice.kind)).integer(notice.uid);
    notices_.integer(static_cast<std::int64_t>(notice.run)).integer(to_unix_ms(notice.at));
    notices_.text(notice.tenant_name).text(notice.external_id).text(notice.email);
    notices_.text(notice.name).text(notice.fields).finish();
}

void parcel_writers::drop_notices_up_to(std::uint64_t number) {
    std::vector<std::int64_t> numbers;
    delivered_.query().bind(1, static_cast<std::int64_t>(number));
    while (delivered_.next()) {
        sync::notice one;
        if (read_notice(delivered_, one)) numbers.push_back(static_cast<std::int64_t>(one.number));
    }
    delivered_.query().reset();
    for (const auto each : numbers) {
        drop_notice_.bind(1, each);
        drop_notice_.run();
    }
}

bool read_snapshot(row_reader& row, sync::stored_snapshot& into) {
    (void)row.integer();
    into.taken = from_unix_ms(row.integer());
    into.digest = row.integer_as<std::uint64_t>();
    const auto size = row.integer();
    const auto rows = row.blob();
    return row.finish() && decompress(rows, size, into.rows);
}

bool read_notice(row_reader& row, sync::notice& into) {
    into.tenant = row.integer_as<sync::tenant_key>();
    into.number = row.integer_as<std::uint64_t>();
    const bool known = read_word(row.text(), into.kind);
    into.uid = row.integer_as<std::uint32_t>();
    into.run = row.integer_as<std::uint64_t>();
    into.at = from_unix_ms(row.integer());
    into.tenant_name = row.text();
    into.external_id = row.text();
    into.email = row.text();
    into.name = row.text();
    into.fields = row.text();
    return row.finish() && known;
}

} // namespace rollcall::storage
