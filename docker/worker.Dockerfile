FROM node:22-bookworm-slim
WORKDIR /app
COPY . .
RUN docker/install.sh
RUN mkdir -p /data && chown node /data
USER node
CMD ["docker/start-worker.sh", "train-sae"]
