// What another shared object was linked against, and a test takes away.
extern "C" int geomsu_test_needed();
extern "C" int geomsu_test_needed() { return 1; }
