"""Records how sae-lens itself reads files of published layouts: src/fixtures/published-layouts.json.

    python -m venv venv && venv/bin/pip install torch==2.13.0 sae-lens==6.54.12
    venv/bin/python packages/sae/scripts/record-published-layouts.py

Each case is a tiny SAE in the real layout of its release: the names, tensor names, orientations and fields of the
published files, with small sizes. sae-lens reads it through SAE.from_pretrained with its own loader; only the download is
replaced by a local folder, and the sizes that it knows by heart by config_overrides. Numbers are 32nds, which float16,
bfloat16 and float32 hold exactly; decoder rows of Llama Scope have norm 1, where sae-lens and the authors agree.
"""
import base64
import json
import pathlib
import tempfile
import warnings

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from sae_lens import SAE
from sae_lens.loading import pretrained_sae_loaders as loaders
from sae_lens.loading.pretrained_saes_directory import PretrainedSAELookup, get_pretrained_saes_directory

D_IN, D_SAE, LAYERS, ROWS = 6, 12, 3, 5
torch.manual_seed(8)
warnings.simplefilter("ignore")
disk = pathlib.Path(tempfile.mkdtemp())


def grid(*shape, scale=1.0):
    return (torch.randn(*shape) * scale * 32).round() / 32


def unit_rows(rows, width):
    """Rows of norm exactly 1: four halves."""
    out = torch.zeros(rows, width)
    for row in out:
        row[torch.randperm(width)[:4]] = torch.randint(0, 2, (4,)) - 0.5
    return out


def download(repo_id, filename, subfolder=None, **_):
    path = disk / repo_id / (subfolder or "") / filename
    if not path.exists():
        raise loaders.EntryNotFoundError(f"{path} is missing")
    return str(path)


def shapes(repo_id, filename):
    with safe_open(disk / repo_id / filename, framework="pt") as file:
        return {name: list(file.get_slice(name).get_shape()) for name in file.keys()}


loaders.hf_hub_download = download
loaders.get_safetensors_tensor_shapes = shapes

X = grid(ROWS, D_IN) + 0.5
W_enc, b_enc = grid(D_IN, D_SAE, scale=0.6), grid(D_SAE, scale=0.2)
W_dec, b_dec = grid(D_SAE, D_IN, scale=0.5), grid(D_IN, scale=0.3)
threshold = torch.randint(4, 24, (D_SAE,)) / 32
PLAIN = {"W_enc": W_enc, "b_enc": b_enc, "W_dec": W_dec, "b_dec": b_dec}


def npz(tensors):
    return lambda path: np.savez(path, **{name: tensor.numpy() for name, tensor in tensors.items()})


def safetensors(tensors, dtype=torch.float32):
    return lambda path: save_file({name: tensor.to(dtype).contiguous() for name, tensor in tensors.items()}, path)


def torch_file(value):
    return lambda path: torch.save(value, path)


def text(value):
    return lambda path: path.write_text(value if isinstance(value, str) else json.dumps(value, indent=1))


def linear(decoder, extra=None, names=("encoder", "decoder")):
    """torch.nn.Linear's layouts: [out, in]."""
    encoder, out = names
    return {f"{encoder}.weight": W_enc.T.clone(), f"{encoder}.bias": b_enc, f"{out}.weight": decoder.T.clone(), f"{out}.bias": b_dec, **(extra or {})}


SIZES = {"d_in": D_IN, "d_sae": D_SAE}
JUMPRELU = {**PLAIN, "threshold": threshold}
LOWER = {"w_enc": W_enc, "b_enc": b_enc, "w_dec": W_dec, "b_dec": b_dec, "threshold": threshold}
HYPERPARAMS = {
    "dtype": "torch.bfloat16", "hook_point_in": "blocks.9.hook_resid_post", "hook_point_out": "blocks.9.hook_resid_post", "use_decoder_bias": True,
    "apply_decoder_bias_to_pre_encoder": False, "expansion_factor": 2, "d_model": D_IN, "d_sae": D_SAE, "act_fn": "jumprelu",
    "jump_relu_threshold": 0.3125, "norm_activation": "dataset-wise", "dataset_average_activation_norm": {"in": 1.5, "out": 1.5},
    "sparsity_include_decoder_norm": True, "use_glu_encoder": False, "top_k": 50,
}
R1_CONFIG = {
    "sae_type": "sae", "hook_point_in": "blocks.7.hook_resid_post", "hook_point_out": "blocks.7.hook_resid_post", "d_model": D_IN, "expansion_factor": 2,
    "use_decoder_bias": True, "act_fn": "jumprelu", "norm_activation": "dataset-wise", "sparsity_include_decoder_norm": True, "use_glu_encoder": False,
}
UNIT = unit_rows(D_SAE, D_IN)
skip = grid(D_IN, D_IN, scale=0.3)
clt_decoder = grid(D_SAE, LAYERS, D_IN, scale=0.5)
GEMMA3 = {"architecture": "jump_relu", "model_name": "gemma-v3-1b-pt", "hf_hook_point_in": "model.layers.4.output", "width": D_SAE, "l0": 20, "type": "sae"}
GEMMA3_TRANSCODER = {**GEMMA3, "type": "transcoder", "hf_hook_point_in": "model.layers.4.pre_feedforward_layernorm.output", "hf_hook_point_out": "model.layers.4.post_feedforward_layernorm.output"}
WANDB = f"_wandb:\n  value: {{}}\nbatch_size:\n  value: 2048\nd_feature:\n  value: {D_SAE}\nd_model:\n  value: {D_IN}\n"
CIRCUIT = "model_name: Qwen/Qwen3-0.6B\nmodel_kind: transcoder_set\nfeature_input_hook: mlp.hook_in\nfeature_output_hook: hook_mlp_out\nscan: mwhanna/qwen3-0.6b-transcoders\n"

