"""The bugs that are replayed, and those that cannot be."""

from tests.releases.replay import Replay

__all__ = ["REPLAYS", "SKIPPED"]

REPLAYS = (
    Replay(
        bug="B030",
        thread="huggingface/diffusers#2076",
        what="DDPM's strided step is the one to t - 1",
        distribution="diffusers",
        before="0.12.1",
        after="0.13.0",
        adapter="diffusers_ddpm",
        formulas=("ddpm_step", "posterior_mean", "posterior_variance"),
        file="diffusers/schedulers/scheduling_ddpm.py",
        wrong="alpha_prod_t_prev = self.alphas_cumprod[t - 1] if t > 0 else self.one",
        right="alpha_prod_t_prev = self.alphas_cumprod[prev_t] if prev_t >= 0 else self.one",
        dtype="float32",
    ),
    Replay(
        bug="B034",
        thread="huggingface/diffusers#3006",
        what="learned variance's larger end is log(beta_t) when striding",
        distribution="diffusers",
        before="0.14.0",
        after="0.15.0",
        adapter="diffusers_ddpm",
        formulas=("posterior_log_variance_learned",),
        file="diffusers/schedulers/scheduling_ddpm.py",
        wrong="max_log = torch.log(self.betas[t])",
        right="max_log = torch.log(current_beta_t)",
        dtype="float32",
    ),
)

SKIPPED: dict[str, str] = {}
