"""Writes fixtures/tokenizers: tokenizer files that others made, and what their own programs make of texts.

pip install transformers==5.24.0 tokenizers==0.23.3 sentencepiece==0.2.3
python packages/model/scripts/make-tokenizer-golden.py GPT2_VOCAB_BPE

GPT2_VOCAB_BPE is vocab.bpe of openai/gpt-2 (MIT, sha256 1ce16647…); its encoder.json is the 256 bytes, the merges and
<|endoftext|> in this order. The sentencepiece models are trained here on the bundled stories.
Offsets are in code points, as Python counts.
"""

import gzip
import hashlib
import io
import json
import pathlib
import sys
import tempfile

import sentencepiece
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import GPT2Tokenizer, GPTNeoXTokenizer, Qwen2Tokenizer

PACKAGES = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = PACKAGES / "model" / "fixtures" / "tokenizers"
STORIES = (PACKAGES / "sample-data" / "data" / "text" / "tinystories-train-a.txt").read_text("utf-8")

TEXTS = [
    "", " ", "\n", "Hello, world!", " Hello world", "two  spaces   three", "\n\n\tdef f(x):\r\n        return x**2  \n",
    "I'm sure we'll, they'VE, don't; rock'n'roll's", "naïve café — “quoted” ‘text’…", "日本語のテキスト、 한국어 텍스트", "👩‍🚀🎈 🇨🇭 🙂🙃",
    "1234567890 3.14159 1,000,000 ½ ⅷ", "e\u0301 u\u0308 \u212b \u1112\u1161\u11ab a\u0323\u0301", "a<|endoftext|>b <|endoftext|> <|padding|>c",
    "\ufeffbom \u0085next\u00a0no-break\u2003em\u200bzero", "ЁЖИК в тумане", "\u0000\u0001\u007f", "x" * 300 + " " * 80 + "y", "مرحبا بالعالم שלום",
    "<s>Once</s> <unk> <0x0A> ▁mark ", "snake_case camelCase kebab-case https://example.org/?q=1&r=%20", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𒀀",
]


def byte_symbols():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(len(others))]


def cases_of(encode, texts=TEXTS):
    return [{"text": text, **encode(text)} for text in texts]


def fast_cases(tokenizer):
    def encode(text):
        encoding = tokenizer.encode(text, add_special_tokens=False)
        return {"ids": encoding.ids, "offsets": [list(pair) for pair in encoding.offsets]}

    return cases_of(encode)


def fold(ids):
    return {"count": len(ids), "sha256": hashlib.sha256(b"".join(i.to_bytes(4, "little") for i in ids)).hexdigest()}


def gpt2_family(path):
    raw = pathlib.Path(path).read_bytes()
    lines = [line for line in raw.decode("utf-8").split("\n")[1:] if line]
    tokens = byte_symbols() + [line.replace(" ", "") for line in lines] + ["<|endoftext|>"]
    vocab = {token: i for i, token in enumerate(tokens)}
    with gzip.GzipFile(FIXTURES / "gpt2-vocab.bpe.gz", "wb", compresslevel=9, mtime=0) as file:
        file.write(raw)
    merges = [tuple(line.split(" ")) for line in lines]
    golden = {}
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "vocab.json").write_text(json.dumps(vocab), "utf-8")
        (pathlib.Path(folder) / "merges.txt").write_bytes(raw)
        slow = GPT2Tokenizer.from_pretrained(folder)
    golden["gpt2"] = fast_cases(slow.backend_tokenizer)
    golden["gpt2-stories"] = fold(slow(STORIES[:400_000], add_special_tokens=False).input_ids)
    golden["gpt-neox"] = fast_cases(GPTNeoXTokenizer(vocab={**vocab, "<|padding|>": len(vocab)}, merges=merges).backend_tokenizer)
    golden["qwen2"] = fast_cases(Qwen2Tokenizer(vocab=vocab, merges=merges).backend_tokenizer)
    golden["llama3"] = fast_cases(llama3(vocab, merges))
    return golden


LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def llama3(vocab, merges):
    """The shape of Llama 3's tokenizer.json, over GPT-2's merges: whole words of the vocabulary need no merges."""
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", special=True)])
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", vocab["<|endoftext|>"])]),
        ]
    )
    return tokenizer


def sentencepiece_family():
    golden = {}
    for name, options in {
        # As Llama 2's: a space in front of the text, nothing else changed.
        "sentencepiece-llama": {"add_dummy_prefix": True},
        # As Gemma's: no space in front, runs of spaces are pieces.
        "sentencepiece-gemma": {"add_dummy_prefix": False, "user_defined_symbols": ["<mask>"]},
    }.items():
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(STORIES[:300_000].split("\n")), model_writer=model, model_type="bpe", vocab_size=800,
            byte_fallback=True, split_digits=True, allow_whitespace_only_pieces=True, remove_extra_whitespaces=False,
            normalization_rule_name="identity", character_coverage=0.9995, num_threads=1, minloglevel=2, **options,
        )
        (FIXTURES / f"{name}.model").write_bytes(model.getvalue())
        processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
        # sentencepiece reads "<s>" in a text as three signs; transformers and we, as the token.
        texts = [text for text in TEXTS if "<s>" not in text]
        golden[name] = cases_of(lambda text: {"ids": processor.encode(text)}, texts)
        golden[f"{name}-stories"] = fold(processor.encode(STORIES[:400_000]))
    return golden


FIXTURES.mkdir(exist_ok=True)
golden = {
    "madeBy": f"transformers {transformers.__version__}, sentencepiece {sentencepiece.__version__}",
    **gpt2_family(sys.argv[1]),
    **sentencepiece_family(),
}
(FIXTURES / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", "utf-8")
