"""`geomsu conform` on the plug-in and its first GPU."""
import gpu
import emulated
from gpu import OnGpu, size


class Conform(OnGpu):
    def test_every_rule_holds(self):
        done = self.geomsu("conform", *size(["--long"], ["--rule", "answers", "--rule", "too-late"]), emulated.PLUGIN)
        print("\n" + done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    gpu.main()