GOODFIRE = "Goodfire/Llama-3.1-8B-Instruct-SAE-l19"
QWEN = "Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_3"

# name, loader, repository, path, files, and what sae-lens knows by heart but is smaller here
CASES = [
    ("gemma scope, residual stream", "gemma_2", "google/gemma-scope-2b-pt-res", "layer_20/width_16k/average_l0_71", {"params.npz": npz(JUMPRELU)}, SIZES),
    ("gemma scope, mlp, lower-case names", "gemma_2", "google/gemma-scope-9b-pt-mlp", "layer_3/width_131k/average_l0_10", {"params.npz": npz({"w_enc": W_enc, "w_dec": W_dec, "b_enc": b_enc, "b_dec": b_dec, "threshold": threshold})}, SIZES),
    ("gemma scope, attention", "gemma_2", "google/gemma-scope-2b-pt-att", "layer_0/width_16k/average_l0_104", {"params.npz": npz(JUMPRELU)}, SIZES),
    ("gemma scope, embedding", "gemma_2", "google/gemma-scope-9b-pt-res", "embedding/width_4k/average_l0_14", {"params.npz": npz(JUMPRELU)}, SIZES),
    ("gemma scope, instruction-tuned", "gemma_2", "google/gemma-scope-9b-it-res", "layer_31/width_16k/average_l0_76", {"params.npz": npz(JUMPRELU)}, SIZES),
    ("gemma transcoder", "gemma_2_transcoder", "google/gemma-scope-2b-pt-transcoders", "layer_11/width_16k/average_l0_5", {"params.npz": npz(JUMPRELU)}, {**SIZES, "d_out": D_IN}),
    ("gemma scope 2, residual stream", "gemma_3", "google/gemma-scope-2-1b-pt", "resid_post/layer_4_width_16k_l0_small", {"params.safetensors": safetensors(LOWER), "config.json": text(GEMMA3)}, {}),
    ("gemma scope 2, attention", "gemma_3", "google/gemma-scope-2-270m-pt", "attn_out_all/layer_9_width_16k_l0_small", {"params.safetensors": safetensors(LOWER), "config.json": text({**GEMMA3, "model_name": "gemma-v3-270m-pt", "hf_hook_point_in": "model.layers.9.self_attn.o_proj.input"})}, {}),
    ("gemma scope 2, mlp, without config", "gemma_3", "google/gemma-scope-2-4b-it", "mlp_out/layer_17_width_16k_l0_small", {"params.safetensors": safetensors(LOWER)}, {}),
    ("gemma scope 2, transcoder", "gemma_3", "google/gemma-scope-2-1b-pt", "transcoder_all/layer_4_width_16k_l0_small", {"params.safetensors": safetensors(LOWER), "config.json": text({**GEMMA3_TRANSCODER, "affine_connection": False})}, {}),
    ("gemma scope 2, affine transcoder", "gemma_3", "google/gemma-scope-2-1b-pt", "transcoder_all/layer_4_width_16k_l0_small_affine", {"params.safetensors": safetensors({**LOWER, "affine_skip_connection": skip}), "config.json": text({**GEMMA3_TRANSCODER, "affine_connection": True})}, {}),
    ("llama scope", "llama_scope", "fnlp/Llama3_1-8B-Base-LXR-8x", "Llama3_1-8B-Base-L9R-8x", {"hyperparams.json": text(HYPERPARAMS), "checkpoints/final.safetensors": safetensors(linear(UNIT), torch.bfloat16)}, {"scale": D_IN**0.5 / 1.5}),
    ("llama scope r1", "llama_scope_r1_distill", "fnlp/Llama-Scope-R1-Distill", "800M-Slimpajama-0-OpenR1-Math-220k/L7R", {"config.json": text(R1_CONFIG), "sae_weights.safetensors": safetensors(linear(UNIT, {"log_jumprelu_threshold": grid(D_SAE, scale=0.5) - 1, "dataset_average_activation_norm.blocks.7.hook_resid_post": torch.tensor(2.5)}))}, {"scale": D_IN**0.5 / 2.5}),
    ("deepseek r1", "deepseek_r1", "qresearch/DeepSeek-R1-Distill-Llama-8B-SAE-l19", "DeepSeek-R1-Distill-Llama-8B-SAE-l19.pt", {"": torch_file({name: tensor.bfloat16() for name, tensor in linear(W_dec).items()})}, SIZES),
    ("goodfire", "goodfire", GOODFIRE, "Llama-3.1-8B-Instruct-SAE-l19.pth", {"": torch_file(linear(W_dec, names=("encoder_linear", "decoder_linear")))}, SIZES),
    ("qwen scope", "qwen_scope", QWEN, "layer13.sae.pt", {"": torch_file({**PLAIN, "W_enc": W_enc.T.clone(), "W_dec": W_dec.T.clone()})}, SIZES),
    ("mwhanna transcoder", "mwhanna_transcoder", "mwhanna/qwen3-0.6b-transcoders", "layer_5.safetensors", {"": safetensors({**PLAIN, "W_enc": W_enc.T}), "/wandb-config.yaml": text(WANDB), "/config.yaml": text(CIRCUIT)}, {}),
    ("mwhanna transcoder, misspelt and without config.yaml", "mwhanna_transcoder", "mwhanna/qwen3-14b-transcoders", "layer_2.safetensors", {"": safetensors({**PLAIN, "W_enc": W_enc.T}), "/wanb-config.yaml": text(WANDB)}, {}),
    ("clt layer", "mntss_clt_layer_transcoder", "mntss/clt-gemma-2-2b-2.5M", "2", {"/W_enc_2.safetensors": safetensors({"W_enc_2": W_enc.T, "b_enc_2": b_enc, "b_dec_2": b_dec}), "/W_dec_2.safetensors": safetensors({"W_dec_2": clt_decoder}), "/config.yaml": text("model_name: google/gemma-2-2b\nmodel_kind: cross_layer_transcoder\nfeature_input_hook: ln2.hook_normalized\nfeature_output_hook: hook_mlp_out\n")}, {}),
]


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().double().flatten().tolist()]


