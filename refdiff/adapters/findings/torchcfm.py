"""What refdiff found in torchcfm, each with code that shows it without refdiff."""

from refdiff.adapters.findings import Finding

__all__ = ["CONVENTIONS", "FINDINGS", "VERSION"]

VERSION = "1.0.7"

FINDINGS = (
    Finding(
        "distances_lose_their_digits_from_26_points_on",
        "distances of more than 25 points cancel",
        "minibatch_ot_cost",
        "26 points at 4097 and 26 at 4096 in float32; their Wasserstein-2 distance",
        (0.0,),
        (1.0,),
        "torch.cdist squares and multiplies out (x**2 + y**2 - 2*x*y) as soon as a batch has more than 25 points, and float32 "
        "keeps nothing of a small distance far from the origin. Of 64 standard normal points the distance to themselves is "
        "2e-4 instead of 0, of the same points moved by 100 it is 0.03. OTPlanSampler's costs come from the same call. "
        "compute_mode='donot_use_mm_for_euclid_dist' keeps them.",
        """
import torch
from torchcfm.optimal_transport import wasserstein
got = wasserstein(torch.full((26, 1), 4097.0), torch.full((26, 1), 4096.0))
""",
    ),
    Finding(
        "sinkhorn_plan_becomes_uniform",
        "sinkhorn plans at image scale are uniform",
        "minibatch_ot_permutation",
        "points (0, 0) and (40, 0), noises (0, 30) and (40, 30), reg = 0.05; share of the straight pairs",
        (0.25,),
        (0.5,),
        "exp(-cost/reg) underflows for squared distances beyond 37 at the default reg, as those of images are; the plan then "
        "becomes that of independent draws, with a warning. pot's sinkhorn_log does not underflow. The method is what "
        "SchrodingerBridgeConditionalFlowMatcher(ot_method='sinkhorn') uses, with reg = 2*sigma**2.",
        """
import torch
from torchcfm.optimal_transport import OTPlanSampler
points, noises = torch.tensor([[0.0, 0.0], [40.0, 0.0]]), torch.tensor([[0.0, 30.0], [40.0, 30.0]])
got = OTPlanSampler("sinkhorn").get_map(points, noises)[0, 0]
""",
        documented="a warning: 'Numerical errors in OT plan, reverting to uniform plan.'",
    ),
    Finding(
        "trigonometric_sigma_is_negative_at_the_data",
        "trigonometric path: sigma < 0 at the data",
        "cosine_path_scales",
        "noise 1, data 0, t = 1 (data) in float32; the path's mean",
        (-4.371139e-08,),
        (0.0,),
        "the noise's scale is the cosine of pi/2*t, which loses all digits near t = 1: at 1e-4 from the data it keeps 12 of "
        "float64's 16, and 3 of float32's 7. sin(pi/2*(1 - t)) keeps them, as 1 - t is exact there.",
        """
import torch
from torchcfm.conditional_flow_matching import VariancePreservingConditionalFlowMatcher
one = torch.ones(1)
got = VariancePreservingConditionalFlowMatcher().compute_mu_t(one, 0 * one, one)
""",
        case="flow.cosine_path_scales/v-15@1",
    ),
)

CONVENTIONS = (
    "t = 1 is data, x0 is noise and x1 data, and velocities point to the data.",
    "sigma of ConditionalFlowMatcher is noise of that scale at every time, the data included; of TargetConditionalFlowMatcher it "
    "is Lipman et al.'s sigma_min. Documented there.",
    "sample_plan draws as many pairs from the plan as the batch has, with replacement: some pairs come twice, others not at all. "
    "Documented there as replace=True.",
    "SchrodingerBridgeConditionalFlowMatcher's velocity and compute_lambda have 1e-8 added to their denominators: without "
    "effect but at times within about 1e-6 of an end, or for sigma below about 1e-3.",
)
