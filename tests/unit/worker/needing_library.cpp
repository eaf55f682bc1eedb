// A shared object that cannot be loaded where the library it was linked against is not found.
extern "C" int geomsu_test_needed();
extern "C" int geomsu_test_needing();
extern "C" int geomsu_test_needing() { return geomsu_test_needed(); }
