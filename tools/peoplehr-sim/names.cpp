#include "names.hpp"

#include <array>

namespace rollcall::sim {
namespace {

using std::string_view;

constexpr std::array english_first{written_name{"Oliver", "oliver"},
                                   written_name{"Amelia", "amelia"},
                                   written_name{"George", "george"},
                                   written_name{"Isla", "isla"},
                                   written_name{"Harry", "harry"},
                                   written_name{"Ava", "ava"},
                                   written_name{"Jack", "jack"},
                                   written_name{"Emily", "emily"},
                                   written_name{"Mary Jane", "mary.jane"},
                                   written_name{"Sophie", "sophie"},
                                   written_name{"Thomas", "thomas"},
                                   written_name{"Grace", "grace"},
                                   written_name{"William", "william"},
                                   written_name{"Freya", "freya"},
                                   written_name{"James", "james"},
                                   written_name{"Charlotte", "charlotte"},
                                   written_name{"Muhammad", "muhammad"},
                                   written_name{"Priya", "priya"},
                                   written_name{"Dave \"Sparky\"", "dave"},
                                   written_name{"Jo", "jo"}};
constexpr std::array english_last{written_name{"Smith", "smith"},
                                  written_name{"Jones", "jones"},
                                  written_name{"Taylor", "taylor"},
                                  written_name{"Brown", "brown"},
                                  written_name{"Williams", "williams"},
                                  written_name{"O'Neill", "oneill"},
                                  written_name{"Davies", "davies"},
                                  written_name{"Patel", "patel"},
                                  written_name{"Wright", "wright"},
                                  written_name{"Fotheringham-Hughes", "fotheringham-hughes"},
                                  written_name{"Walker", "walker"},
                                  written_name{"McDonald", "mcdonald"},
                                  written_name{"Khan", "khan"},
                                  written_name{"van der Berg", "vanderberg"},
                                  written_name{"Green", "green"},
                                  written_name{"Hall", "hall"},
                                  written_name{"Ng", "ng"},
                                  written_name{"Clarke", "clarke"},
                                  written_name{"Begum", "begum"},
                                  written_name{"Wood & Sons", "wood"}};

constexpr std::array accent_first{written_name{"Zoë", "zoe"},
                                  written_name{"José", "jose"},
                                  written_name{"Øyvind", "oyvind"},
                                  written_name{"Łukasz", "lukasz"},
                                  written_name{"Françoise", "francoise"},
                                  written_name{"Jürgen", "jurgen"},
                                  written_name{"Siân", "sian"},
                                  written_name{"Tomáš", "tomas"},
                                  written_name{"Ağça", "agca"},
                                  written_name{"Þóra", "thora"}};
constexpr std::array accent_last{
    written_name{"Nováková", "novakova"}, written_name{"Müller", "muller"},
    written_name{"Núñez", "nunez"},       written_name{"Żółć", "zolc"},
    written_name{"Šimić", "simic"},       written_name{"Straße", "strasse"},
    written_name{"D’Arcy", "darcy"},      written_name{"Ångström", "angstrom"},
    written_name{"İnönü", "inonu"},       written_name{"Lefèvre", "lefevre"}};

// The same kind of names with combining marks, as a Mac or an old import writes them.
constexpr std::array decomposed_first{
    written_name{"Zoe\u0308", "zoe"}, written_name{"Jose\u0301", "jose"},
    written_name{"Ju\u0308rgen", "jurgen"}, written_name{"Rene\u0301e", "renee"}};
constexpr std::array decomposed_last{written_name{"Mu\u0308ller", "muller"},
                                     written_name{"Nun\u0303ez", "nunez"},
                                     written_name{"Nova\u0301kova\u0301", "novakova"},
                                     written_name{"A\u030Angstro\u0308m", "angstrom"}};

constexpr std::array cyrillic_first{written_name{"Анна", "anna"}, written_name{"Дмитрий", "dmitry"},
                                    written_name{"Ольга", "olga"}, written_name{"Сергій", "serhii"},
                                    written_name{"Ёлка", "yolka"}};
constexpr std::array cyrillic_last{
    written_name{"Иванова", "ivanova"}, written_name{"Шевченко", "shevchenko"},
    written_name{"Петров", "petrov"}, written_name{"Їжакевич", "yizhakevych"}};

constexpr std::array greek_first{written_name{"Γιώργος", "giorgos"}, written_name{"Ελένη", "eleni"},
                                 written_name{"Νίκος", "nikos"}};
constexpr std::array greek_last{written_name{"Παπαδόπουλος", "papadopoulos"},
                                written_name{"Οικονόμου", "oikonomou"},
                                written_name{"Ιωάννου", "ioannou"}};

constexpr std::array arabic_first{written_name{"فاطمة", "fatima"}, written_name{"محمد", "mohammed"},
                                  written_name{"ليلى", "layla"}};
constexpr std::array arabic_last{written_name{"الحسن", "alhassan"},
                                 written_name{"الشمري", "alshammari"},
                                 written_name{"عبد الله", "abdullah"}};

constexpr std::array chinese_first{written_name{"伟", "wei"}, written_name{"秀英", "xiuying"},
                                   written_name{"小龙", "xiaolong"}, written_name{"𠮷", "ji"}};
constexpr std::array chinese_last{written_name{"王", "wang"}, written_name{"李", "li"},
                                  written_name{"欧阳", "ouyang"}};

constexpr std::array japanese_first{written_name{"さくら", "sakura"}, written_name{"健太", "kenta"},
                                    written_name{"ハルト", "haruto"}};
constexpr std::array japanese_last{written_name{"佐藤", "sato"}, written_name{"高橋", "takahashi"},
                                   written_name{"渡邉", "watanabe"}};

constexpr std::array hebrew_first{written_name{"נועה", "noa"}, written_name{"יוסף", "yosef"},
                                  written_name{"שָׂרָה", "sara"}};
constexpr std::array hebrew_last{written_name{"כהן", "cohen"}, written_name{"לוי", "levi"},
                                 written_name{"בן־דוד", "bendavid"}};

constexpr std::array scripts{name_script{english_first, english_last, 60},
                             name_script{accent_first, accent_last, 16},
                             name_script{decomposed_first, decomposed_last, 3},
                             name_script{cyrillic_first, cyrillic_last, 5},
                             name_script{greek_first, greek_last, 3},
                             name_script{arabic_first, arabic_last, 4},
                             name_script{chinese_first, chinese_last, 4},
                             name_script{japanese_first, japanese_last, 3},
                             name_script{hebrew_first, hebrew_last, 2}};

constexpr std::array<string_view, 24> departments{"Sales",
                                                  "Finance",
                                                  "Human Resources",
                                                  "Engineering",
                                                  "Operations",
                                                  "Marketing",
                                                  "Works",
                                                  "Logistics",
                                                  "Legal",
                                                  "Customer Service",
                                                  "IT",
                                                  "Research",
                                                  "Warehouse",
                                                  "Catering",
                                                  "R&D",
                                                  "Santé & Sécurité",
                                                  "Procurement",
                                                  "Quality",
                                                  "Facilities",
                                                  "Retail",
                                                  "Board",
                                                  "Care",
                                                  "Transport",
                                                  "Design"};

constexpr std::array<string_view, 14> locations{
    "Leeds",   "London",    "Manchester", "Cardiff", "Home / Remote", "Zürich",     "Kraków",
    "Glasgow", "Reykjavík", "Αθήνα",      "東京",    "Head Office",   "St. Helens", "Belfast"};

constexpr std::array<string_view, 24> job_roles{"Fitter",
                                                "Accountant",
                                                "Software Engineer",
                                                "Account Manager",
                                                "Driver",
                                                "Care Assistant",
                                                "HR Officer",
                                                "Team Leader",
                                                "Director",
                                                "Chef de Partie",
                                                "Warehouse Operative",
                                                "Analyst",
                                                "Receptionist",
                                                "Site Manager",
                                                "Apprentice",
                                                "Designer",
                                                "Support Engineer",
                                                "Paralegal",
                                                "Buyer",
                                                "Head of Sales",
                                                "Quality Inspector",
                                                "Store Manager",
                                                "Ingénieur",
                                                "\"Acting\" Supervisor"};

constexpr std::array<string_view, 12> companies{
    "Northgate Works", "Blue Harbour", "Acorn Care",      "Pennine Logistics",
    "Fenwick & Cole",  "Vale Foods",   "Sørensen Marine", "Calder Retail",
    "Kestrel Systems", "Moor House",   "Tolkien Print",   "Ridgeway Energy"};

} // namespace

std::span<const name_script> name_scripts() noexcept {
    return scripts;
}
std::span<const string_view> department_pool() noexcept {
    return departments;
}
std::span<const string_view> location_pool() noexcept {
    return locations;
}
std::span<const string_view> job_role_pool() noexcept {
    return job_roles;
}
std::span<const string_view> company_pool() noexcept {
    return companies;
}

} // namespace rollcall::sim
