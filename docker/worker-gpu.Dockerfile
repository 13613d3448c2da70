# A worker on an NVIDIA card. The host needs NVIDIA's driver and container toolkit; nothing here was run on a card yet.
FROM node:22-bookworm-slim AS node

# TensorFlow 2.9 looks for CUDA 11 and cuDNN 8.
FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04
COPY --from=node /usr/local/ /usr/local/
WORKDIR /app
COPY . .
RUN docker/install.sh
# Beside the data folder, which is a volume.
ENV MONOSEMA_ENGINES=/opt/monosema/engines
RUN docker/install-gpu.sh
RUN mkdir -p /data && chown 1000:1000 /data
USER 1000:1000
CMD ["docker/start-worker.sh", "train-sae"]
