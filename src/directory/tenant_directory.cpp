// The public face: names become places in the arena and back.
#include "rollcall/directory/tenant_directory.hpp"

#include "user_store.hpp"

namespace rollcall::directory {

struct tenant_directory::impl {
    user_store store;
};

namespace {

user_ref ref_of(std::uint32_t place) noexcept {
    return static_cast<user_ref>(place);
}

std::uint32_t place_of(user_ref which) noexcept {
    return static_cast<std::uint32_t>(which);
}

} // namespace

tenant_directory::tenant_directory() : impl_(std::make_unique<impl>()) {}
tenant_directory::~tenant_directory() = default;
tenant_directory::tenant_directory(tenant_directory&&) noexcept = default;
tenant_directory& tenant_directory::operator=(tenant_directory&&) noexcept = default;

user_ref tenant_directory::find_by_id(std::string_view external_id) const noexcept {
    return ref_of(impl_->store.find_by_id(external_id));
}

void tenant_directory::prefetch_index(std::string_view external_id) const noexcept {
    impl_->store.prefetch_index(external_id);
}

void tenant_directory::prefetch_record(std::string_view external_id) const noexcept {
    impl_->store.prefetch_record(external_id);
}

user_ref tenant_directory::find_by_email(std::string_view folded) const noexcept {
    return ref_of(impl_->store.find_by_email(folded));
}

user_ref tenant_directory::find_by_uid(std::uint32_t uid) const {
    return ref_of(impl_->store.find_by_uid(uid));
}

std::uint64_t tenant_directory::fingerprint(user_ref which) const noexcept {
    return impl_->store.at(place_of(which)).fingerprint;
}

std::uint32_t tenant_directory::epoch(user_ref which) const noexcept {
    return impl_->store.at(place_of(which)).epoch;
}

void tenant_directory::mark(user_ref which, std::uint32_t epoch) noexcept {
    impl_->store.at(place_of(which)).epoch = epoch;
}

user_brief tenant_directory::brief(user_ref which) const noexcept {
    const record& here = impl_->store.at(place_of(which));
    return {.uid = here.uid,
            .epoch = here.epoch,
            .manager = here.manager,
            .start_date = {here.start_date},
            .leaving_date = leaving_date_of(here),
            .state = state_of(here),
            .role = role_of(here),
            .manager_owner = owner_of(here, field::manager_id),
            .missing = missing_of(here),
            .managed = (here.bits & bit::managed) != 0,
            .created_by_us = (here.bits & bit::created_by_us) != 0,
            .deactivated_by_us = (here.bits & bit::deactivated_by_us) != 0};
}

user_meta tenant_directory::meta(user_ref which) const noexcept {
    return meta_of(impl_->store.at(place_of(which)));
}

user_values tenant_directory::values(user_ref which) const noexcept {
    return impl_->store.values(place_of(which));
}

std::string_view tenant_directory::text(user_ref which, field f) const noexcept {
    return impl_->store.text(place_of(which), f);
}

bool tenant_directory::is_active(user_ref which) const noexcept {
    return (impl_->store.at(place_of(which)).bits & bit::inactive) == 0;
}

std::uint32_t tenant_directory::department_number(user_ref which) const noexcept {
    return number_of(impl_->store.at(place_of(which)), interned_place(field::department));
}

std::uint32_t tenant_directory::location_number(user_ref which) const noexcept {
    return number_of(impl_->store.at(place_of(which)), interned_place(field::location));
}

std::size_t tenant_directory::dictionary_size() const noexcept {
    return impl_->store.words().size();
}

user_ref tenant_directory::put(const user_data& user) {
    return ref_of(impl_->store.put(user));
}

user_ref tenant_directory::try_put(const user_data& user) {
    return ref_of(impl_->store.try_put(user));
}

void tenant_directory::put_all(std::span<const user_data> users) {
    impl_->store.put_all(users);
}

bool tenant_directory::erase(std::uint32_t uid) {
    return impl_->store.erase(uid);
}

void tenant_directory::compact_if_worthwhile() {
    impl_->store.compact_if_worthwhile();
}

void tenant_directory::for_each(const std::function<void(user_ref)>& visit) const {
    for (user_ref which = next(user_ref::none); which != user_ref::none; which = next(which)) {
        visit(which);
    }
}

user_ref tenant_directory::next(user_ref after) const noexcept {
    return ref_of(impl_->store.following(place_of(after)));
}

std::size_t tenant_directory::size() const noexcept {
    return impl_->store.size();
}

std::size_t tenant_directory::active() const noexcept {
    return impl_->store.active();
}

std::uint64_t tenant_directory::generation() const noexcept {
    return impl_->store.generation();
}

std::size_t tenant_directory::memory_bytes() const noexcept {
    return sizeof *this + impl_->store.memory_bytes();
}

std::size_t tenant_directory::mapped_text_bytes() const noexcept {
    return impl_->store.mapped_text_bytes();
}

std::optional<std::string> tenant_directory::verify() const {
    return impl_->store.verify();
}

} // namespace rollcall::directory
