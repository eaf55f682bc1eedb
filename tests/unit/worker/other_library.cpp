// A shared object that is no plug-in.
extern "C" int geomsu_test_not_a_plugin();
extern "C" int geomsu_test_not_a_plugin() { return 1; }
