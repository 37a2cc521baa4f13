# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where everything lies in a run directory."""

from __future__ import annotations

from etils import epath

LATENCY_FILES = ("latency_table.json", "latency_check.json", "latency_check.png")
"""What --mode=latency writes."""

ABLATION_FOLDER = "ablation"
"""Where --mode=ablate searches."""

FILES_OF_NO_STAGE = (
    *LATENCY_FILES,
    "scores.csv",
    "scores.jsonl",
    ABLATION_FOLDER,
    *(f"{ABLATION_FOLDER}.{ending}" for ending in ("csv", "html", "json")),
)
"""What --mode=latency, --mode=score and --mode=ablate write, which need no run."""


class RunPaths:
    """The paths of a run directory.

    Attributes:
        path: The folder.

    Args:
        path: The folder, on this machine or in an object store (gs://).
    """

    def __init__(self, path: epath.PathLike) -> None:
        self.path = epath.Path(path)

    @property
    def config_path(self) -> epath.Path:
        """What each stage depends on: {"search": {...}, "train": {...}}."""
        return self.path / "config.json"

    @property
    def state_path(self) -> epath.Path:
        """Which stages are finished."""
        return self.path / "state.json"

    @property
    def environment_path(self) -> epath.Path:
        """Where and how each stage was last started: {"search": {...}, "train": {...}}."""
        return self.path / "environment.json"

    @property
    def dataset_path(self) -> epath.Path:
        """Names of the classes, sizes of the splits, statistics of the channels."""
        return self.path / "dataset.json"

    @property
    def manifest_path(self) -> epath.Path:
        """Every file of the data set, and which image is for what."""
        return self.path / "manifest.jsonl"

    @property
    def genotype_path(self) -> epath.Path:
        """What the search found."""
        return self.path / "genotype.json"

    @property
    def report_path(self) -> epath.Path:
        """The report."""
        return self.path / "report.html"

    @property
    def error_path(self) -> epath.Path:
        """The traceback of the last failure."""
        return self.path / "error.log"

    @property
    def checkpoints_folder(self) -> epath.Path:
        """Checkpoints, <stage>-<epoch>."""
        return self.path / "checkpoints"

    @property
    def export_folder(self) -> epath.Path:
        """Exported networks, <version>/."""
        return self.path / "export"

    def logs_folder(self, stage: str) -> epath.Path:
        """TensorBoard's logs of a stage; `tensorboard --logdir` takes the folder above."""
        return self.path / "logs" / stage

    def metrics_path(self, stage: str) -> epath.Path:
        """The table of metrics, a row an epoch: metrics.csv of a search, training_metrics.csv."""
        return self.path / {"search": "metrics.csv", "train": "training_metrics.csv"}[stage]

    @property
    def resources_path(self) -> epath.Path:
        """Where loss and cost press in a search, and whether its targets are met."""
        return self.path / "resources.json"

    @property
    def seeds_path(self) -> epath.Path:
        """What each seed of a search with several gave."""
        return self.path / "seeds.json"

    @property
    def trials_path(self) -> epath.Path:
        """Every trial of a search by trials, a record as it begins and one as it ends."""
        return self.path / "trials.jsonl"

    @property
    def trials_table_path(self) -> epath.Path:
        """The same as a table, a row a trial that ended."""
        return self.path / "trials.csv"

    def trial_network_path(self, seed: int) -> epath.Path:
        """The network of a trial, by the seed of its evaluation."""
        return self.trial_networks_folder / f"{seed}.keras"

    @property
    def trial_networks_folder(self) -> epath.Path:
        """The networks of trials that are still of use."""
        return self.path / "trials"

    @property
    def choice_path(self) -> epath.Path:
        """How the network was chosen when the search was over, where it was not read off."""
        return self.path / "choice.json"

    @property
    def truth_path(self) -> epath.Path:
        """What a table of true accuracies says of the search."""
        return self.path / "true_accuracy.json"

    def seed_path(self, seed: int) -> epath.Path:
        """The run directory of one of several searches."""
        return self.path / "seeds" / str(seed)

    @property
    def training_genotype_path(self) -> epath.Path:
        """What the training trains: the search's genotype or another."""
        return self.path / "training_genotype.json"

    def picture_path(self, name: str) -> epath.Path:
        """A picture of what was found: normal_cell.png, reduction_cell.png, model.png."""
        return self.path / f"{name}.png"

    def results_path(self, stage: str) -> epath.Path:
        """What was measured of a stage's network: results.json, training_results.json."""
        return self.path / {"search": "results.json", "train": "training_results.json"}[stage]

    def network_path(self, stage: str) -> epath.Path:
        """The network of a stage: child.keras as the search left it, trained.keras."""
        return self.path / {"search": "child.keras", "train": "trained.keras"}[stage]

    @property
    def mistakes_path(self) -> epath.Path:
        """Test images on which the network that leaves the run is wrong."""
        return self.path / "mistakes.json"

    @property
    def latency_table_path(self) -> epath.Path:
        """What the pieces of networks take on this device."""
        return self.path / LATENCY_FILES[0]

    @property
    def latency_check_path(self) -> epath.Path:
        """Predicted and measured latency of random networks."""
        return self.path / LATENCY_FILES[1]

    @property
    def latency_chart_path(self) -> epath.Path:
        """The picture of that."""
        return self.path / LATENCY_FILES[2]

    @property
    def scores_path(self) -> epath.Path:
        """The networks that --mode=score ranked."""
        return self.path / "scores.csv"

    @property
    def score_log_path(self) -> epath.Path:
        """Their scores, as they were computed."""
        return self.path / "scores.jsonl"

    @property
    def ablation_folder(self) -> epath.Path:
        """The runs of an ablation, <variant>/<seed>/."""
        return self.path / ABLATION_FOLDER

    def ablation_path(self, ending: str) -> epath.Path:
        """What an ablation found: a row a search (csv), a page (html), a line a variant (json)."""
        return self.path / f"{ABLATION_FOLDER}.{ending}"

    @property
    def plain_network_path(self) -> epath.Path:
        """The found network in Keras's own layers, which needs no more than Keras."""
        return self.path / "network.keras"

    @property
    def best_network_path(self) -> epath.Path:
        """The network of the training's best epoch on the validation images."""
        return self.path / "best.keras"
