// sqlite_store by the rules of every store.
#include "audit_conformance.hpp"
#include "books_conformance.hpp"
#include "hooks_conformance.hpp"

namespace rollcall::storage::testing {
namespace {

struct sqlite_factory {
    temporary_folder folder;
    std::unique_ptr<sync::store> open(virtual_home& home, std::size_t runs_kept) {
        auto options = options_for(folder.path());
        options.runs_kept = runs_kept;
        return open_store(home, std::move(options));
    }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreConformance, sqlite_factory);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreBooksConformance, sqlite_factory);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreAuditConformance, sqlite_factory);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreHooksConformance, sqlite_factory);

} // namespace
} // namespace rollcall::storage::testing
