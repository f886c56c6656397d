#include "rollcall/sync/notice.hpp"

namespace rollcall::sync {

std::string_view name_of(notice_kind v) noexcept {
    switch (v) {
        case notice_kind::invitation: return "invitation";
        case notice_kind::update: return "update";
    }
    return "unknown";
}

} // namespace rollcall::sync