def place(path, name):
    """A file's path in its repository: below the SAE's folder; "" is the path itself, "/x" lies at the top."""
    return path if name == "" else name[1:] if name.startswith("/") else f"{path}/{name}"


def record(name, loader, repository, path, files, known):
    written = {}
    for file, write in files.items():
        target = disk / repository / place(path, file)
        target.parent.mkdir(parents=True, exist_ok=True)
        write(target)
        written[place(path, file)] = base64.b64encode(target.read_bytes()).decode()
    scale = known.pop("scale", None)
    get_pretrained_saes_directory()[name] = PretrainedSAELookup(
        release=name, repo_id=repository, model="", conversion_func=loader, saes_map={"it": path}, expected_var_explained={}, expected_l0={},
        neuronpedia_id={}, norm_scaling_factor={} if scale is None else {"it": scale}, config_overrides=known,
    )
    sae, config, _ = SAE.from_pretrained_with_cfg_and_sparsity(name, "it")
    with torch.no_grad():
        x = X.reshape(ROWS, 2, D_IN // 2) if sae.cfg.reshape_activations == "hook_z" else X
        codes, out = sae.encode(x), sae(x)
    for file in (disk / repository).rglob("*"):
        if file.is_file():
            file.unlink()
    return {
        "name": name, "loader": loader, "repository": repository, "path": path, "files": written, "inputScale": scale,
        "config": {**{key: value for key, value in config.items() if key != "metadata"}, "reshape_activations": sae.cfg.reshape_activations},
        "metadata": {key: config["metadata"].get(key) for key in ("model_name", "hook_name", "hook_name_out", "context_size", "prepend_bos", "dataset_path")},
        "codes": numbers(codes), "out": numbers(out),
    }


cases = [record(*case) for case in CASES]
document = {"recordedWith": f"sae-lens {__import__('sae_lens').__version__}, torch {torch.__version__}", "dIn": D_IN, "dSae": D_SAE, "rows": ROWS, "x": numbers(X), "cases": cases}
path = pathlib.Path(__file__).parent.parent / "src/fixtures/published-layouts.json"
lines = ",\n".join(f" {json.dumps(key)}: " + ("[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]" if key == "cases" else json.dumps(value)) for key, value in document.items())
path.write_text("{\n" + lines + "\n}\n")
print(f"wrote {path}, {path.stat().st_size} bytes")
for case in cases:
    print(case["name"], case["config"], case["metadata"], sum(value > 0 for value in case["codes"]))
