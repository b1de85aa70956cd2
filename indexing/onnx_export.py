"""Owns turning a sentence-transformers model into an ONNX file with eight-bit weights, once.

The library's own ONNX backend needs optimum-onnx, whose newest release refuses the version of
transformers that this project uses; torch's exporter and onnxruntime's quantizer, which optimum
calls as well, are called here instead. Weights are rounded per output channel to seven bits, so
that sums of products can't overflow on processors without VNNI.

Source: dynamic quantization, https://onnxruntime.ai/docs/performance/model-optimizations/
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from filelock import FileLock
from platformdirs import user_cache_path

from indexing.errors import ModelCacheUnusable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

EXPORT_VERSION = 1
"""To be raised with every change of how models are exported."""
_OPSET = 17
_MODEL = "model.onnx"
_TOKENIZER = "tokenizer.json"
_FACTS = "encoder.json"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class ExportedModel:
    """A model on disk and what is needed to use it."""

    folder: Path
    dimension: int
    most_tokens: int
    """Word pieces that the model reads of a text, special tokens included."""
    pad_id: int
    query_prompt: str
    """What stands before a query when it is embedded; often nothing."""
    passage_prompt: str

    @property
    def model_file(self) -> Path:
        """The network."""
        return self.folder / _MODEL

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer, as the tokenizers library reads it."""
        return self.folder / _TOKENIZER


def default_cache() -> Path:
    """Where exported models are kept for all data folders of a user."""
    return Path(user_cache_path("heidi", appauthor=False)) / "models"


def exported(model: str, cache: Path | None = None, *, quantize: bool = True) -> ExportedModel:
    """The exported form of a model, made first if there is none yet.

    Several processes may ask at once; one makes it.

    Args:
        model: Name or path of a sentence-transformers model.
        cache: Folder of exported models; none: the user's cache.
        quantize: Whether weights become eight-bit integers.

    Raises:
        ModelCacheUnusable: The folder can't be written.
    """
    root = cache or default_cache()
    folder = root / _key(model, quantize)
    if not (folder / _FACTS).exists():
        with _owned(root, folder.name):
            if not (folder / _FACTS).exists():
                _log.info("model export", model=Path(model).name, quantize=quantize)
                _make(model, folder, quantize)
    facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    return ExportedModel(folder=folder, **facts)


@contextmanager
def _owned(root: Path, name: str) -> Iterator[None]:
    """The one process that makes a model."""
    lock = FileLock(root / f"{name}.lock")
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise ModelCacheUnusable(root, error.strerror or str(error)) from error
    try:
        yield
    finally:
        lock.release()


def load_sentence_transformer(name: str, *, attention: str | None = None) -> SentenceTransformer:
    """A sentence-transformers model on the CPU; a folder is loaded without the network.

    Args:
        name: Name or path of the model.
        attention: How transformers computes attention; none: as it likes best.
    """
    is_local = Path(name).exists()
    if is_local:
        # Before the import: huggingface_hub reads the variable once.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    # On a busy machine threads that spin at barriers burn more time than they compute.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(
        name,
        device="cpu",
        local_files_only=is_local,
        model_kwargs={"attn_implementation": attention} if attention else None,
    )


def _key(model: str, quantize: bool) -> str:
    """Name of an exported model's folder; another when the weights or the export change."""
    path = Path(model)
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.exists() else []
    state = [(file.name, file.stat().st_size) for file in files]
    digest = hashlib.sha256(repr((EXPORT_VERSION, _OPSET, model, state)).encode()).hexdigest()[:12]
    return f"{path.name}-{'int8' if quantize else 'fp32'}-{digest}"


def _make(model: str, folder: Path, quantize: bool) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        made = Path(name) / "made"
        made.mkdir()
        # Plain attention: the fused kernels have no counterpart in ONNX.
        loaded = load_sentence_transformer(model, attention="eager")
        network = Path(name) / "network.onnx"
        with _quiet():
            _export(loaded, network)
            if quantize:
                _quantize(network, made / _MODEL)
            else:
                shutil.move(network, made / _MODEL)
        loaded.tokenizer.backend_tokenizer.save(str(made / _TOKENIZER))
        facts = asdict(_facts(loaded, folder))
        del facts["folder"]
        (made / _FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        made.replace(folder)


def _facts(model: SentenceTransformer, folder: Path) -> ExportedModel:
    prompts = model.prompts or {}
    usual = prompts.get(model.default_prompt_name or "") or ""
    return ExportedModel(
        folder=folder,
        dimension=int(model.get_embedding_dimension() or 0),
        most_tokens=int(model.max_seq_length or 512),
        pad_id=int(model.tokenizer.pad_token_id or 0),
        query_prompt=prompts.get("query") or usual,
        passage_prompt=prompts.get("document") or prompts.get("passage") or usual,
    )


def _export(model: SentenceTransformer, file: Path) -> None:
    import torch

    class Pooled(torch.nn.Module):
        """The whole pipeline of the model, pooling included, of one tensor each way."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {
                "input_ids": input_ids,
                "attention_mask": attention_mask,
                "token_type_ids": torch.zeros_like(input_ids),
            }
            found = self.model(features)["sentence_embedding"]
            return torch.nn.functional.normalize(found, p=2, dim=1)

    example = model.tokenizer(["an example of some length", "short"], padding=True)
    inputs = (
        torch.tensor(example["input_ids"]),
        torch.tensor(example["attention_mask"]),
    )
    names = ("input_ids", "attention_mask")
    torch.onnx.export(
        Pooled().eval(),
        inputs,
        file,
        input_names=list(names),
        output_names=["embedding"],
        dynamic_axes={
            **{name: {0: "texts", 1: "tokens"} for name in names},
            "embedding": {0: "texts"},
        },
        opset_version=_OPSET,
        dynamo=False,
    )


def _quantize(source: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Both libraries warn of what is done here on purpose."""
    root = logging.getLogger()
    level = root.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root.setLevel(logging.ERROR)
        try:
            yield
        finally:
            root.setLevel(level)
