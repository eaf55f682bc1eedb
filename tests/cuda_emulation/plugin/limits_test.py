"""Where CUDA and cuBLASLt have limits and habits of their own, and what the plug-in makes of them."""
import unittest

from emulated import OnEmulatedNode

SMALL = "run memory kind=copy dtype=fp64 bytes=4096"


def fault(function, call, status, every=False):
    return f"faults:\n  - {{function: {function}, call: {call}, status: {status}, every: {str(every).lower()}}}\n"


class Limits(OnEmulatedNode):
    def test_partial_sums_are_never_added_in_a_narrow_output(self):
        # Leading dimensions of 4 bytes and no more: the emulated library would split k, and add in bf16 where it may.
        for dtype in ("bf16", "fp16"):
            answer = self.answers([f"run gemm dtype={dtype} m=18 n=34 k=130 layout=nn repeats=3 operand_sets=2"])[0]
            self.assertTrue(answer.startswith("ok "), answer)
            self.assertIn("split-k 4, reduction 2,", answer)

    def test_an_error_that_nobody_asked_about_is_not_the_next_launch_s(self):
        self.expect_ok([SMALL, SMALL], folder=self.emulation(extra=fault("cudaFree", 1, 1)))

    def test_a_host_that_waits_for_each_launch_measures_nothing(self):
        done = self.drive([SMALL], env={"CUDA_LAUNCH_BLOCKING": "1"})
        self.assertRegex(done.answers[1], "^refused 2 .*CUDA_LAUNCH_BLOCKING=1.*; next: ")
        self.expect_ok([SMALL], env={"CUDA_LAUNCH_BLOCKING": "0"})

    def test_nothing_is_allocated_once_a_workload_is_prepared(self):
        # copy: its state, two arrays, scratch; gemm: workspace, one, three matrices, scratch.
        for line, mallocs in ((SMALL + " repeats=3", 4), ("run transfer direction=bidirectional bytes=4096 repeats=2", 3),
                              ("run gemm dtype=bf16 m=16 n=16 k=16 layout=nt repeats=2", 6)):
            self.expect_ok([line], folder=self.emulation(extra=fault("cudaMalloc", mallocs + 1, 2, every=True)))
            answer = self.answers([line], folder=self.emulation(extra=fault("cudaMalloc", mallocs, 2, every=True)))[0]
            self.assertRegex(answer, "^refused [0-9]+ .*cudaMalloc failed")

    def test_a_projection_of_more_rows_than_fit_is_refused_before(self):
        # 1.5 GiB are free: the matrices take 0.4 of it, the rows' sums 1.2.
        answer = self.answers(["run gemm dtype=int8 m=150000000 n=1 k=1 layout=nt"])[0]
        self.assertRegex(answer, "^refused [0-9]+ one operand set needs .* beside it")

    def test_who_waits_sleeps(self):
        answers = self.drive([SMALL], folder=self.emulation(extra=fault("cudaSetDeviceFlags", 1, 999))).answers
        self.assertRegex(answers[2], "^refused [0-9]+ cudaSetDeviceFlags failed")

    def test_each_error_after_which_a_context_is_unusable_makes_the_device_lost(self):
        for status in (709, 710, 717, 810):
            answers = self.answers([SMALL, SMALL], folder=self.emulation(extra=fault("cudaEventSynchronize", 2, status)))
            self.assertRegex(answers[1], "^refused .* was lost before: ", status)


if __name__ == "__main__":
    unittest.main()
