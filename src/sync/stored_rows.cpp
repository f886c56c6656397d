#include "stored_rows.hpp"

#include "rollcall/core/text.hpp"

namespace rollcall::sync {

std::vector<std::string> extra_names_of(const tenant_settings& settings) {
    std::vector<std::string> names;
    names.reserve(settings.extra_fields.size());
    for (const auto& each : settings.extra_fields) names.push_back(each.source);
    return names;
}

bool find_record(std::string_view external_id, row_unpacker& rows, source_row& into) {
    while (rows.next(into)) {
        if (trim(into.get(source_field::employee_id)) == external_id) return true;
    }
    return false;
}

stored_snapshot repacked(const stored_snapshot& all, const tenant_settings& settings,
                         const std::function<bool(const source_row&)>& keep,
                         std::string_view more) {
    const auto names = extra_names_of(settings);
    row_packer out(names);
    source_row row;
    row_unpacker rows(all.rows);
    rows.wanted(names);
    while (rows.next(row)) {
        if (keep(row)) out.add(row);
    }
    if (!more.empty()) {
        row_unpacker added(more);
        added.wanted(names);
        while (added.next(row)) out.add(row);
    }
    stored_snapshot made;
    made.taken = all.taken;
    made.digest = out.digest();
    made.rows = std::move(out).take();
    return made;
}

} // namespace rollcall::sync
