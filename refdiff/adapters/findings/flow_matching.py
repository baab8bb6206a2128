"""What refdiff found in Meta's flow_matching, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["CONVENTIONS", "FINDINGS", "VERSION"]

VERSION = "1.0.10"

_NAN = float("nan")

FINDINGS = (
    Finding(
        "vp_model_is_nan_on_the_straight_path",
        "a VP model moved to CondOT is nan at once",
        "transformed_velocity",
        "data at 1, the exact VP velocity moved to CondOTScheduler, two Euler steps from x = 0.3 at noise",
        (_NAN,),
        (1.0,),
        "VPScheduler never reaches an SNR of 0, CondOTScheduler starts there: snr_inverse takes log(0), the old time becomes "
        "-inf, and inf*0 in VPScheduler's d_alpha_t is nan. It is the pair of schedulers that Lipman et al. 2024 list for this "
        "class. From 1e-3 on the same run is right. PolynomialConvexScheduler of n > 1 is nan there too: 0/0.",
        """
import torch
from flow_matching.path import AffineProbPath
from flow_matching.path.scheduler import CondOTScheduler, ScheduleTransformedModel, VPScheduler
from flow_matching.solver import ODESolver
class Model(torch.nn.Module):
    def forward(self, x, t):
        return AffineProbPath(VPScheduler()).target_to_velocity(torch.ones_like(x), x, t)
model = ScheduleTransformedModel(Model(), VPScheduler(), CondOTScheduler())
got = ODESolver(model).sample(torch.tensor([0.3]), step_size=0.5)
""",
    ),
    Finding(
        "moved_model_is_nan_at_the_data",
        "a CondOT model moved elsewhere: nan at t = 1",
        "transformed_velocity",
        "standard normal data, the exact CondOT velocity moved to PolynomialConvexScheduler(2), at x = 1, t = 1",
        (_NAN,),
        (2.0,),
        "at the data sigma_t is 0, the SNR infinite, and kappa = snr/(1 + snr) is nan. With CosineScheduler float32 rounds "
        "sigma_1 to -4.4e-8 instead, the SNR is negative, and the velocity about -2e7. Euler and midpoint never ask there; "
        "heun2, heun3 and rk4 do.",
        """
import torch
from flow_matching.path.scheduler import CondOTScheduler, PolynomialConvexScheduler, ScheduleTransformedModel
class Model(torch.nn.Module):
    def forward(self, x, t):
        return (2 * t - 1) / (t**2 + (1 - t) ** 2) * x
model = ScheduleTransformedModel(Model(), CondOTScheduler(), PolynomialConvexScheduler(2))
got = model(torch.ones(1), torch.tensor(1.0))
""",
    ),
    Finding(
        "hutchinson_refuses_float64",
        "the Hutchinson likelihood refuses float64",
        "hutchinson_divergence",
        "velocity 2*x in float64, d = 3, one Euler step from x = 1; log density added by the flow",
        (),
        (-6.0,),
        "the probe is (randn < 0)*2.0 - 1.0, which is float32 whatever the state is, and einsum refuses to mix: RuntimeError. "
        "In float32 the estimate is right.",
        """
import torch
from flow_matching.solver import ODESolver
solver = ODESolver(lambda x, t: 2 * x)
try:
    got = solver.compute_likelihood(torch.ones(1, 3, dtype=torch.float64), lambda x: 0 * x[:, 0], None)[1]
except RuntimeError:
    got = ()
""",
        case="likelihood.hutchinson_divergence/kind-5-d-3-batch-4-v-4@1",
    ),
    Finding(
        "exact_divergence_refuses_images",
        "exact_divergence=True refuses images",
        "exact_divergence",
        "velocity 2*x, x of shape (1, 1, 2, 2), one Euler step from x = 1; log density added by the flow",
        (),
        (-8.0,),
        "the loop counts the entries of the flattened velocity and indexes the velocity as it is, whose second axis is the "
        "channels: IndexError for anything but vectors. The Hutchinson estimate flattens both.",
        """
import torch
from flow_matching.solver import ODESolver
solver, image = ODESolver(lambda x, t: 2 * x), torch.ones(1, 1, 2, 2)
try:
    got = solver.compute_likelihood(image, lambda x: 0 * x[:, 0, 0, 0], None, exact_divergence=True)[1]
except IndexError:
    got = ()
""",
    ),
    Finding(
        "cosine_sigma_is_negative_at_the_data",
        "CosineScheduler: sigma < 0 at the data",
        "cosine_path_scales",
        "t = 1 (data) in float32; sigma_t",
        (-4.371139e-08,),
        (0.0,),
        "sigma_t is the cosine of pi/2*t, which loses all digits of a small sigma near t = 1: at 1e-4 from the data it keeps 12 "
        "of float64's 16, and 3 of float32's 7. sin(pi/2*(1 - t)) keeps them, as 1 - t is exact there.",
        """
import torch
from flow_matching.path.scheduler import CosineScheduler
got = CosineScheduler()(torch.tensor([1.0])).sigma_t
""",
        case="flow.cosine_path_scales/v-15@1",
    ),
)

CONVENTIONS = (
    "t = 1 is data, and velocities point to it.",
    "torchdiffeq's rk4, which ODESolver takes by name, is the three eighths rule. Documented by torchdiffeq.",
    "conversions broadcast t against the state as it is: a batch of times needs trailing axes, which `sample` adds by itself.",
    "the Hutchinson likelihood draws one probe for a whole run. Discussed in its issue 49.",
    "a last step shorter than step_size ends a run whose length it does not divide. Documented by torchdiffeq.",
)
