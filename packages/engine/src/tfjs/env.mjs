// What TensorFlow reads from the environment when it loads. What is set already stays.
// @ts-check

const defaults = {
  TF_CPP_MIN_LOG_LEVEL: '2', // errors only
  TF_FORCE_GPU_ALLOW_GROWTH: 'true', // it would take the whole memory of the card, which other workers share
  NVIDIA_TF32_OVERRIDE: '0', // float32 is float32: tensor cores would round products to 10 bits
};

/** Works only in a thread that shares its environment with the process (SHARE_ENV): native code reads the real one. */
export function setTensorflowDefaults() {
  for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;
}
