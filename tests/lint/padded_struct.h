/* For the self-test of the ABI header's lint: a struct with a hole, which must be refused. */
struct geomsu_padded {
  char a;
  long b;
};
